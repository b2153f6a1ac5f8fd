using System.Globalization;
using System.Text;

namespace EntityImport.Bench.Tables.Writers;

/// <summary>PostgreSQL's <c>COPY … TO … (FORMAT csv, HEADER)</c>, by a single-user backend on a cluster of its own.</summary>
internal sealed class PostgresWriter : TableWriter
{
    private static readonly SqlText Sql = new(
        kind => kind switch
        {
            Kind.Count => "bigint",
            Kind.Amount => "numeric(18,2)",
            Kind.Day => "date",
            Kind.Time => "timestamptz",
            Kind.Flag => "boolean",
            _ => "text",
        },
        '"',
        text => text.Replace("'", "''", StringComparison.Ordinal));

    public override string Name => "PostgreSQL COPY";

    public override string? FindObstacle() => Programs() is null ? "PostgreSQL's initdb and postgres are not installed" : DatabaseUser.FindObstacle("postgres");

    public override async Task<IReadOnlyList<WrittenTable>> WriteAsync(IReadOnlyList<Table> tables, string folder, CancellationToken cancellationToken)
    {
        var programs = Programs()!;
        var cluster = Path.Combine(folder, "cluster");
        DatabaseUser.Own("postgres", folder);
        await DatabaseUser.RunAsync("postgres", Path.Combine(programs, "initdb"), ["-D", cluster, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-N"], "");
        var sql = new StringBuilder("SET timezone = 'UTC';\n");
        foreach (var table in tables) sql.Append(Sql.Create(table)).Append(CultureInfo.InvariantCulture, $"COPY {table.Name} TO {Sql.Text(PathOf(folder, table))} (FORMAT csv, HEADER);\n");
        // The backend ends a statement with an empty line only where it is told to, so that texts with line ends are whole.
        await DatabaseUser.RunAsync("postgres", Path.Combine(programs, "postgres"), ["--single", "-j", "-D", cluster, "template1"], sql.ToString().Replace(";\n", ";\n\n", StringComparison.Ordinal));
        return [.. tables.Select(table => new WrittenTable(File.ReadAllBytes(PathOf(folder, table)), [.. table.Rows.Select(row => row.Select(Text).ToArray())]))];
    }

    private static string PathOf(string folder, Table table) => Path.Combine(folder, table.Name + ".csv");

    /// <summary>Where the newest version's programs are.</summary>
    private static string? Programs() => !Directory.Exists("/usr/lib/postgresql") ? null
        : Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault();

    private static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "t" : "f",
        decimal amount => amount.ToString("0.00", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + "+00",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
