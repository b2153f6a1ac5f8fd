using System.Globalization;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Conversion.Ambiguity;
using Xunit;

namespace EntityImport.Storage.Tests;

public sealed class AmbiguityTests
{
    private const string Fields = """
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "day", "dataType": "DATE"},
         {"systemName": "at", "dataType": "DATETIME"}, {"systemName": "amount", "dataType": "DECIMAL", "precision": 18, "scale": 4},
         {"systemName": "number", "dataType": "DOUBLE"}, {"systemName": "count", "dataType": "INTEGER"}, {"systemName": "due", "dataType": "DATE"}]
        """;

    private static async Task<Import> ImportAsync(string csv, string definition = "{}", int threads = 0)
    {
        await using var engine = await Engine.StartAsync(threads);
        await engine.DeclareAsync("t", Fields);
        var import = await engine.ImportAsync("t", csv, definition);
        Assert.True(import.State == ImportState.Succeeded, import.Message);
        Assert.Equal(import.Warnings, (await engine.FindKeptAsync(import.Id)).Warnings);
        return import;
    }

    /// <summary>Imports a file of a key and one column, all of whose values are good.</summary>
    private static async Task<ImportWarning?> ImportColumnAsync(string field, string[] values, string members)
    {
        var csv = $"id|{field}\n" + string.Concat(values.Select((value, i) => $"{i}|{value}\n"));
        var import = await ImportAsync(csv, $$"""{"fieldDelimiter": "|", {{members}}}""");
        Assert.Equal(0, import.Ledger.Rejected);
        // That two digits are a year is told as well, whatever the order.
        return import.Warnings.SingleOrDefault(warning => warning.Code != ImportWarning.YearCentury);
    }

    private static string Pattern(string field, string pattern) => $"\"{(field == "at" ? "dateTimeFormat" : "dateFormat")}\": \"{pattern}\"";

    private static string Separators(string point, string grouping) => $"\"decimalSeparator\": \"{point}\", \"groupingSeparator\": \"{grouping}\"";

    [Fact]
    public async Task Days_that_could_all_be_months_are_told_with_an_example()
    {
        var warning = await ImportColumnAsync("day", ["05-05-2024", "", "03-04-2024", "12-01-2024"], """
            "dateFormat": "dd-MM-yyyy"
            """);
        Assert.Equal(
            new ImportWarning
            {
                Code = "date.ambiguous",
                Field = "day",
                Column = "day",
                Reading = "dd-MM-yyyy",
                OtherReading = "MM-dd-yyyy",
                Values = 3,
                Differing = 2,
                Example = new AmbiguousValue("03-04-2024", "2024-04-03", "2024-03-04"),
                Message = "The values of column 'day' were read as dd-MM-yyyy, but MM-dd-yyyy would read them all, too: 2 of 3 would be other dates, such as '03-04-2024', which is 2024-04-03 and would be 2024-03-04.",
            },
            warning);
    }

    [Theory]
    [InlineData("day", "dd-MM-yyyy", "01-02-2024|13-02-2024|02-01-2024")] // no 13th month
    [InlineData("day", "dd-MM-yyyy", "01-01-2024|02-02-2024|")] // the same either way
    [InlineData("day", "yyyy-MM-dd", "2024-01-02")] // nobody writes the other order
    [InlineData("day", "yyyyMMdd", "20240102")]
    [InlineData("day", "d MMM yyyy", "1 Feb 2024")]
    [InlineData("day", "MM.yyyy", "02.2024")]
    [InlineData("day", "EEE dd/MM/yyyy", "Thu 01/02/2024")] // 2024-01-02 is a Tuesday
    [InlineData("day", "dd.MM.yy", "13.02.24|01.02.03")] // 2013-02-24 is no reading that the file suggests
    [InlineData("at", "dd/MM/yyyy HH:mm", "01/02/2024 10:00|31/01/2024 10:00")]
    public async Task Dates_with_one_reading_are_not_told(string field, string pattern, string values) =>
        Assert.Null(await ImportColumnAsync(field, values.Split('|'), Pattern(field, pattern)));

