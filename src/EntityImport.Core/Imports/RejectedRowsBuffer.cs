using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntityImport.Storage;

namespace EntityImport.Imports;

/// <summary>The rejected rows of one thread on their way to the file, as <see cref="RejectedRowsFile"/> writes them. Reused, because a file may be bad from end to end; not thread-safe.</summary>
internal sealed class RejectedRowsBuffer : IDisposable
{
    private readonly MemoryStream _rows = new();

    // Nobody shows these documents in a page of HTML.
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>The rows; whoever takes them empties the stream.</summary>
    public MemoryStream Rows => _rows;

    /// <summary>Adds a row.</summary>
    public void Add(StoredRejectedRow row)
    {
        var start = (int)_rows.Length;
        _rows.Position = start + RejectedRowsFile.LengthBytes;
        _json.Reset(_rows);
        JsonSerializer.Serialize(_json, row, FileJson.Default.StoredRejectedRow);
        _json.Flush();
        BinaryPrimitives.WriteInt32LittleEndian(_rows.GetBuffer().AsSpan(start), (int)_rows.Position - start - RejectedRowsFile.LengthBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _rows.Dispose();
    }
}
