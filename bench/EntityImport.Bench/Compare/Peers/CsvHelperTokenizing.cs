using CsvHelper;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>CsvHelper over bytes in memory.</summary>
internal sealed class CsvHelperTokenizing(string name, string title) : Tokenizing(name, title)
{
    private byte[] _file = [];

    protected override void Load(string path) => _file = File.ReadAllBytes(path);

    protected override Task<TokenizingPass> PassAsync(string path)
    {
        using var reader = CsvReader.Create(_file, new CsvReaderOptions { HasHeader = false, Separator = ',' });
        var (records, fields, length) = (0L, 0L, 0L);
        while (reader.Read())
        {
            records++;
            var count = reader.FieldCount;
            for (var column = 0; column < count; column++) length += reader.GetSpan(column).Length;
            fields += count;
        }

        return Task.FromResult(new TokenizingPass(records, fields, length));
    }
}