    [Theory]
    [InlineData("day", "MM/dd/yyyy", "dd/MM/yyyy", "03/04/2024", "2024-03-04", "2024-04-03")]
    [InlineData("day", "d/MM/yy", "M/dd/yy", "3/04/24", "2024-04-03", "2024-03-04")]
    [InlineData("day", "ddMMyyyy", "MMddyyyy", "03042024", "2024-04-03", "2024-03-04")]
    [InlineData("day", "yyyy-dd-MM", "yyyy-MM-dd", "2024-03-04", "2024-04-03", "2024-03-04")]
    [InlineData("day", "'d' d.L.yyyy", "'d' L.d.yyyy", "d 3.4.2024", "2024-04-03", "2024-03-04")]
    [InlineData("at", "M/d/yyyy h:mm a", "d/M/yyyy h:mm a", "3/4/2024 1:05 PM", "2024-03-04T13:05:00Z", "2024-04-03T13:05:00Z")]
    [InlineData("at", "dd.MM.yyyy HH:mm:ss.SSSX", "MM.dd.yyyy HH:mm:ss.SSSX", "01.02.1969 00:30:00.250+01", "1969-01-31T23:30:00.25Z", "1969-01-01T23:30:00.25Z")]
    public async Task Dates_with_two_readings_name_both(string field, string pattern, string other, string value, string read, string otherwise)
    {
        var warning = await ImportColumnAsync(field, [value], Pattern(field, pattern));
        Assert.Equal((pattern, other), (warning?.Reading, warning?.OtherReading));
        Assert.Equal(new AmbiguousValue(value, read, otherwise), warning?.Example);
    }

    [Theory]
    [InlineData("amount", ".", ",", "12|1,234|-2,500", 2, "1,234", "1234", "1.234")]
    [InlineData("amount", ",", ".", "12|1,234|-2,500", 2, "1,234", "1.234", "1234")]
    [InlineData("amount", ",", ".", "$ 1.234", 1, "$ 1.234", "1234", "1.234")]
    [InlineData("amount", ".", "", "1.234", 1, "1.234", "1.234", "1234")]
    [InlineData("amount", ",", " ", "1,234", 1, "1,234", "1.234", "1234")]
    [InlineData("amount", ".", "'", "(1.234)", 1, "(1.234)", "-1.234", "-1234")]
    [InlineData("amount", ".", ",", "0,125", 1, "0,125", "125", "0.125")] // nobody groups like that: it is the reading used that is doubtful
    [InlineData("number", ".", ",", "1,234e2", 1, "1,234e2", "123400", "123.4")]
    [InlineData("count", ".", ",", "5|1,000", 1, "1,000", "1000", "1")]
    public async Task Separators_that_fit_either_way_are_told(
        string field, string point, string grouping, string values, long differing, string value, string read, string otherwise)
    {
        var warning = await ImportColumnAsync(field, values.Split('|'), Separators(point, grouping));
        Assert.Equal("number.ambiguous", warning?.Code);
        Assert.Equal((values.Split('|').Length, differing), (warning!.Values, warning.Differing));
        Assert.Equal(new AmbiguousValue(value, read, otherwise), warning.Example);
    }

    [Theory]
    [InlineData("amount", ".", ",", "1,234|1,234.5")]
    [InlineData("amount", ".", ",", "1,234|1.5")]
    [InlineData("amount", ".", ",", "1,234,567")]
    [InlineData("amount", ".", ",", "1|200|-3000")]
    [InlineData("amount", ".", ",", "1.234|0.125")] // 0.125 is no number of thousands
    [InlineData("amount", ",", ".", "1,234|-$0,125")]
    [InlineData("amount", ",", " ", "1 234")]
    [InlineData("count", ".", ",", "1|200|3000")]
    [InlineData("count", ".", ",", "1,234")] // 1.234 is no whole number
    [InlineData("number", ".", ",", "1.5e3")]
    public async Task Numbers_with_one_reading_are_not_told(string field, string point, string grouping, string values) =>
        Assert.Null(await ImportColumnAsync(field, values.Split('|'), Separators(point, grouping)));

