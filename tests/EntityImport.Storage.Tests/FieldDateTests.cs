using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Core.Tests;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>Files whose dates other importers break on, under the mappings by which they go in.</summary>
public sealed class FieldDateTests
{
    [Fact]
    public async Task Dates_of_zeros_are_null_where_the_mapping_says_so_and_other_days_that_do_not_exist_are_rejected()
    {
        await using var engine = await Engine.StartAsync();
        var import = await ImportAsync(engine, "19-mysql-zero-date", "input.csv", """{"nullValues": ["0000-00-00", "0000-00-00 00:00:00"]}""");

        Assert.Equal(
            ["1|1970-05-01|2015-02-05T14:57:53Z", "2|∅|∅", "3|1981-11-30|2016-07-01T00:00:00Z", "4|∅|∅"],
            await engine.RecordsAsync("m19"));
        Assert.Equal(
            "id,born,last_login,errorRow,errorLine,errorReasons\n5,1990-00-00,2018-01-01 08:00:00,5,6,born: not a date of this format; expected a date like 2024-12-31 (yyyy-MM-dd) (1990-00-00)\n",
            await engine.ErrorFileAsync(import));
    }

    [Fact]
    public async Task A_rejected_date_of_zeros_says_how_to_name_it()
    {
        await using var engine = await Engine.StartAsync();
        var import = await ImportAsync(engine, "19-mysql-zero-date", "input.csv", "{}");

        Assert.Contains("it is a date of zeros, as some databases write where there is none; nullValues can name it (0000-00-00)", await engine.ErrorFileAsync(import), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Day_numbers_among_dates_are_read_where_both_are_stated()
    {
        await using var engine = await Engine.StartAsync();
        var import = await ImportAsync(engine, "20-excel-serial-date", "input.csv", """{"dateFormat": ["yyyy-MM-dd", "EXCEL_DAYS"]}""");

        Assert.Equal(["1|2024-04-01|10", "2|2024-04-01|11", "3|2024-04-03|12"], await engine.RecordsAsync("m20"));
        Assert.Contains("it has a time of day, which a DATE cannot hold (45385.5)", await engine.ErrorFileAsync(import), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejected_day_numbers_say_what_they_are()
    {
        await using var engine = await Engine.StartAsync();
        var import = await ImportAsync(engine, "20-excel-serial-date", "input.csv", "{}");

        Assert.Equal(["1|2024-04-01|10", "3|2024-04-03|12"], await engine.RecordsAsync("m20"));
        var rejected = await engine.ErrorFileAsync(import);
        Assert.Contains("it looks like the day number of 2024-04-01 in a spreadsheet; the format EXCEL_DAYS reads those (45383)", rejected, StringComparison.Ordinal);
        Assert.Contains("it looks like the day number of 2024-04-03T12:00:00Z in a spreadsheet; the format EXCEL_DAYS reads those (45385.5)", rejected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_of_day_numbers_is_dates()
    {
        await using var engine = await Engine.StartAsync();
        var import = await ImportAsync(engine, "20-excel-serial-date", "input-all.csv", """{"dateFormat": "EXCEL_DAYS"}""");

        Assert.Equal(0, import.Ledger.Rejected);
        Assert.Equal(["1|2024-04-01|∅", "2|2024-04-02|∅", "3|2024-04-08|∅"], await engine.RecordsAsync("m20"));
    }

    [Fact]
    public async Task One_format_reads_all_zones_and_fractions_of_databases_and_services()
    {
        await using var engine = await Engine.StartAsync();
        var import = await ImportAsync(engine, "21-timestamptz", "input.csv", """{"dateTimeFormat": "ISO_8601"}""");

        Assert.Equal(0, import.Ledger.Rejected);
        Assert.Equal(
            [
                "1|2020-12-31T19:25:58.745232Z|2024-02-27T20:00:00Z|2024-02-27T21:00:00Z",
                "2|2020-12-31T19:25:58Z|2024-02-26T13:25:00Z|2024-02-27T21:00:00Z",
                "3|2020-12-31T23:00:00.5Z|2024-02-26T14:25:00Z|2024-02-28T01:02:03.456Z",
                "4|2020-12-31T18:30:00.12Z|2024-02-26T19:25:00Z|2024-02-29T00:00:00Z",
            ],
            await engine.RecordsAsync("m21"));
    }

    [Fact]
    public async Task A_value_of_two_readings_is_a_rejected_row_and_no_warning()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("d", """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "day", "dataType": "DATE"}]""");
        var import = await engine.ImportAsync("d", "id,day\n1,31/12/2024\n2,12/31/2024\n3,03/04/2024\n4,05/05/2024\n", """{"dateFormat": ["dd/MM/yyyy", "MM/dd/yyyy"]}""");

        Assert.Equal(["1|2024-12-31", "2|2024-12-31", "4|2024-05-05"], await engine.RecordsAsync("d"));
        Assert.Equal(
            "id,day,errorRow,errorLine,errorReasons\n3,03/04/2024,3,4,\"day: more than one date by the formats of this column; 2024-04-03 by dd/MM/yyyy, 2024-03-04 by MM/dd/yyyy (03/04/2024)\"\n",
            await engine.ErrorFileAsync(import));
        Assert.Empty(import.Warnings);
    }

    private static async Task<Import> ImportAsync(Engine engine, string folder, string file, string definition)
    {
        var entity = SharedFiles.Find(Path.Combine("data", "field", folder, "entity.json"));
        var csv = SharedFiles.Find(Path.Combine("data", "field", folder, file));
        if (entity is null || csv is null) Assert.Skip($"The folder data/field/{folder} is not beside the repository.");
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(entity, TestContext.Current.CancellationToken));
        var name = document.RootElement.GetProperty("systemName").GetString()!;
        await engine.DeclareAsync(name, document.RootElement.GetProperty("fields").GetRawText());
        var import = await engine.ImportAsync(name, await File.ReadAllBytesAsync(csv, TestContext.Current.CancellationToken), definition);
        Assert.True(import.State == ImportState.Succeeded, import.Message);
        return import;
    }
}
