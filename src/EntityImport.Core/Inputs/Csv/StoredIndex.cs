using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;
using EntityImport.Csv;

namespace EntityImport.Inputs.Csv;

/// <summary>An index as it is kept.</summary>
/// <param name="Index">The index.</param>
/// <param name="Checksum">XxHash3 (64 bits) of its JSON: what is not as it was written is not used.</param>
internal sealed record StoredIndex(RecordIndex? Index, ulong Checksum)
{
    /// <summary>The bytes to keep.</summary>
    public static byte[] Write(RecordIndex index) => JsonSerializer.SerializeToUtf8Bytes(new StoredIndex(index, ChecksumOf(index)), StoredIndexJson.Default.StoredIndex);

    /// <summary>
    /// The index that was kept; null where there is none, because the file's encoding is not UTF-8, or none that can be trusted: one that is damaged, or that an earlier
    /// version wrote, is as good as none, since it can be made again from the file.
    /// </summary>
    /// <param name="bytes">The bytes that were kept; null where there are none.</param>
    /// <param name="size">Size of the file in bytes.</param>
    public static RecordIndex? Read(byte[]? bytes, long size)
    {
        if (bytes is null) return null;
        try
        {
            return JsonSerializer.Deserialize(bytes, StoredIndexJson.Default.StoredIndex) is { Index: { } index, Checksum: var checksum } && checksum == ChecksumOf(index) && index.Size == size
                ? index
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ulong ChecksumOf(RecordIndex index) => XxHash3.HashToUInt64(JsonSerializer.SerializeToUtf8Bytes(index, StoredIndexJson.Default.RecordIndex));
}

/// <summary>How an index is written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(StoredIndex))]
[JsonSerializable(typeof(RecordIndex))]
internal sealed partial class StoredIndexJson : JsonSerializerContext;