    [Fact]
    public async Task Each_column_is_judged_by_itself_and_named_as_in_the_file()
    {
        var import = await ImportAsync(
            "id;Tag;Fällig;Betrag;Menge\n1;01.02.2024;01.02.2024;1.234;1.234\n2;03.04.2024;31.03.2024;5.678;1,5\n",
            """
            {"locale": "de-DE", "fieldDelimiter": ";", "dateFormat": "dd.MM.yyyy", "fields": [{"systemName": "id", "csvColumnName": "id"},
             {"systemName": "day", "csvColumnName": "Tag"}, {"systemName": "due", "csvColumnName": "Fällig"},
             {"systemName": "amount", "csvColumnName": "Betrag"}, {"systemName": "number", "csvColumnName": "Menge"}]}
            """);
        Assert.Equal([("day", "Tag"), ("amount", "Betrag")], import.Warnings.Select(warning => (warning.Field, warning.Column)));
    }

    [Fact]
    public async Task Rejected_rows_nulls_and_defaults_do_not_count()
    {
        // The 31st and 1,234.5 stand in rows that a later column rejects, 1.5 in one that its key does.
        var import = await ImportAsync(
            "id;day;amount;due\n1;01-02-2024;1,234;02-02-2024\n2;31-01-2024;1,234.5;x\n3;;-;02-02-2024\n;01-02-2024;1.5;02-02-2024\n4;03-04-2024;x;02-02-2024\n",
            """
            {"fieldDelimiter": ";", "dateFormat": "dd-MM-yyyy", "nullValues": ["-"], "fields": [{"systemName": "id", "csvColumnName": "id"},
             {"systemName": "day", "csvColumnName": "day", "defaultValue": "31-12-2024"}, {"systemName": "amount", "csvColumnName": "amount"},
             {"systemName": "due", "csvColumnName": "due"}, {"systemName": "at", "defaultValue": "2024-01-02 00:00:00"}]}
            """);
        Assert.Equal(3, import.Ledger.Rejected);
        Assert.Equal([("day", 1L, 1L), ("amount", 1L, 1L)], import.Warnings.Select(warning => (warning.Field, warning.Values, warning.Differing)));
    }

    [Fact]
    public async Task A_dry_run_tells_it_too()
    {
        var import = await ImportAsync("id,day\n1,01/02/2024\n", """{"dateFormat": "dd/MM/yyyy", "dryRun": true}""");
        Assert.Equal("day", Assert.Single(import.Warnings).Field);
    }

    [Fact]
    public async Task An_import_that_failed_tells_nothing()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("t", Fields);
        var import = await engine.ImportAsync("t", "id,day\n1,01/02/2024\nx,\n", """{"dateFormat": "dd/MM/yyyy", "maxFailedRows": 0}""");
        Assert.Equal(ImportState.Failed, import.State);
        Assert.Empty(import.Warnings);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Any_number_of_threads_finds_the_same_in_a_file_of_many_parts(int threads)
    {
        const int Rows = 400_000;
        var csv = new StringBuilder("id,day,at,amount,number\n");
        for (var i = 1; i <= Rows; i++)
        {
            // In the last part, one value each refutes the other reading of at and number.
            var (at, number) = i == Rows - 7 ? ("13/01/2024 00:00", "1,234.5") : ($"0{i % 9 + 1}/10/2024 00:00", "1,234");
            csv.Append(CultureInfo.InvariantCulture, $"{i},{i % 12 + 1:D2}/{i % 10 + 1:D2}/2024,{at},\"{i % 900 + 1},{i % 1000:D3}\",\"{number}\"\n");
        }

        Assert.True(csv.Length > 12 << 20);
        var import = await ImportAsync(csv.ToString(), """{"dateFormat": "MM/dd/yyyy", "dateTimeFormat": "dd/MM/yyyy HH:mm"}""", threads);

        var same = Enumerable.Range(1, Rows).Count(i => i % 12 == i % 10);
        Assert.Equal([("day", (long)Rows, (long)Rows - same), ("amount", Rows, Rows)], import.Warnings.Select(w => (w.Field, w.Values, w.Differing)));
        Assert.Equal(["11/01/2024", "2,001"], import.Warnings.Select(w => w.Example!.Value));
    }
}
