using System.Globalization;
using DuckDB.NET.Data;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>A DuckDB file of its own with DuckDB's default settings, but the number of threads that an import has.</summary>
internal sealed class DuckDbFile : IDisposable
{
    private readonly DuckDBConnection _connection;

    public DuckDbFile(string path, int threads)
    {
        _connection = new DuckDBConnection($"DataSource={path}");
        _connection.Open();
        Execute(string.Create(CultureInfo.InvariantCulture, $"SET threads = {threads}"));
    }

    /// <summary>The version of DuckDB.</summary>
    public string Version => _connection.ServerVersion;

    /// <summary>A file's path in a folder.</summary>
    public static string PathIn(string directory) => Path.Combine(directory, "products.duckdb");

    /// <summary>A quoted text.</summary>
    public static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public long Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    public long Count(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>Closes the last connection, on which DuckDB checkpoints and closes the file.</summary>
    public void Dispose() => _connection.Dispose();
}
