using System.Text;
using EntityImport.Bench.Compare.Scenarios;
using Sylvan.Data.Csv;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>Sylvan.Data.Csv over bytes in memory; it reads text, so they are decoded on the way.</summary>
internal sealed class SylvanTokenizing(string name, string title) : Tokenizing(name, title)
{
    private byte[] _file = [];

    protected override void Load(string path) => _file = File.ReadAllBytes(path);

    protected override async Task<TokenizingPass> PassAsync(string path)
    {
        using var text = new StreamReader(new MemoryStream(_file), Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
        await using var reader = CsvDataReader.Create(text, new CsvDataReaderOptions { HasHeaders = false, Delimiter = ',', BufferSize = 1 << 16 });
        var (records, fields, length) = (0L, 0L, 0L);
        while (reader.Read())
        {
            records++;
            for (var column = 0; column < reader.RowFieldCount; column++) length += reader.GetFieldSpan(column).Length;
            fields += reader.RowFieldCount;
        }

        // Its texts are UTF-16: their length says only that they were looked at.
        return length > 0 ? new TokenizingPass(records, fields) : throw new InvalidOperationException("All fields are empty.");
    }
}
