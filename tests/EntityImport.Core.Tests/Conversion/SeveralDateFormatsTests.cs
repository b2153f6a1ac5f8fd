using System.Text;
using System.Text.Json;
using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Mappings;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Conversion;

public sealed class SeveralDateFormatsTests
{
    private static readonly EntityDefinition Orders = new()
    {
        SystemName = "orders",
        Fields = [new FieldDefinition { SystemName = "day", DataType = DataType.Date }, new FieldDefinition { SystemName = "count", DataType = DataType.Integer }],
    };

    [Theory]
    [InlineData("31/12/2024", FaultCode.None, "2024-12-31")]
    [InlineData("12/31/2024", FaultCode.None, "2024-12-31")]
    [InlineData("05/05/2024", FaultCode.None, "2024-05-05")]
    [InlineData("2024-03-04", FaultCode.None, "2024-03-04")]
    [InlineData("45383", FaultCode.None, "2024-04-01")]
    [InlineData("03/04/2024", FaultCode.DateTwoReadings, null)]
    [InlineData("45383.5", FaultCode.DateFormat, null)]
    [InlineData("31.12.2024", FaultCode.DateFormat, null)]
    public void A_value_has_exactly_one_reading(string text, FaultCode expected, string? date)
    {
        var converter = Dates(["dd/MM/yyyy", "MM/dd/yyyy", "ISO_8601", "EXCEL_DAYS"]);

        Assert.Equal(expected, Values.Convert(converter, text, out var vector));
        if (date is not null) Assert.Equal(DateOnly.Parse(date, null), new DateOnly(1970, 1, 1).AddDays(vector.Values<int>()[0]));
    }

    [Fact]
    public void A_date_that_is_a_time_by_another_format_has_two_readings()
    {
        var converter = Dates(["yyyyMMdd", "UNIX_SECONDS"]);

        Assert.Equal(FaultCode.DateTwoReadings, converter.Check("20240101"u8));
        Assert.Equal("more than one date by the formats of this column; 2024-01-01 by yyyyMMdd, 1970-08-23T06:15:01Z by UNIX_SECONDS", Reason(converter, "20240101"));
    }

    [Fact]
    public void The_reason_says_what_each_format_makes_of_a_value_or_what_is_read()
    {
        var converter = Dates(["dd/MM/yyyy", "MM/dd/yyyy", "ISO_8601", "EXCEL_DAYS"]);

        Assert.Equal("more than one date by the formats of this column; 2024-04-03 by dd/MM/yyyy, 2024-03-04 by MM/dd/yyyy", Reason(converter, "03/04/2024"));
        Assert.Equal(
            "not a date of this format; expected a date like 31/12/2024 (dd/MM/yyyy), 12/31/2024 (MM/dd/yyyy), 2024-12-31 (ISO_8601), 45657 (EXCEL_DAYS); is the pattern 'dd.MM.yyyy'?",
            Reason(converter, "31.12.2024"));
    }

    [Fact]
    public void A_reason_is_bounded_however_many_formats_there_are()
    {
        var converter = Dates([.. Enumerable.Range(1, DateFormats.MaxCount).Select(i => $"dd/MM/yyyy'{new string('x', 200)}{i}'")]);

        var reason = Reason(converter, "soon");
        Assert.Contains(", and 15 more", reason, StringComparison.Ordinal);
        Assert.True(reason.Length <= Limits.ReasonCharacters, reason);
    }

