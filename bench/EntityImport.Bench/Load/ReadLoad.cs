using System.Globalization;
using System.Text;
using EntityImport.Bench.Compare.Results;

namespace EntityImport.Bench.Load;

/// <summary>Records read by their keys, one by one: keys that rise with the rows, as numbers and as texts, and texts in any order.</summary>
internal static class ReadLoad
{
    private const int Questions = 50_000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(2);

    private static readonly Kind[] Kinds =
    [
        new("numbers", "INTEGER", "≥ 2,000", row => row.ToString(CultureInfo.InvariantCulture), key => key),
        new("paddedTexts", "STRING", "≥ 2,000", row => string.Create(CultureInfo.InvariantCulture, $"SKU{row:D10}"), key => $"'{key}'"),
        new("randomTexts", "STRING", "≥ 600", row => ((ulong)(row + 1) * 0x9E37_79B9_7F4A_7C15).ToString("x16", CultureInfo.InvariantCulture), key => $"'{key}'"),
    ];

    /// <summary>Runs it.</summary>
    /// <returns>The table, and how many answers were not good.</returns>
    public static async Task<(string Table, long Failed)> RunAsync(LoadTarget target, int rows, int rounds, int connections, CancellationToken cancellationToken)
    {
        var results = Kinds.ToDictionary(kind => kind, _ => new List<(LoadResult Load, double Processor)>());
        using var load = new HttpLoad(target.Service, connections, target.Headers);
        foreach (var kind in Kinds)
        {
            await target.DeclareAsync(
                kind.Name,
                $$"""
                [{"systemName": "id", "dataType": "{{kind.Type}}", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"}, {"systemName": "price", "dataType": "DECIMAL", "precision": 18, "scale": 2}]
                """,
                cancellationToken);
            await target.ExpectImportedAsync(await target.ImportAsync(kind.Name, "INSERT", Csv(kind, rows), cancellationToken), rows, cancellationToken);
        }

        for (var round = 0; round <= rounds; round++)
        {
            foreach (var kind in Kinds)
            {
                var random = new Random(round);
                var asks = Enumerable.Range(0, Questions).Select(_ => Ask(load, kind, random.Next(rows))).ToList();
                var before = target.ProcessorMicroseconds;
                var result = load.Run(round == 0 ? WarmUp : Slice, asks);
                if (round > 0) results[kind].Add((result, (target.ProcessorMicroseconds - before) / result.Answers));
            }
        }

        var table = new TextTable(["records by their keys", "answers/s", "min–max", "wanted", "CPU µs each", "p99 ms", "failed"], [false, true, true, true, true, true, true]);
        foreach (var (kind, measured) in results)
        {
            var (slowest, fastest) = (measured.Min(result => result.Load.Rate), measured.Max(result => result.Load.Rate));
            table.Add(
                kind.Name,
                Text($"{Median(result => result.Load.Rate):N0}"),
                Text($"{slowest:N0}–{fastest:N0}"),
                kind.Wanted,
                Text($"{Median(result => result.Processor):N0}"),
                Text($"{Median(result => result.Load.Percentile99):0.0}"),
                Text($"{measured.Sum(result => result.Load.Failed)}"));

            double Median(Func<(LoadResult Load, double Processor), double> figure) => measured.Select(figure).Order().ElementAt(measured.Count / 2);
        }

        return (table.ToString(), results.Values.SelectMany(measured => measured).Sum(result => result.Load.Failed));
    }

    private static HttpLoad.Ask Ask(HttpLoad load, Kind kind, int row) =>
        load.Get($"/v1/LogicalEntityData/{kind.Name}?$filter={Uri.EscapeDataString($"id eq {kind.Literal(kind.Key(row))}")}", $"\"name\":\"Product {Name(row)}\"");

    private static MemoryStream Csv(Kind kind, int rows)
    {
        var text = new StringBuilder("id,name,price\n");
        for (var row = 0; row < rows; row++) text.Append(CultureInfo.InvariantCulture, $"{kind.Key(row)},Product {Name(row)},{row % 5000}.{row % 100:D2}\n");
        return new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Every row has a name of its own, so that an answer tells which record it is.</summary>
    private static string Name(int row) => row.ToString("x8", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private sealed record Kind(string Name, string Type, string Wanted, Func<int, string> Key, Func<string, string> Literal);
}
