using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Scenarios;
using Npgsql;
using NpgsqlTypes;
using Sylvan.Data.Csv;

namespace EntityImport.Bench.Compare.Peers;

/// <summary>A plain program: Sylvan.Data.Csv reads typed values, and Npgsql's <c>NpgsqlBinaryImporter</c> writes them, row by row.</summary>
internal sealed class BinaryImport(string name, string group, string title, DataVariant input) : PostgresPeer(name, group, title, input)
{
    protected override async Task LoadAsync(PostgresDatabase database, string file, string directory)
    {
        await using var source = NpgsqlDataSource.Create(database.Connection);
        await using var connection = await source.OpenConnectionAsync();
        await using var reader = CsvDataReader.Create(file, new CsvDataReaderOptions { Delimiter = ',' });
        // Waiting costs nothing here that a program with nothing else to do would save: no call is asynchronous.
        using var importer = connection.BeginBinaryImport($"COPY {Table} FROM STDIN (FORMAT BINARY)");
        while (reader.Read())
        {
            importer.StartRow();
            for (var text = 0; text < 3; text++) importer.Write(reader.GetString(text), NpgsqlDbType.Varchar);
            importer.Write(reader.GetDecimal(3), NpgsqlDbType.Numeric);
            importer.Write(reader.GetDecimal(4), NpgsqlDbType.Numeric);
            if (reader.GetFieldSpan(5).IsEmpty) importer.WriteNull();
            else importer.Write(reader.GetInt64(5), NpgsqlDbType.Bigint);
            importer.Write(reader.GetDecimal(6), NpgsqlDbType.Numeric);
            importer.Write(reader.GetDate(7), NpgsqlDbType.Date);
            importer.Write(reader.GetDateTime(8), NpgsqlDbType.Timestamp);
        }

        importer.Complete();
    }
}
