using EntityImport.Entities;
using EntityImport.Inference;
using Xunit;

namespace EntityImport.Core.Tests.Inference;

public sealed class DateInferenceTests
{
    [Theory]
    [InlineData("2024-01-31T10:20:30Z|2024-02-01T10:20:30Z", "yyyy-MM-dd'T'HH:mm:ssXXX")]
    [InlineData("2024-01-31 10:20:30+02|2024-02-01 10:20:30-05", "yyyy-MM-dd HH:mm:ssX")]
    [InlineData("2024-01-31 10:20:30+0200|2024-02-01 10:20:30+0100", "yyyy-MM-dd HH:mm:ssXX")]
    [InlineData("2024-01-31T10:20:30.123+02:00|2024-02-01T10:20:30.000+01:00", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")]
    [InlineData("1/31/2024 1:05 PM|2/1/2024 12:00 AM", "MM/dd/yyyy hh:mm a")]
    [InlineData("31.01.2024, 1:05:09 pm|01.02.2024, 12:00:00 am", "dd.MM.yyyy, hh:mm:ss a")]
    [InlineData("1/31/2024, 1:05:09\u202FPM|2/1/2024, 12:00:00\u202FAM", "MM/dd/yyyy, hh:mm:ss\u202Fa")]
    [InlineData("2024-01-31 10:20:30.5|2024-02-01 10:20:30.25|2024-02-02 10:20:30", "ISO_8601")]
    [InlineData("2020-12-31 21:25:58.745232+02|2020-12-31 21:25:58+02|2021-01-01 00:00:00.12+05:30", "ISO_8601")]
    [InlineData("2024-02-27T21:00:00.000Z|2024-02-27T21:00:00.000+0000", "ISO_8601")]
    [InlineData("2024-02-27|2024-02-27 21:00", "ISO_8601")]
    public void Zones_fractions_and_clocks_are_proposed_by_the_one_format_that_reads_all(string values, string format)
    {
        var schema = Infer("at", values);

        Assert.Equal(DataType.DateTime, schema.Field("at").DataType);
        Assert.Equal(format, schema.Definition().Text("dateTimeFormat"));
    }

    [Fact]
    public void Dates_of_zeros_are_proposed_as_null_and_said()
    {
        var schema = Infer("last_login", "2015-02-05 14:57:53|0000-00-00 00:00:00|2016-07-01 00:00:00|0000-00-00 00:00:00");

        Assert.Equal(DataType.DateTime, schema.Field("last_login").DataType);
        Assert.Equal("0000-00-00 00:00:00", Assert.Single(schema.Definition().GetProperty("nullValues").EnumerateArray()).GetString());
        var finding = Assert.Single(schema.Findings);
        Assert.Equal(("date.zero", "last_login"), (finding.Code, finding.Column));
        Assert.Equal(
            "Column 'last_login' has dates of zeros, which some databases write where there is none: 2 × '0000-00-00 00:00:00'. They are proposed as nullValues, and so read as null.",
            finding.Message);
        Assert.StartsWith("All 2 values are date-times like yyyy-MM-dd HH:mm:ss.", schema.Columns[1].Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00.00.0000|31.12.2024", DataType.Date)]
    [InlineData("0000-00-00|1970-05-01|1990-00-00", DataType.String)]
    [InlineData("0000-00-00|0000-00-00", DataType.String)]
    [InlineData("1|2|0000-00-00", DataType.String)]
    public void A_date_of_zeros_decides_nothing_but_that_a_column_is_no_other_type(string values, DataType expected)
    {
        var schema = Infer("day", values);

        Assert.Equal(expected, schema.Field("day").DataType);
        Assert.Equal(expected == DataType.Date, schema.Definition().TryGetProperty("nullValues", out _));
    }

    [Theory]
    [InlineData("order_date", "45383|45384|45390", "EXCEL_DAYS", "45383 would be 2024-04-01")]
    [InlineData("shipped", "45383.5|45384|45390.25", "EXCEL_DAYS", "45383.5 would be 2024-04-01T12:00:00Z")]
    [InlineData("created_at", "1712000000|1712000001", "UNIX_SECONDS", "1712000000 would be 2024-04-01T19:33:20Z")]
    [InlineData("timestamp", "1712000000123|1712000001000", "UNIX_MILLIS", "1712000000123 would be 2024-04-01T19:33:20.123Z")]
    public void Numbers_that_look_like_dates_stay_numbers_and_it_is_said_how_to_state_them(string name, string values, string format, string example)
    {
        var schema = Infer(name, values);

        Assert.True(schema.Field(name).DataType is DataType.Integer or DataType.Decimal);
        var finding = Assert.Single(schema.Findings);
        Assert.Equal(("date.number", name), (finding.Code, finding.Column));
        Assert.Contains(example, finding.Message, StringComparison.Ordinal);
        Assert.Contains($"state the format {format}", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amount", "45383|45384|45390")]
    [InlineData("order_date", "45383|45384|12")]
    [InlineData("order_date", "2024|2025")]
    public void Other_numbers_are_not_talked_about(string name, string values) => Assert.Empty(Infer(name, values).Findings);

    [Theory]
    [InlineData("shipped", "45383|45384", """{"dateFormat": "EXCEL_DAYS"}""", DataType.Date)]
    [InlineData("amount", "45383|45384", """{"dateFormat": "EXCEL_DAYS"}""", DataType.Integer)]
    [InlineData("amount", "45383|45384", """{"fields": [{"systemName": "amount", "csvColumnName": "amount", "format": "EXCEL_DAYS"}]}""", DataType.Date)]
    [InlineData("amount", "45383|45384.5", """{"fields": [{"systemName": "amount", "csvColumnName": "amount", "format": ["EXCEL_DAYS", "ISO_8601"]}]}""", DataType.DateTime)]
    [InlineData("day", "31.12.2024|2024-12-31|2025-01-31", """{"dateFormat": ["dd.MM.yyyy", "yyyy-MM-dd"]}""", DataType.Date)]
    [InlineData("order_date", "20240131|20240228", """{"dateFormat": "yyyyMMdd"}""", DataType.Date)]
    [InlineData("amount", "20240131|20240228", """{"dateFormat": "yyyyMMdd"}""", DataType.Integer)]
    public void Stated_formats_make_dates_of_numbers_that_are_said_to_be_some(string name, string values, string definition, DataType expected) =>
        Assert.Equal(expected, Infer(name, values, definition).Field(name).DataType);

    [Fact]
    public void Day_numbers_for_a_field_that_is_a_date_are_read_as_such_and_said()
    {
        var entity = new EntityDefinition
        {
            SystemName = "orders",
            Fields = [new FieldDefinition { SystemName = "order", DataType = DataType.Integer }, new FieldDefinition { SystemName = "shipped", DataType = DataType.Date }],
        };
        var request = Inferring.Request("order,shipped\n1,45383\n2,45384\n"u8.ToArray()) with { Entity = entity, EntitySystemName = "orders" };
        var schema = SchemaInference.Infer(request, TestContext.Current.CancellationToken);

        Assert.Equal("EXCEL_DAYS", schema.Definition().Text("dateFormat"));
        Assert.Contains("They are read by the format EXCEL_DAYS (EXCEL_DAYS_1904 where the spreadsheet counts from 1904).", Assert.Single(schema.Findings).Message, StringComparison.Ordinal);
    }

    private static InferredSchema Infer(string name, string values, string? definition = null) =>
        Inferring.From($"row;{name}\n" + string.Concat(values.Split('|').Select((value, i) => $"r{i};{value}\n")), definition);
}
