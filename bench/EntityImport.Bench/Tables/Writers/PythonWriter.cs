using System.Globalization;
using System.Text.Json;
using EntityImport.Bench.Compare.Peers;

namespace EntityImport.Bench.Tables.Writers;

/// <summary>Python's csv module, with the values as its own types.</summary>
internal sealed class PythonWriter : TableWriter
{
    private const string Program = "python3";

    private const string Script = """
        import csv, json, sys, datetime, decimal
        def value(cell):
            if cell is None: return None
            kind, text = cell
            if kind == 'i': return int(text)
            if kind == 'd': return decimal.Decimal(text)
            if kind == 'b': return text == '1'
            if kind == 'day': return datetime.date.fromisoformat(text)
            if kind == 'time': return datetime.datetime.fromisoformat(text)
            return text
        for path in json.load(sys.stdin):
            table = json.load(open(path, encoding='utf-8'))
            with open(path + '.csv', 'w', newline='', encoding='utf-8') as file:
                writer = csv.writer(file)
                writer.writerow(table['header'])
                for row in table['rows']: writer.writerow([value(cell) for cell in row])
        """;

    public override string Name => "Python csv";

    public override string? FindObstacle() => Tool.FindObstacle(Program);

    public override async Task<IReadOnlyList<WrittenTable>> WriteAsync(IReadOnlyList<Table> tables, string folder, CancellationToken cancellationToken)
    {
        string[] paths = [.. tables.Select(table => Path.Combine(folder, table.Name + ".json"))];
        foreach (var (table, path) in tables.Zip(paths))
        {
            var document = new { header = table.Columns.Select(column => column.Name), rows = table.Rows.Select(row => row.Select(Cell)) };
            await File.WriteAllTextAsync(path, JsonSerializer.Serialize(document), cancellationToken);
        }

        await Tool.RunAsync(Program, ["-c", Script], JsonSerializer.Serialize(paths));
        return [.. tables.Zip(paths, (table, path) => new WrittenTable(File.ReadAllBytes(path + ".csv"), [.. table.Rows.Select(row => row.Select(Text).ToArray())]))];
    }

    private static string[]? Cell(object? value) => value switch
    {
        null => null,
        long count => ["i", count.ToString(CultureInfo.InvariantCulture)],
        decimal amount => ["d", amount.ToString(CultureInfo.InvariantCulture)],
        bool flag => ["b", flag ? "1" : "0"],
        DateOnly day => ["day", Text(day)],
        DateTime time => ["time", Text(time)],
        _ => ["s", (string)value],
    };

    private static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "True" : "False",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + "+00:00",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
