using System.Text;
using EntityImport.Csv;
using EntityImport.Files;
using EntityImport.Inputs.Csv;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

/// <summary>No file makes reading take longer than in proportion to its size. Work is counted in bytes looked at, not timed.</summary>
public sealed class LinearWorkTests
{
    /// <summary>How often each byte may be looked at: in its own record, as part of a broken one, on its trail, in a buffer that was too short.</summary>
    private const int Passes = 8;

    private const int Size = 1_000_000;

    /// <summary>Limits at which quadratic work would be hundreds of times the size of the file, and yet end.</summary>
    private static readonly CsvLimits Limits = new(RecordBytes: 8 << 10, PartBytes: 32 << 10, BufferBytes: 2 << 10);

    private static readonly Dictionary<string, (string Once, string Again)> Files = new()
    {
        ["sound records"] = ("a,b\n", "\"x\",\"y\"\n"),
        ["a line that leaves a quote open however it begins"] = ("", "x\",\"\n"),
        ["the same with CR"] = ("", "x\",\"\r"),
        ["the same with doubled quotes and CR LF"] = ("", "x\"\"\",\"\"\"\r\n"),
        ["a line that turns quotes inside out"] = ("", "x\",\"y\"\n"),
        ["lines that begin with an unclosed quote"] = ("", "\"x\n"),
        ["every other line begins with an unclosed quote"] = ("", "\"x\ny\n"),
        ["lone quotes"] = ("", "\"\n"),
        ["three quotes"] = ("", "\"\"\"\n"),
        ["open quotes and closed ones in turn"] = ("", "\"x\n\"y\",\"z\nx\",\"\n"),
        ["a quote at the beginning that never closes"] = ("\"", "a,b\n"),
        ["a quote at the beginning that never closes, and broken ones"] = ("\"", "\"\"a\n\"\"\n"),
        ["rare quotes"] = ("", "\"" + string.Concat(Enumerable.Repeat("a,b\n", 1_200))),
        ["rare lines that leave a quote open"] = ("", "\",\"" + string.Concat(Enumerable.Repeat("a,b\n", 3_000))),
        ["one line without end"] = ("", "a,"),
        ["one quoted line without end"] = ("\"", "a,"),
        ["one line of quotes"] = ("a", "\""),
        ["one line of quoted fields"] = ("", "\"\","),
        ["lines over the limit"] = ("", new string('x', 12_000) + "\n"),
        ["lines at the limit"] = ("", new string('x', 8 << 10) + "\n"),
        ["lines just below the limit, quoted"] = ("", "\"" + new string('x', (8 << 10) - 3) + "\"\n"),
        ["quoted lines over the limit"] = ("", "\"" + new string('x', 9_000) + "\",\"\n"),
        ["long and short lines"] = ("", new string('x', 7_500) + "\na\n"),
        ["quotes behind spaces and text"] = ("", new string(' ', 4_000) + "x" + new string('"', 4_000) + "\n"),
        ["spaces behind quotes"] = ("", "\"x\"" + new string(' ', 7_500) + "y\n"),
        ["spaces behind open quotes"] = ("", "\"x\n\"" + new string(' ', 1_000) + "y,\"\n"),
        ["blank lines"] = ("a,b\n", "\n"),
        ["blank lines before the header"] = ("", "\r\n"),
        ["lines of spaces"] = ("", new string(' ', 1_000) + "\n"),
        ["a broken header, and on"] = ("\"a", "\n\"b"),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Indexing_is_linear(string name)
    {
        var bytes = Bytes(name);
        foreach (var multiline in new[] { true, false })
            foreach (var piece in new[] { 700, bytes.Length })
                Assert.InRange(Index(bytes, new FileLayout(HasHeader: true, MultilineFields: multiline), Limits, piece).Work, 0, (long)Passes * bytes.Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Skipping_lines_is_linear(string name)
    {
        var bytes = Bytes(name);
        Assert.InRange(Index(bytes, new FileLayout(SkipLines: 1_000), Limits, 700).Work, 0, (long)Passes * bytes.Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Reading_by_parts_is_linear(string name)
    {
        var bytes = Bytes(name);
        var (index, _) = Index(bytes, new FileLayout(HasHeader: false, ColumnCount: 2), Limits, bytes.Length);
        using var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose);
        RandomAccess.Write(file.SafeFileHandle, bytes, 0);
        var reader = new PartReader(new CsvInput(new LocalFile(file), index, FileEncoding.Utf8, hasByteOrderMark: false), Limits);
        var records = 0L;
        foreach (var part in index.Parts)
        {
            reader.Open(part);
            while (reader.Read()) records += reader.Batch.Count;
        }

        Assert.Equal(index.RecordCount, records);
        Assert.InRange(reader.BytesExamined, 0, (long)Passes * bytes.Length);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("x\n\"")]
    public void Records_near_the_largest_size_are_indexed_in_linear_time(string end)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 900_000) + end, 20)));

        Assert.InRange(Index(bytes, new FileLayout(), CsvLimits.Standard, 128 << 10).Work, 0, (long)Passes * bytes.Length);
    }

    [Fact]
    public void An_escape_that_keeps_all_quotes_open_costs_linear_work()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("\\\",\"\n", Size / 5)));

        Assert.InRange(Index(bytes, new FileLayout(Escape: '\\'), Limits, 700).Work, 0, (long)Passes * bytes.Length);
    }

    private static byte[] Bytes(string name)
    {
        var (once, again) = Files[name];
        return Encoding.UTF8.GetBytes(once + string.Concat(Enumerable.Repeat(again, Size / again.Length)));
    }

    private static (RecordIndex Index, long Work) Index(byte[] bytes, FileLayout layout, CsvLimits limits, int piece)
    {
        var builder = new RecordIndexBuilder(layout, long.MaxValue, limits);
        for (var at = 0; at < bytes.Length; at += piece) builder.Append(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
        var index = builder.Complete();
        return (index, builder.BytesHandled);
    }
}
