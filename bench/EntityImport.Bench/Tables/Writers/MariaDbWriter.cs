using System.Globalization;
using System.Text;
using EntityImport.Bench.Compare.Peers;

namespace EntityImport.Bench.Tables.Writers;

/// <summary>MariaDB's <c>SELECT … INTO OUTFILE</c>, by a server without network on data of its own.</summary>
internal sealed class MariaDbWriter : TableWriter
{
    private static readonly SqlText Sql = new(
        kind => kind switch
        {
            Kind.Count => "BIGINT",
            Kind.Amount => "DECIMAL(18,2)",
            Kind.Day => "DATE",
            Kind.Time => "DATETIME",
            Kind.Flag => "BOOLEAN",
            _ => "TEXT",
        },
        '`',
        text => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));

    public override string Name => "MariaDB INTO OUTFILE";

    public override string? FindObstacle() => Tool.FindObstacle("mariadbd") ?? Tool.FindObstacle("mariadb-install-db") ?? DatabaseUser.FindObstacle("mysql");

    public override async Task<IReadOnlyList<WrittenTable>> WriteAsync(IReadOnlyList<Table> tables, string folder, CancellationToken cancellationToken)
    {
        var data = Path.Combine(folder, "data");
        DatabaseUser.Own("mysql", folder);
        await DatabaseUser.RunAsync("mysql", "mariadb-install-db", ["--no-defaults", $"--datadir={data}", "--skip-test-db", "--auth-root-authentication-method=normal"], "");
        var sql = new StringBuilder("CREATE DATABASE d CHARACTER SET utf8mb4;\nUSE d;\nSET NAMES utf8mb4;\n");
        foreach (var table in tables)
        {
            // The header is a row of texts, and the rows follow it.
            var names = string.Join(", ", table.Columns.Select(column => Sql.Text(column.Name)));
            var columns = string.Join(", ", table.Columns.Select(Sql.Name));
            sql.Append(Sql.Create(table)).Append(CultureInfo.InvariantCulture, $"SELECT {names} UNION ALL SELECT {columns} FROM {table.Name} INTO OUTFILE {Sql.Text(PathOf(folder, table))} ");
            sql.Append("CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' LINES TERMINATED BY '\\n';\n");
        }

        // In bootstrap mode each statement is a line.
        await DatabaseUser.RunAsync("mysql", "mariadbd", ["--no-defaults", $"--datadir={data}", "--bootstrap", "--secure-file-priv=", "--character-set-server=utf8mb4"], sql.ToString().Replace(",\n", ", ", StringComparison.Ordinal));
        return [.. tables.Select(table => new WrittenTable(File.ReadAllBytes(PathOf(folder, table)), [.. table.Rows.Select(row => row.Select(Text).ToArray())]))];
    }

    private static string PathOf(string folder, Table table) => Path.Combine(folder, table.Name + ".csv");

    private static string Text(object? value) => value switch
    {
        null => "\\N",
        bool flag => flag ? "1" : "0",
        decimal amount => amount.ToString("0.00", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