    [Theory]
    [InlineData("0000-00-00", "it is a date of zeros, as some databases write where there is none; nullValues can name it")]
    [InlineData("00.00.0000 00:00:00", "it is a date of zeros, as some databases write where there is none; nullValues can name it")]
    [InlineData("45383", "it looks like the day number of 2024-04-01 in a spreadsheet; the format EXCEL_DAYS reads those")]
    [InlineData("45385.5", "it looks like the day number of 2024-04-03T12:00:00Z in a spreadsheet; the format EXCEL_DAYS reads those")]
    [InlineData("1712000000", "it looks like 2024-04-01T19:33:20Z in seconds since 1970; the format UNIX_SECONDS reads those")]
    [InlineData("1712000000123", "it looks like 2024-04-01T19:33:20.123Z in milliseconds since 1970; the format UNIX_MILLIS reads those")]
    [InlineData("'31/12/2024", "an apostrophe stands before it, as a spreadsheet writes what it must not change; spreadsheetText UNWRAP reads it without")]
    [InlineData("2020-12-31 21:25:58.745232+02", "it is as in ISO 8601; the format ISO_8601 reads those")]
    [InlineData("2024-12-31", "is the pattern 'yyyy-MM-dd'?")]
    [InlineData("12/31/2024", "there is no such day; are day and month swapped ('MM/dd/yyyy')?")]
    [InlineData("1990-00-00", null)]
    [InlineData("12345", null)]
    [InlineData("soon", null)]
    public void A_refused_date_has_the_hint_that_is_known(string text, string? hint) =>
        Assert.Equal(hint, FieldConverters.Create(Values.Field(DataType.DateTime), Values.UnitedStates, "dd/MM/yyyy").Hint(Encoding.UTF8.GetBytes(text), FaultCode.DateFormat));

