using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;
using Npgsql;

namespace EntityImport.Bench.Compare.Peers;

/// <summary><c>psql</c> with <c>\copy</c> and what statements go with it.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="group">The name of the group that it belongs to.</param>
/// <param name="title">What it does, for the table.</param>
/// <param name="input">The file that it reads.</param>
/// <param name="statements">The statements for a file.</param>
internal sealed class PsqlLoad(string name, string group, string title, DataVariant input, Func<string, IEnumerable<string>> statements) : PostgresPeer(name, group, title, input)
{
    public const string Program = "psql";

    private const string Staging = "staging";

    public override string? FindObstacle(DataSet data) => Tool.FindObstacle(Program);

    /// <summary>Into the table as it is.</summary>
    public static IEnumerable<string> Insert(string file) => [Copy(Table, file)];

    /// <summary>Into an unlogged table, and from there onto the rows.</summary>
    public static IEnumerable<string> Upsert(string file) =>
    [
        $"CREATE UNLOGGED TABLE {Staging} ({ProductTable.Definition})",
        Copy(Staging, file),
        $"INSERT INTO {Table} SELECT * FROM {Staging} ON CONFLICT (sku) DO UPDATE SET {string.Join(", ", ProductTable.OtherColumns.Select(column => $"{column} = excluded.{column}"))}",
        $"DROP TABLE {Staging}",
    ];

    /// <summary>In place of the rows, in one transaction.</summary>
    public static IEnumerable<string> Replace(string file) => ["BEGIN", $"TRUNCATE {Table}", Copy(Table, file), "COMMIT"];

    /// <summary>The statement that copies a file into a table.</summary>
    public static string Copy(string table, string file) => $"\\copy {table} FROM '{file.Replace("'", "''", StringComparison.Ordinal)}' WITH (FORMAT csv, HEADER true)";

    /// <summary>Runs statements in one session, each in a transaction of its own unless they say otherwise.</summary>
    public static Task RunAsync(PostgresDatabase database, IEnumerable<string> statements) => Tool.RunAsync(
        Program, ["-X", "-q", "-v", "ON_ERROR_STOP=1", .. statements.SelectMany(sql => (string[])["-c", sql])], environment: EnvironmentOf(database.Connection));

    /// <summary>The memory of a small child is not known.</summary>
    public override async Task<Measurement> MeasureAsync(DataSet data, string directory) => await base.MeasureAsync(data, directory) with { PeakBytes = null };

    protected override Task LoadAsync(PostgresDatabase database, string file, string directory) => RunAsync(database, statements(file));

    /// <summary>The connection as <c>libpq</c> reads it; other users of the machine do not see it there.</summary>
    private static Dictionary<string, string?> EnvironmentOf(NpgsqlConnectionStringBuilder connection)
    {
        var variables = new Dictionary<string, string?>
        {
            ["PGHOST"] = connection.Host,
            ["PGPORT"] = FormattableString.Invariant($"{connection.Port}"),
            ["PGDATABASE"] = connection.Database,
            ["PGSSLMODE"] = connection.SslMode switch { SslMode.VerifyCA => "verify-ca", SslMode.VerifyFull => "verify-full", var mode => mode.ToString().ToLowerInvariant() },
        };
        if (connection.Username is { } user) variables["PGUSER"] = user;
        if (connection.Password is { } password) variables["PGPASSWORD"] = password;
        if (connection.Passfile is { } passfile) variables["PGPASSFILE"] = passfile;
        if (connection.RootCertificate is { } root) variables["PGSSLROOTCERT"] = root;
        return variables;
    }
}
