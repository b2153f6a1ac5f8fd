using System.Globalization;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Server.Records;

namespace EntityImport.Server.Tests;

/// <summary>What becomes of the text of a filter, without a server: what no request is long enough for, and what no record shows.</summary>
public sealed class FilterTests
{
    private static readonly EntityDefinition Entity = Of(
        ("Name", DataType.String),
        ("Price", DataType.Decimal),
        ("Quantity", DataType.Integer),
        ("Weight", DataType.Double),
        ("Active", DataType.Boolean),
        ("ValidFrom", DataType.Date),
        ("ChangedAt", DataType.DateTime));

    public static TheoryData<string> Hostile => new(
        new string('(', 10_000) + "Active" + new string(')', 10_000),
        new string('(', 10_000),
        string.Concat(Enumerable.Repeat("not ", 10_000)) + "Active",
        string.Concat(Enumerable.Repeat("not ", 4_000)) + "Active",
        string.Concat(Enumerable.Repeat("not ", 700)) + "Active",
        string.Concat(Enumerable.Repeat("not(", 2_000)) + "Active" + new string(')', 2_000),
        string.Concat(Enumerable.Repeat("trim(", 2_000)) + "Name" + new string(')', 2_000) + " eq 'x'",
        new string('-', 16_000) + "Price eq 1",
        string.Join(" or ", Enumerable.Repeat("Active", 10_000)),
        string.Join(" or ", Enumerable.Repeat("Active", 1_600)),
        string.Join(" and ", Enumerable.Repeat("Active", 700)),
        "Active" + string.Concat(Enumerable.Repeat(" eq true", 1_900)),
        "Active" + string.Concat(Enumerable.Repeat(" EQ true", 650)),
        string.Concat(Enumerable.Repeat("- ", 650)) + "Price eq 1",
        "Price in " + new string('(', 5_000) + new string(')', 5_000),
        "Price in (" + new string('[', 5_000) + new string(']', 5_000) + ")",
        "Price eq " + new string('9', 16_000),
        "Price eq 0." + new string('0', 16_000) + "1",
        "Name eq '" + new string('x', 20_000) + "'",
        new string(' ', 10_000),
        "Name/" + string.Concat(Enumerable.Repeat("Name/", 3_000)));

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public void What_is_too_deep_or_too_long_is_refused_on_a_small_stack(string filter)
    {
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() => FilterParser.ParseFilter(Entity, filter)), maxStackSize: 512 * 1024);
        thread.Start();
        thread.Join();
        var refusal = Assert.IsType<RequestException>(thrown);
        Assert.Equal(FaultKind.Invalid, refusal.Kind);
        Assert.InRange(refusal.Message.Length, 1, 1000);
    }

    [Theory]
    [InlineData("Price", "")]
    [InlineData("Name", "'")]
    public void A_list_of_values_fills_the_longest_filter_and_fits_into_a_request_line(string field, string quote)
    {
        var list = string.Join(',', Enumerable.Range(0, 4_000).Select(i => $"{quote}{i}{quote}"));
        list = list[..list.LastIndexOf(',', FilterGuard.MaxLength - field.Length - 6)];
        var filter = $"{field} in ({list})";
        Assert.InRange(filter.Length, FilterGuard.MaxLength - 20, FilterGuard.MaxLength);
        Assert.InRange(Assert.IsType<InCondition>(FilterParser.ParseFilter(Entity, filter)).Values.Count, 2_000, 4_000);
        Assert.InRange(Uri.EscapeDataString(filter).Length, FilterGuard.MaxLength, new Limits().RequestLineBytes - 1_000);
    }

    [Fact]
    public void A_filter_has_two_hundred_comparisons_each_of_them_negated() =>
        Assert.IsType<AndCondition>(FilterParser.ParseFilter(Entity, string.Join(" and ", Enumerable.Repeat("not (Name eq 'not or and')", 200))));

    [Fact]
    public void An_order_has_as_many_expressions_as_a_filter()
    {
        Assert.Equal(200, FilterParser.ParseOrderBy(Entity, string.Join(',', Enumerable.Repeat("Price", 200))).Count);
        Assert.Throws<RequestException>(() => FilterParser.ParseOrderBy(Entity, string.Join(',', Enumerable.Repeat("Price", 201))));
    }

    [Theory]
    [InlineData("1234567890123456789", 1234567890123456789L)]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("0.12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678")]
    [InlineData("-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999")]
    [InlineData("1.50M", "1.5")]
    [InlineData("0.1f", "0.1")]
    [InlineData("0.30000000000000000001D", "0.30000000000000000001")]
    [InlineData("5L", 5L)]
    [InlineData("16777217", 16777217L)]
    [InlineData("16777217.5", "16777217.5")]
    [InlineData("+5", 5L)]
    [InlineData("1e+2", 100L)]
    [InlineData("1.2345678901e5", "123456.78901")]
    [InlineData("9007199254740993.1", "9007199254740993.1")]
    public void Numbers_are_what_is_written(string number, object expected)
    {
        foreach (var field in (string[])["Price", "Quantity"])
        {
            Assert.Equal(expected, Value(Assert.IsType<Comparison>(FilterParser.ParseFilter(Entity, $"{field} lt {number}")).Right));
            Assert.Equal(expected, Value(Assert.IsType<Comparison>(FilterParser.ParseFilter(Entity, $"{number} lt {field}")).Left));
            if (!char.IsAsciiDigit(number[^1])) continue;
            var list = Assert.IsType<InCondition>(FilterParser.ParseFilter(Entity, $"{field} in (7, {number} ,null)"));
            Assert.Equal([7L, expected, null], list.Values.Select(Value));
        }
    }

    [Fact]
    public void Numbers_of_all_sizes_stand_in_one_filter() =>
        Assert.IsType<AndCondition>(FilterParser.ParseFilter(
            Entity,
            "Price gt 1.5 and Price lt 12345678901234567890.5 and Price ne 99999999999999999999999999999999999999 "
            + "and Weight lt 12345678901234567890 and Quantity le 1e30"));

    [Fact]
    public void No_time_of_a_list_that_lies_between_two_is_found()
    {
        var list = Assert.IsType<InCondition>(FilterParser.ParseFilter(Entity, "ChangedAt in (2024-01-31T10:20:30.1234567Z, 2024-01-31T10:20:30Z)"));
        Assert.Equal([null, "2024-01-31T10:20:30.0000000Z"], list.Values.Select(value => (((Constant)value).Value as DateTime?)?.ToString("O", CultureInfo.InvariantCulture)));
    }

    /// <summary>Records have microseconds.</summary>
    [Theory]
    [InlineData("ChangedAt lt 2024-01-31T10:20:30.1234567Z", "LessOrEqual 123456")]
    [InlineData("ChangedAt le 2024-01-31T10:20:30.1234567Z", "LessOrEqual 123456")]
    [InlineData("ChangedAt gt 2024-01-31T10:20:30.12345599Z", "Greater 123455")]
    [InlineData("ChangedAt ge '2024-01-31T10:20:30.1234560000000000000001Z'", "Greater 123456")]
    [InlineData("2024-01-31T10:20:30.9999999+00:00 lt ChangedAt", "Greater 999999")]
    [InlineData("ChangedAt lt 2024-01-31T10:20:30.1234560000Z", "Less 123456")]
    public void A_time_between_two_that_records_can_have_is_compared_as_what_it_is(string filter, string expected)
    {
        var comparison = Assert.IsType<Comparison>(FilterParser.ParseFilter(Entity, filter));
        Assert.Equal(expected, $"{comparison.Operator} {((DateTime)((Constant)comparison.Right).Value!).TimeOfDay.Ticks / 10 % 1_000_000:000000}");
    }

    [Theory]
    [InlineData("year(null) eq 1")]
    [InlineData("Quantity eq second(null)")]
    [InlineData("ChangedAt in ('2024-13-45T99:00:00.1234567Z')")]
    public void A_part_of_no_time_and_what_is_none_are_refused(string filter) => Assert.Throws<RequestException>(() => FilterParser.ParseFilter(Entity, filter));

    [Theory]
    [InlineData("2024-01-31T10:20:30Z", "2024-01-31T10:20:30.0000000")]
    [InlineData("2024-01-31T10:20:30.123456Z", "2024-01-31T10:20:30.1234560")]
    [InlineData("2024-01-31T11:20:30+01:00", "2024-01-31T10:20:30.0000000")]
    [InlineData("2024-01-31T11:20:30 01:00", "2024-01-31T10:20:30.0000000")]
    [InlineData("2024-01-31T10:20:30", "2024-01-31T10:20:30.0000000")]
    [InlineData("2024-01-31T10:20", "2024-01-31T10:20:00.0000000")]
    [InlineData("2024-01-31", "2024-01-31T00:00:00.0000000")]
    [InlineData("'2024-01-31T10:20:30Z'", "2024-01-31T10:20:30.0000000")]
    public void Times_are_in_utc(string time, string expected)
    {
        foreach (var filter in (string[])[$"ChangedAt lt {time}", $"ChangedAt in ({time})"])
        {
            var constant = FilterParser.ParseFilter(Entity, filter) switch
            {
                Comparison { Right: Constant right } => right,
                InCondition { Values: [var value] } => value,
                var other => throw new InvalidOperationException(other.ToString()),
            };
            var instant = Assert.IsType<DateTime>(constant.Value);
            Assert.Equal(DateTimeKind.Utc, instant.Kind);
            Assert.Equal(expected, instant.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [InlineData("'2024-01-31T10:20:30 01:00 +5'", "2024-01-31T10:20:30 01:00 +5")]
    [InlineData("'it''s +5'", "it's +5")]
    [InlineData("''", "")]
    [InlineData("''''", "'")]
    [InlineData("'a,b'", "a,b")]
    [InlineData("'(;=/[{'", "(;=/[{")]
    [InlineData(@"'C:\new \u0041 ""x""'", @"C:\new \u0041 ""x""")]
    [InlineData("'null'", "null")]
    [InlineData("'a%20b+c'", "a%20b+c")]
    public void Texts_are_what_is_written(string text, string expected)
    {
        Assert.Equal(expected, Value(Assert.IsType<Comparison>(FilterParser.ParseFilter(Entity, $"Name lt {text}")).Right));
        var list = Assert.IsType<InCondition>(FilterParser.ParseFilter(Entity, $"Name in ('1', {text},null,'2')"));
        Assert.Equal(["1", expected, null, "2"], list.Values.Select(Value));
    }

    [Theory]
    [InlineData("eq")]
    [InlineData("and")]
    [InlineData("or")]
    [InlineData("in")]
    [InlineData("has")]
    [InlineData("add")]
    [InlineData("asc")]
    [InlineData("desc")]
    [InlineData("any")]
    [InlineData("contains")]
    [InlineData("length")]
    [InlineData("cast")]
    [InlineData("date")]
    [InlineData("duration")]
    [InlineData("it")]
    [InlineData("Edm")]
    [InlineData("X1")]
    [InlineData("e5")]
    [InlineData("_")]
    public void Fields_may_have_the_names_of_words(string name)
    {
        var entity = Of((name, DataType.Integer));
        var expected = new Comparison(ComparisonOperator.Greater, new FieldOperand(entity.Fields[0]), new Constant(DataType.Integer, 5L));
        Assert.Equal(expected, FilterParser.ParseFilter(entity, $"{name} gt 5"));
        Assert.Equal(expected, FilterParser.ParseFilter(entity, $"({name.ToUpperInvariant()} gt 5)"));
        Assert.Equal(new AndCondition(expected, expected), FilterParser.ParseFilter(entity, $"{name} gt 5 and {name} gt 5"));
        Assert.Equal([(expected.Left, true)], FilterParser.ParseOrderBy(entity, $"{name} desc"));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("NULL")]
    [InlineData("true")]
    [InlineData("False")]
    [InlineData("INF")]
    [InlineData("NaN")]
    [InlineData("not")]
    public void What_the_language_takes_for_something_else_is_refused_as_a_field(string name)
    {
        var entity = Of((name, DataType.Integer));
        Assert.Throws<RequestException>(() => FilterParser.ParseFilter(entity, $"{name} gt 5"));
        Assert.Throws<RequestException>(() => FilterParser.ParseFilter(entity, $"{name} eq {name}"));
        Assert.Throws<RequestException>(() => FilterParser.ParseOrderBy(entity, $"{name} desc"));
    }

    [Fact]
    public void Whatever_is_asked_is_answered_or_refused()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] words =
        [
            "Name", "Price", "Quantity", "Weight", "Active", "ValidFrom", "ChangedAt", "Nope", "null", "true", "FALSE", "eq", "ne", "lt",
            "and", "or", "not", "in", "has", "add", "mod", "asc", "desc", "contains(", "startswith(", "tolower(", "length(", "year(",
            "hour(", "cast(", "isof(", "date(", "now()", "concat(", "round(", "substring(", "case(", "any(", "Edm.String", "Edm.Int64",
            "(", ")", "()", ",", ".", ":", "'", "''", "'a*'", "'a''b'", "-", "5", "-5", "0.5", "5.", ".5", "1e999", "1e-999", "2.5M",
            "3L", "9223372036854775808", "99999999999999999999999999999999999999999999999L", "0.00000000000000000000000000000000000001",
            "INF", "-INF", "NaN", "0x12", "2024-01-31", "2024-13-31", "0000-01-01", "9999-12-31T23:59:59-14:00",
            "0001-01-01T00:00:00+14:00", "2024-01-31T10:20:30.1234567890Z", "10:20:30", "duration'P1D'", "binary'AA'", "guid'1'",
            "geography'x'", "01234567-89ab-cdef-0123-456789abcdef", "(1,2.5)", "('a','b')", "(null)", "(2024-01-31)", "(true)", "$it",
            "@p", "/", "{}", "[1]", "\0", "\ud83d",
        ];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Join(random.Next(4) == 0 ? "" : " ", random.GetItems(words, random.Next(1, 9)));
            AssertAnsweredOrRefused(() => FilterParser.ParseFilter(Entity, text), $"Seed {seed}, $filter={text}");
            AssertAnsweredOrRefused(() => FilterParser.ParseOrderBy(Entity, text), $"Seed {seed}, $orderby={text}");
        }
    }

    private static void AssertAnsweredOrRefused(Func<object?> parse, string what)
    {
        var thrown = Record.Exception(parse);
        Assert.True(thrown is null or RequestException, $"{what}: {thrown}");
    }

    private static object? Value(Operand operand) => Assert.IsType<Constant>(operand).Value;

    private static EntityDefinition Of(params (string Name, DataType Type)[] fields) => new()
    {
        SystemName = "Product",
        Fields = [.. fields.Select(field => new FieldDefinition { SystemName = field.Name, DataType = field.Type })],
    };
}