    [Theory]
    [InlineData("""{"dateFormat": []}""", "definition.dateFormat", "Expected a format, or several; the array is empty.")]
    [InlineData("""{"dateFormat": ["dd/MM/yyyy", 5]}""", "definition.dateFormat[1]", "Expected a string, not 5.")]
    [InlineData("""{"dateFormat": ["dd/MM/yyyy", "yyyy-MM-DD"]}""", "definition.dateFormat[1]", "The date pattern 'yyyy-MM-DD' cannot be used")]
    [InlineData("""{"dateFormat": ["dd/MM/yyyy", "dd/MM/yyyy"]}""", "definition.dateFormat", "The date pattern 'dd/MM/yyyy' cannot be used: it is stated twice")]
    [InlineData("""{"dateTimeFormat": ["EXCEL_DAYS", "ISO_8601", "EXCEL_DAYS_1904"]}""", "definition.dateTimeFormat", "EXCEL_DAYS is stated, too, and would read the same numbers as other dates")]
    [InlineData("""{"dateTimeFormat": ["UNIX_MILLIS", "UNIX_SECONDS"]}""", "definition.dateTimeFormat", "UNIX_MILLIS is stated, too, and would read the same numbers as other dates")]
    [InlineData("""{"dateFormat": ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10", "a11", "a12", "a13", "a14", "a15", "a16", "a17"]}""", "definition.dateFormat", "At most 16 are possible, not 17.")]
    [InlineData("""{"dateFormat": ["yyyy-MM-dd", "HH:mm"]}""", "definition.dateFormat[1]", "it reads no part of a date, but the field is a DATE")]
    [InlineData("""{"dateFormat": "Iso_8601"}""", "definition.dateFormat", "The date pattern 'Iso_8601' cannot be used")]
    [InlineData("""{"twoDigitYearStart": 99}""", "definition.twoDigitYearStart", "Expected a whole number from 1000 to 9900, not 99.")]
    [InlineData("""{"endOfDay": "25:00"}""", "definition.endOfDay", "Expected one of 24:00, not '25:00'.")]
    [InlineData("""{"fields": [{"systemName": "day", "csvColumnName": "day", "format": ["ISO_8601", "dd.mm.yyyy"]}]}""", "definition.fields[0].format[1]", "'m' is the minute; the month is 'M'")]
    [InlineData("""{"fields": [{"systemName": "count", "csvColumnName": "count", "format": ["ISO_8601"]}]}""", "definition.fields[0].format", "Only DATE and DATETIME have a format, not INTEGER.")]
    [InlineData("""{"dateFormat": ["dd.MM.yyyy", "MM.dd.yyyy"], "fields": [{"systemName": "day", "csvColumnName": "day", "defaultValue": "03.04.2024"}]}""", "definition.fields[0].defaultValue", "The default '03.04.2024' cannot be read")]
    public void What_cannot_work_is_refused_with_its_place(string definition, string path, string message)
    {
        var fault = Assert.Single(Read(definition).Faults.Told);
        Assert.Equal(path, fault.Path);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_format_in_an_array_is_that_format()
    {
        var (definition, faults) = Read("""{"dateFormat": ["dd.MM.yyyy"]}""");

        Assert.Empty(faults.Told);
        Assert.Equal("dd.MM.yyyy", definition.ToJson()["dateFormat"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(1950, "49", 2049)]
    [InlineData(1950, "50", 1950)]
    [InlineData(2000, "99", 2099)]
    [InlineData(1926, "25", 2025)]
    public void Two_digits_are_a_year_of_the_hundred_that_begin_where_the_mapping_says(int start, string digits, int year)
    {
        var format = Read($$"""{"dateFormat": "dd.MM.yy", "twoDigitYearStart": {{start}}}""").Definition.CreateValueFormat(new DateOnly(1946, 11, 23));
        var converter = FieldConverters.Create(Values.Field(DataType.Date), format);

        Assert.Equal(FaultCode.None, Values.Convert(converter, $"01.01.{digits}", out var vector));
        Assert.Equal(new DateOnly(year, 1, 1), new DateOnly(1970, 1, 1).AddDays(vector.Values<int>()[0]));
    }

    [Theory]
    [InlineData("dd/MM/yyyy|yyyy-MM-dd", "MM/dd/yyyy or yyyy-MM-dd")]
    [InlineData("dd/MM/yyyy|ISO_8601", "MM/dd/yyyy or ISO_8601")]
    [InlineData("dd/MM/yyyy|MM/dd/yyyy", null)]
    [InlineData("ISO_8601", null)]
    [InlineData("yyyy-MM-dd|EXCEL_DAYS", null)]
    public void The_other_reading_exchanges_day_and_month_where_somebody_writes_that(string formats, string? other)
    {
        var format = Values.UnitedStates with { DateFormat = [.. formats.Split('|')] };
        var converter = FieldConverters.Create(Values.Field(DataType.Date), format);
        var reading = AlternativeReadings.Find(converter, format);
        if (other is null)
        {
            Assert.Null(reading);
            return;
        }

        var batch = new RecordBatch(new CsvDialect(","));
        batch.Clear("03/04/2024"u8.ToArray(), recordsBefore: 0, position: 0, lineNumber: 1);
        (batch.BoundStore(2)[0], batch.BoundStore(2)[1]) = (-1, 10);
        batch.AddRecord(firstBound: 0, lastBound: 1);
        var (vector, faults) = (new ColumnVector(converter.Field), new RecordFaults());
        converter.Convert(batch, 0, 0, vector, faults);
        reading!.Compare(batch, 0, vector, faults);
        var warning = reading.Describe("day", "day")!;
        Assert.Equal((formats.Replace("|", " or ", StringComparison.Ordinal), other), (warning.Reading, warning.OtherReading));
        Assert.Equal(("2024-04-03", "2024-03-04"), (warning.Example!.Reading, warning.Example.OtherReading));
    }

    private static FieldConverter Dates(DateFormats formats) => FieldConverters.Create(Values.Field(DataType.Date), Values.UnitedStates, formats);

    private static string Reason(FieldConverter converter, string text) =>
        RejectionReasons.Describe(converter.Check(Encoding.UTF8.GetBytes(text)), converter.Field, converter, Encoding.UTF8.GetBytes(text));

    private static (ImportDefinition Definition, RequestFaults Faults) Read(string definition)
    {
        using var document = JsonDocument.Parse($$"""{"entitySystemName": "orders", "definition": {{definition}}}""");
        var faults = new RequestFaults();
        return (ImportDefinitionReader.Read(document.RootElement, Orders, faults, new Limits()), faults);
    }
}
