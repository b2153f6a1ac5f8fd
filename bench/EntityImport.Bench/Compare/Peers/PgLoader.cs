using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Scenarios;
using Npgsql;

namespace EntityImport.Bench.Compare.Peers;

/// <summary><c>pgloader</c> with its default settings.</summary>
internal sealed class PgLoader(string name, string group, string title, DataVariant input) : PostgresPeer(name, group, title, input)
{
    public const string Program = "pgloader";

    public override string? FindObstacle(DataSet data) => Tool.FindObstacle(Program);

    protected override async Task LoadAsync(PostgresDatabase database, string file, string directory)
    {
        var columns = string.Join(", ", ProductTable.Columns.Select(column => column.Name == "stock" ? "stock [null if blanks]" : column.Name));
        var script = Path.Combine(directory, "products.load");
        await File.WriteAllTextAsync(
            script,
            $"""
            LOAD CSV FROM '{file}' ({columns})
            INTO {AddressOf(database.Connection)}
            TARGET TABLE public.{Table}
            WITH skip header = 1, fields terminated by ',', fields optionally enclosed by '"', fields escaped by double-quote;
            """);
        await Tool.RunAsync(Program, ["--on-error-stop", script]);
    }

    private static string AddressOf(NpgsqlConnectionStringBuilder connection)
    {
        var host = connection.Host!.StartsWith('/') ? $"unix:{connection.Host}" : connection.Host;
        var user = connection.Username is { } name ? Uri.EscapeDataString(name) + (connection.Password is { } password ? $":{Uri.EscapeDataString(password)}" : "") + "@" : "";
        return FormattableString.Invariant($"postgresql://{user}{host}:{connection.Port}/{connection.Database}{(connection.SslMode >= SslMode.Require ? "?sslmode=require" : "")}");
    }
}
