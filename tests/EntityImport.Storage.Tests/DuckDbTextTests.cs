using System.Runtime.InteropServices;
using EntityImport.DuckDb.Connections;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Texts in DuckDB's own form, wherever in memory they lie.</summary>
public sealed unsafe class DuckDbTextTests
{
    private const int PageBytes = 4096;

    [Fact]
    public void A_short_text_is_in_the_value_with_zeros_behind_it_and_a_long_one_is_pointed_at()
    {
        var memory = (byte*)NativeMemory.AlignedAlloc(2 * PageBytes, PageBytes);
        try
        {
            for (var i = 0; i < 2 * PageBytes; i++) memory[i] = (byte)(i * 31 + 1 | 1);
            for (var offset = PageBytes - 40; offset < PageBytes + 2; offset++)
            {
                for (var length = 0; length <= 30; length++)
                {
                    var text = memory + offset;
                    var value = DuckDbText.Point(text, length);

                    var bytes = new ReadOnlySpan<byte>(&value, sizeof(DuckDbText));
                    Assert.Equal(length, MemoryMarshal.Read<int>(bytes));
                    if (length <= 12)
                    {
                        Assert.Equal(new ReadOnlySpan<byte>(text, length).ToArray(), bytes.Slice(4, length).ToArray());
                        Assert.False(bytes[(4 + length)..].ContainsAnyExcept((byte)0));
                    }
                    else
                    {
                        Assert.Equal(new ReadOnlySpan<byte>(text, 4).ToArray(), bytes.Slice(4, 4).ToArray());
                        Assert.Equal((nint)text, MemoryMarshal.Read<nint>(bytes[8..]));
                    }
                }
            }

            var nothing = DuckDbText.Point(null, 0);
            Assert.False(new ReadOnlySpan<byte>(&nothing, sizeof(DuckDbText)).ContainsAnyExcept((byte)0));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }
}
