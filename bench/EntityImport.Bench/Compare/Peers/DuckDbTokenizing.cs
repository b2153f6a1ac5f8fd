using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>
/// DuckDB counting the records of a file on one thread. It fails where a record has another number of fields, so their number is known; it need not
/// put their text anywhere.
/// </summary>
internal sealed class DuckDbTokenizing(string name, string title) : Tokenizing(name, title)
{
    protected override Task<TokenizingPass> PassAsync(string path)
    {
        using var file = new DuckDbFile(":memory:", threads: 1);
        var records = file.Count($"SELECT count(*) FROM {DuckDbSource.Texts(path)}") + 1;
        return Task.FromResult(new TokenizingPass(records, records * ProductTable.Columns.Count));
    }
}
