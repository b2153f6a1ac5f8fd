using System.Globalization;
using DuckDB.NET.Data;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Core.Tests;
using EntityImport.Records;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Files from the world, checked against another reader of CSV: DuckDB's own, or a split at every comma where nothing is quoted.</summary>
public sealed class RealFileTests
{
    private static string Find(string path)
    {
        var file = SharedFiles.Find(Path.Combine("data", path));
        if (file is null) Assert.Skip($"The file data/{path} is not beside the repository.");
        return file;
    }

    private static string[] ReadWithDuckDb(string file, string select)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {select} FROM read_csv('{file}', header = true, delim = ',', quote = '\"', all_varchar = true, nullstr = 'NULL')";
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "∅" : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        return [.. rows];
    }

    [Fact]
    public async Task Northwind_orders_keep_nulls_and_timestamps_and_lose_no_row_to_commas_without_quotes()
    {
        var file = Find("northwind/orders.csv");
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("orders", """
            [{"systemName": "orderID", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "customerID", "dataType": "STRING", "length": 5},
             {"systemName": "orderDate", "dataType": "DATETIME"}, {"systemName": "shippedDate", "dataType": "DATETIME"},
             {"systemName": "freight", "dataType": "CURRENCY"}, {"systemName": "shipRegion", "dataType": "STRING"}]
            """);
        var import = await engine.ImportAsync("orders", await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), """
            {"nullValues": ["NULL"], "dateTimeFormat": "yyyy-MM-dd HH:mm:ss.SSS"}
            """);
        // Some addresses hold a comma without quotes, so that their rows have 15 fields.
        var lines = (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Skip(1).ToList();
        var rows = lines.Select(line => line.Split(',')).ToList();
        var good = rows.Where(row => row.Length == 14).ToList();
        Assert.Equal(new Ledger { Records = rows.Count, Inserted = good.Count, Rejected = rows.Count - good.Count }, import.Ledger);
        Assert.Equal(
            good.Select(row => $"{row[0]}|{row[1]}|{Instant(row[3])}|{Instant(row[5])}|{row[7]}00|{(row[11] == "NULL" ? "∅" : row[11])}"),
            await engine.RecordsAsync("orders"));
        var (rejected, _) = await engine.Import.RejectedRows.ReadAsync(Request.Anonymous, import, null, 1000, TestContext.Current.CancellationToken);
        Assert.Equal(lines.Where(line => line.Split(',').Length != 14), rejected.Select(row => row.Record));

        static string Instant(string text) => text == "NULL" ? "∅" : text.Replace(' ', 'T')[..19] + "Z";
    }

    [Fact]
    public async Task Northwind_order_details_have_a_composite_key()
    {
        var file = Find("northwind/order-details.csv");
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("detail", """
            [{"systemName": "orderID", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "productID", "dataType": "INTEGER", "primaryKey": true},
             {"systemName": "unitPrice", "dataType": "DECIMAL", "precision": 9, "scale": 2}, {"systemName": "quantity", "dataType": "INTEGER"},
             {"systemName": "discount", "dataType": "DOUBLE"}]
            """);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var import = await engine.ImportAsync("detail", bytes, """{"importMode": "INSERT"}""");
        Assert.Equal(new Ledger { Records = 2155, Inserted = 2155 }, import.Ledger);
        var again = await engine.ImportAsync("detail", bytes);
        Assert.Equal(new Ledger { Records = 2155, Unchanged = 2155 }, again.Ledger);
        Assert.Equal(
            ReadWithDuckDb(file, "orderID, productID, CAST(unitPrice AS DECIMAL(9,2))::VARCHAR, quantity, CAST(discount AS DOUBLE)::VARCHAR").Take(2000),
            await engine.RecordsAsync("detail"));
    }

    [Fact]
    public async Task Exchange_rates_go_in_row_by_row()
    {
        var file = Find("exchange-rates/monthly.csv");
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("rate", """
            [{"systemName": "day", "dataType": "DATE", "primaryKey": true}, {"systemName": "country", "dataType": "STRING", "primaryKey": true},
             {"systemName": "rate", "dataType": "DECIMAL", "precision": 20, "scale": 8}]
            """);
        var import = await engine.ImportAsync("rate", await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), """
            {"fields": [{"systemName": "day", "csvColumnName": "Date"}, {"systemName": "country", "csvColumnName": "Country"},
                        {"systemName": "rate", "csvColumnName": "Exchange rate"}]}
            """);
        var rows = long.Parse(ReadWithDuckDb(file, "count(*)")[0], CultureInfo.InvariantCulture);
        Assert.Equal(new Ledger { Records = rows, Inserted = rows }, import.Ledger);
    }

    [Fact]
    public async Task OpenFlights_routes_without_header_have_nulls_written_as_backslash_N()
    {
        var file = Find("openflights/routes.dat");
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("route", """
            [{"systemName": "airline", "dataType": "STRING"}, {"systemName": "airlineId", "dataType": "INTEGER"}, {"systemName": "stops", "dataType": "INTEGER"}]
            """);
        var import = await engine.ImportAsync("route", await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), """
            {"header": false, "columnCount": 9, "nullValues": ["\\N"], "fields": [
              {"systemName": "airline", "csvColumnName": "1"}, {"systemName": "airlineId", "csvColumnName": "2"}, {"systemName": "stops", "csvColumnName": "8"}]}
            """);
        var rows = (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Select(line => line.Split(',')).ToList();
        Assert.Equal(new Ledger { Records = rows.Count, Inserted = rows.Count }, import.Ledger);
        Assert.Equal(rows.Count(row => row[1] == "\\N"), await CountAsync(engine, "route", "airlineId"));
    }

    [Fact]
    public async Task OpenFlights_airlines_have_backslash_escapes()
    {
        var file = Find("openflights/airlines.dat");
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("airline", """
            [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "name", "dataType": "STRING"},
             {"systemName": "alias", "dataType": "STRING"}, {"systemName": "iata", "dataType": "STRING"}, {"systemName": "icao", "dataType": "STRING"},
             {"systemName": "active", "dataType": "BOOLEAN"}]
            """);
        var import = await engine.ImportAsync("airline", await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), """
            {"header": false, "columnCount": 8, "nullValues": ["\\N"], "escapeCharacter": "\\", "trueValues": ["Y", "y"], "falseValues": ["N", "n"], "fields": [
              {"systemName": "id", "csvColumnName": "1"}, {"systemName": "name", "csvColumnName": "2"}, {"systemName": "alias", "csvColumnName": "3"},
              {"systemName": "iata", "csvColumnName": "4"}, {"systemName": "icao", "csvColumnName": "5"}, {"systemName": "active", "csvColumnName": "8"}]}
            """);
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        Assert.Equal(new Ledger { Records = lines.Length, Inserted = lines.Length }, import.Ledger);
        var jayrow = await engine.RecordsAsync("airline", "id", "13394");
        Assert.Equal([@"13394|Jayrow|∅|\'|\'\|true"], jayrow);
    }

    private static async Task<long> CountAsync(Engine engine, string entity, string nullField)
    {
        var definition = (await engine.Import.Entities.FindAsync(Request.Anonymous, entity, TestContext.Current.CancellationToken))!;
        var field = new FieldOperand(definition.FindField(nullField)!);
        var page = await engine.Import.Records.ReadAsync(Request.Anonymous, new RecordQuery
        {
            Entity = definition,
            Select = definition.Fields,
            Filter = new Comparison(ComparisonOperator.Equal, field, new Constant(field.Field.DataType, null)),
            Top = 0,
            Count = true,
        },
            TestContext.Current.CancellationToken);
        return page.Total!.Value;
    }
}
