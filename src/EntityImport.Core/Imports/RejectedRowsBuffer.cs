using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using EntityImport.Storage;

namespace EntityImport.Imports;

/// <summary>
/// Objects on their way to a <see cref="RejectedRowsFile"/>, each with its length in front. Reused, because a file may be bad from end to end; not
/// thread-safe.
/// </summary>
internal sealed class RejectedRowsBuffer : IDisposable
{
    private readonly MemoryStream _rows = new();

    // Nobody shows these documents in a page of HTML.
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>The objects; whoever takes them empties the stream.</summary>
    public MemoryStream Rows => _rows;

    /// <summary>Adds an object.</summary>
    public void Add<T>(T value)
    {
        var start = (int)_rows.Length;
        _rows.Position = start + RejectedRowsFile.LengthBytes;
        _json.Reset(_rows);
        JsonSerializer.Serialize(_json, value, FileJson.Default.Options);
        _json.Flush();
        BinaryPrimitives.WriteInt32LittleEndian(_rows.GetBuffer().AsSpan(start), (int)_rows.Position - start - RejectedRowsFile.LengthBytes);
    }

    /// <summary>Moves what was added to the end of a file.</summary>
    public void MoveTo(Stream file)
    {
        _rows.WriteTo(file);
        _rows.SetLength(0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _rows.Dispose();
    }
}
