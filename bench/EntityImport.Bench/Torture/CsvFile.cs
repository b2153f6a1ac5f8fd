using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EntityImport.Bench.Torture;

/// <summary>A file to import, and what is in it.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Bytes">The file.</param>
internal sealed record CsvFile(IReadOnlyList<FileRow> Rows, byte[] Bytes)
{
    public const string Header = "id,name,price,stock,day";

    private static readonly string[][] Faults =
        [["number.format"], ["key.null"], ["required.null"], ["required.null", "number.format"], ["record.fields"], [FileRow.Empty]];

    /// <summary>The SHA-256 in lower-case hexadecimal.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>Makes a file.</summary>
    /// <param name="random">What values are drawn from.</param>
    /// <param name="ids">The ids of its rows, in order.</param>
    /// <param name="bad">How many of a thousand rows must be rejected.</param>
    /// <param name="empty">How many of a hundred values that may be empty are.</param>
    /// <param name="hasKey">Whether the id is the key.</param>
    public static CsvFile Make(Random random, IReadOnlyList<long> ids, int bad, int empty, bool hasKey)
    {
        var text = new StringBuilder(Header).Append('\n');
        var rows = new List<FileRow>(ids.Count);
        var line = 2L;
        foreach (var id in ids)
        {
            var row = random.Next(1000) < bad ? BadRow(random, id, rows.Count + 1, line, hasKey) : GoodRow(random, id, rows.Count + 1, line, empty);
            rows.Add(row);
            text.Append(row.Text).Append('\n');
            line += 1 + row.Text.Count(c => c == '\n');
        }

        return new CsvFile(rows, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static FileRow GoodRow(Random random, long id, long number, long line, int empty)
    {
        var name = random.Next(100) switch
        {
            0 => $"Käse, \"{random.Next(1000)}\"",
            1 => $"two\nlines {random.Next(1000)}",
            _ => $"Item {random.Next(100_000)}",
        };
        var values = new Row(id, name, Maybe(random.Next(1_000_000) / 100m), Maybe((long)random.Next(10_000)), Day());
        var quoted = name.AsSpan().IndexOfAny(",\"\n") < 0 ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        return new FileRow(number, line, values, [], string.Create(CultureInfo.InvariantCulture, $"{id},{quoted},{values.Price},{values.Stock},{values.Day}"));

        T? Maybe<T>(T value) where T : struct => random.Next(100) < empty ? null : value;

        string? Day() => random.Next(100) < empty ? null : new DateOnly(2020, 1, 1).AddDays(random.Next(2000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private static FileRow BadRow(Random random, long id, long number, long line, bool hasKey)
    {
        var faults = Faults[random.Next(Faults.Length)];
        if (faults[0] == FileRow.Empty) return new FileRow(number, line, null, faults, ",,,,");
        var key = faults[0] == "key.null" ? "" : id.ToString(CultureInfo.InvariantCulture);
        var name = faults[0] == "required.null" ? "" : $"Bad {random.Next(1000)}";
        var price = faults[^1] == "number.format" ? "12x" : "1.50";
        var surplus = faults[0] == "record.fields" ? ",surplus" : "";
        if (faults[0] == "key.null" && !hasKey) faults = ["required.null"];
        return new FileRow(number, line, null, faults, $"{key},{name},{price},7,2024-02-29{surplus}");
    }
}
