using System.Net;
using System.Text;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Server.Tests;

/// <summary>Five products that the tests of this file read.</summary>
public sealed class Products(TestServer server) : IAsyncLifetime
{
    public const string Large = "1234567890123456789012345678.0123456789";

    public string Entity { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (!server.IsStarted) return;
        (Entity, var mapping) = await server.MapProductAsync(new ImportDefinition { GroupingSeparator = "'" });
        var run = await server.ImportAsync(mapping, $$"""
            Sku,Name,Price,Quantity,ValidFrom,ChangedAt,Active,Weight
            a1,Anvil,12.5,10,2024-01-31,2024-01-31 10:20:30,true,0.1
            a2,anchor,{{Large}},20,2024-02-29,2024-02-29 23:59:59,false,1e20
            b1,"Bolt 3/4"" 'L'",0.01,-5,1999-12-31,1999-12-31 00:00:00,true,2.5
            b2,Größe,,,,,,
            c*,Star*,-7,9223372036854775807,2024-01-31,2024-02-01 00:00:00,false,-0.5

            """);
        Assert.True(run.Report.Status == ReportStatus.Success, run.Report.Message);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class RecordTests(TestServer server, Products products) : IClassFixture<Products>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Sku eq 'a1'", "a1")]
    [InlineData("sku EQ 'a1' OR SKU eq 'b1'", "a1 b1")]
    [InlineData("Sku ne 'a1'", "a2 b1 b2 c*")]
    [InlineData("Name eq 'An*'", "a1")]
    [InlineData("Name eq 'Star*'", "c*")]
    [InlineData("Name ne 'An*'", "a1 a2 b1 b2 c*")]
    [InlineData("Name ne 'Star*'", "a1 a2 b1 b2")]
    [InlineData("Name in ('An*','Star*')", "c*")]
    [InlineData("startswith(tolower(Name),'an')", "a1 a2")]
    [InlineData("contains(Name,'''L''')", "b1")]
    [InlineData("contains(Name,'%')", "")]
    [InlineData("contains(null,null)", "")]
    [InlineData("not contains(tolower(null),null)", "a1 a2 b1 b2 c*")]
    [InlineData("endswith(Name,'\u00dfe')", "b2")]
    [InlineData("toupper(Name) eq 'ANVIL' and Active", "a1")]
    [InlineData("length(Name) eq 5", "a1 b2 c*")]
    [InlineData("trim(Name) eq 'Anvil'", "a1")]
    [InlineData("Active eq true", "a1 b1")]
    [InlineData("not Active", "a2 b2 c*")]
    [InlineData("not(Active eq true)", "a2 b2 c*")]
    [InlineData("contains(Name,'n') eq false and Active ne null", "b1 c*")]
    [InlineData("Price eq null", "b2")]
    [InlineData("null ne Price", "a1 a2 b1 c*")]
    [InlineData("Price gt 12.49", "a1 a2")]
    [InlineData("12.5 eq Price", "a1")]
    [InlineData("Price eq 12.5000", "a1")]
    [InlineData("Price eq 1.25e1", "a1")]
    [InlineData("Price eq 1234567890123456789012345678.0123456789", "a2")]
    [InlineData("Price eq 1234567890123456789012345678.0123456788", "")]
    [InlineData("Price in (0.01, 1234567890123456789012345678.0123456789)", "a2 b1")]
    [InlineData("Quantity eq 9223372036854775807", "c*")]
    [InlineData("Quantity lt 9223372036854775808", "a1 a2 b1 c*")]
    [InlineData("Quantity in (10, 20, 30)", "a1 a2")]
    [InlineData("Quantity in (9.5)", "")]
    [InlineData("Quantity in ()", "")]
    [InlineData("Quantity in (10, 19.5, 99999999999999999999999999999999999999, null)", "a1")]
    [InlineData("Price in (-7, 12.5)", "a1 c*")]
    [InlineData("length(Name) lt 5.0000000000000000000000000000000000001", "a1 b2 c*")]
    [InlineData("99999999999999999999999999999999999999 gt length(Name)", "a1 a2 b1 b2 c*")]
    [InlineData("year(2024-01-31) lt 99999999999999999999999999999999999999 and Active", "a1 b1")]
    [InlineData("Price in (99999999999999999999999999999999999999, 12345678901234567890, 12.5)", "a1")]
    [InlineData("Sku in ('c*', 'b''1', null, 'a1')", "a1 c*")]
    [InlineData("tolower(Name) in ('anvil', 'anchor')", "a1 a2")]
    [InlineData("ValidFrom in (2024-01-31, '2024-02-29')", "a1 a2 c*")]
    [InlineData("ChangedAt in (2024-01-31T11:20:30+01:00, 2024-02-01)", "a1 c*")]
    [InlineData("Active in (true)", "a1 b1")]
    [InlineData("NOT Active AND Active ne NULL", "a2 c*")]
    [InlineData("Active eq TRUE", "a1 b1")]
    [InlineData("Price gt 12.49M", "a1 a2")]
    [InlineData("Quantity gt 9.5 and Quantity lt 10.5", "a1")]
    [InlineData("Weight eq 0.1", "a1")]
    [InlineData("Weight ge 1e20", "a2")]
    [InlineData("Price lt Quantity", "c*")]
    [InlineData("ValidFrom eq 2024-01-31", "a1 c*")]
    [InlineData("ValidFrom eq '2024-01-31'", "a1 c*")]
    [InlineData("year(ValidFrom) eq 2024 and month(ValidFrom) eq 2 and day(ValidFrom) eq 29", "a2")]
    [InlineData("ChangedAt gt 2024-01-31", "a1 a2 c*")]
    [InlineData("ChangedAt eq 2024-01-31T10:20:30Z", "a1")]
    [InlineData("ChangedAt eq 2024-01-31T11:20:30+01:00", "a1")]
    [InlineData("hour(ChangedAt) eq 23 and minute(ChangedAt) eq 59 and second(ChangedAt) eq 59", "a2")]
    [InlineData("ChangedAt gt ValidFrom", "a1 a2 c*")]
    [InlineData("Sku eq 'a1' or Sku eq 'a2' and Active", "a1")]
    [InlineData("(Sku eq 'a1' or Sku eq 'a2') and not Active", "a2")]
    [InlineData("Sku eq '''; DROP TABLE x; --'", "")]
    [InlineData("Sku eq 'a1''; DROP TABLE x; --'", "")]
    public Task A_filter_finds_what_it_says(string filter, string expected) => AssertFindsAsync(filter, expected);

    [Theory]
    [InlineData("Price lt -6.9999999999999999999999999999", "c*")]
    [InlineData("Price lt 99999999999999999999999999999999999999", "a1 a2 b1 c*")]
    [InlineData("Price eq 0.00000000000000000000000000000000000001", "")]
    public Task Constants_may_have_more_digits_than_the_field(string filter, string expected) => AssertFindsAsync(filter, expected);

    private async Task AssertFindsAsync(string filter, string expected)
    {
        var page = await server.Client.ReadRecordsAsync(products.Entity, new RecordOptions { Filter = filter, Select = "Sku", OrderBy = "Sku", Count = true }, Cancel);
        Assert.Equal(expected, string.Join(' ', page.Records.Select(record => record.GetProperty("Sku").GetString())));
        Assert.Equal(page.Records.Count, page.Total);
    }

    [Theory]
    [InlineData("Nope eq 1", "Nope")]
    [InlineData("Sku eq", "position 6")]
    [InlineData("Sku eq 'a1", "closing quote")]
    [InlineData("Sku eq 5", "STRING")]
    [InlineData("Quantity eq '5'", "INTEGER")]
    [InlineData("Sku eq Quantity", "INTEGER")]
    [InlineData("Sku", "condition")]
    [InlineData("Price add 1 eq 2", "Supported:")]
    [InlineData("substring(Sku,1) eq 'a'", "Supported:")]
    [InlineData("length(Quantity) eq 1", "STRING")]
    [InlineData("hour(ValidFrom) eq 1", "DATETIME")]
    [InlineData("contains(Sku)", "contains(STRING, STRING)")]
    [InlineData("Sku eq 'a'; DROP TABLE x", "';'")]
    [InlineData("Sku eq 'a' OR 1=1", "'='")]
    [InlineData("1 eq 1", "field")]
    [InlineData("ValidFrom eq 2024-02-31", "2024-02-31")]
    [InlineData("Price eq 123456789012345678901234567890123456789", "38 digits")]
    [InlineData("Price eq 1e999999999", "38 digits")]
    [InlineData("Weight eq 1e999", "too large")]
    [InlineData("Sku eq 'a' Sku", "position 14")]
    [InlineData("Sku in ('a'", "')'")]
    [InlineData("Sku/any(x: x eq 1)", "'/'")]
    [InlineData("", "the end")]
    [InlineData("contains(Sku,'a') gt true", "condition")]
    [InlineData("null", "condition")]
    [InlineData("null eq null", "field")]
    [InlineData("Price eq INF", "INF")]
    [InlineData("Sku eq 10:20:30", "10:20:30")]
    [InlineData("Quantity in ('10')", "INTEGER")]
    [InlineData("Quantity in (Price)", "Supported:")]
    [InlineData("5 in (5)", "field")]
    [InlineData("-Price eq 1", "'-' is not supported. Supported:")]
    [InlineData("Sku has 'x'", "'has' is not supported. Supported:")]
    [InlineData("concat(Sku,'a') eq 'b'", "'concat' is not supported. Supported:")]
    [InlineData("round(Price) eq 1", "'round' is not supported. Supported:")]
    [InlineData("matchesPattern(Sku,'^a')", "Supported:")]
    [InlineData("date(ChangedAt) eq 2024-01-31", "'date' is not supported. Supported:")]
    [InlineData("cast(Price,Edm.String) eq '1'", "'cast' is not supported. Supported:")]
    [InlineData("isof(1)", "Supported:")]
    [InlineData("nope(Sku)", "Supported:")]
    [InlineData("ChangedAt in (,'')", "condition")]
    [InlineData("$it/Sku eq 'a1'", "'$'")]
    [InlineData("contains(Sku,'\0')", "U+0000")]
    [InlineData("startswith(Sku,'a\0')", "U+0000")]
    [InlineData("Sku ne 'a1\0b'", "U+0000")]
    [InlineData("Sku in ('a1','a1\0')", "U+0000")]
    public async Task A_malformed_filter_is_refused_with_the_reason(string filter, string reason)
    {
        var problem = await server.RefusedAsync(
            HttpMethod.Get, $"/v1/LogicalEntityData/{products.Entity}?$filter={Uri.EscapeDataString(filter)}", HttpStatusCode.BadRequest, "invalid-parameter");
        Assert.Contains(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(["$filter"], TestServer.Members(problem.GetProperty("errors")));
    }

    [Fact]
    public async Task Deep_and_huge_filters_are_refused()
    {
        await RefusedAsync(string.Concat(Enumerable.Repeat("not ", 60)) + "Active", "deeper");
        await RefusedAsync(new string('(', 60) + "Active" + new string(')', 60), "deeper");
        await RefusedAsync(string.Join(" or ", Enumerable.Repeat("Active", 201)), "more than 200");
        var page = await server.Client.ReadRecordsAsync(
            products.Entity, new RecordOptions { Filter = string.Join(" or ", Enumerable.Repeat("Active eq true", 200)) }, Cancel);
        Assert.Equal(2, page.Records.Count);

        async Task RefusedAsync(string filter, string reason) => Assert.Contains(reason, (await server.RefusedAsync(
            HttpMethod.Get, $"/v1/LogicalEntityData/{products.Entity}?$filter={filter}", HttpStatusCode.BadRequest, "invalid-parameter")).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_are_json_with_exact_numbers()
    {
        using var response = await server.Http.GetAsync($"/v1/LogicalEntityData/{products.Entity}?$filter=Sku in ('a2','b2')&$orderby=Sku", Cancel);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.False(response.Headers.Contains("X-Total-Count"));
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Contains($"\"Price\":{Products.Large},", text, StringComparison.Ordinal);
        var records = JsonElement.Parse(text);
        Assert.Equal(["Sku", "Name", "Price", "Quantity", "ValidFrom", "ChangedAt", "Active", "Weight"], TestServer.Members(records[0]));
        Assert.Equal("2024-02-29", records[0].GetProperty("ValidFrom").GetString());
        Assert.Equal("2024-02-29T23:59:59Z", records[0].GetProperty("ChangedAt").GetString());
        Assert.Equal(20, records[0].GetProperty("Quantity").GetInt64());
        Assert.False(records[0].GetProperty("Active").GetBoolean());
        Assert.Equal(1e20, records[0].GetProperty("Weight").GetDouble());
        Assert.Equal("Größe", records[1].GetProperty("Name").GetString());
        Assert.Equal(JsonValueKind.Null, records[1].GetProperty("Price").ValueKind);
    }

    [Theory]
    [InlineData("Name=Anvil", "a1")]
    [InlineData("name=An*", "a1")]
    [InlineData("Quantity=10&Active=true", "a1")]
    [InlineData("Quantity=10&$filter=Sku eq 'a2'", "")]
    [InlineData("Price=12.50", "a1")]
    [InlineData("Price=", "b2")]
    [InlineData("ValidFrom=2024-01-31", "a1 c*")]
    [InlineData("ChangedAt=2024-01-31T10:20:30Z", "a1")]
    [InlineData("ChangedAt=2024-01-31T11:20:30+01:00", "a1")]
    [InlineData("Weight=0.1", "a1")]
    [InlineData("Name=';%20DROP%20TABLE%20x;--", "")]
    [InlineData("Sku=a1&Sku=a2", "")]
    public async Task Plain_parameters_are_conditions_of_their_fields(string query, string expected)
    {
        var body = await server.SendAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{products.Entity}?{query}&$orderby=Sku", HttpStatusCode.OK);
        Assert.Equal(expected, string.Join(' ', body.EnumerateArray().Select(record => record.GetProperty("Sku").GetString())));
    }

    [Theory]
    [InlineData("$ORDERBY=Quantity desc&$Top=2", "c* a2")]
    [InlineData("$orderby=Active,Quantity desc&$filter=Quantity ne null", "c* a2 a1 b1")]
    [InlineData("$orderby=length(Name) desc,Sku&$top=1", "b1")]
    [InlineData("$skip=3&$top=1", "b2")]
    [InlineData("$top=0", "")]
    [InlineData("$top=99999999999999999999", "a1 a2 b1 b2 c*")]
    [InlineData("$skip=99999999999999999999", "")]
    [InlineData("", "a1 a2 b1 b2 c*")]
    public async Task Records_are_ordered_and_cut(string query, string expected)
    {
        var body = await server.SendAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{products.Entity}?{query}", HttpStatusCode.OK);
        Assert.Equal(expected, string.Join(' ', body.EnumerateArray().Select(record => record.GetProperty("Sku").GetString())));
    }

    [Fact]
    public async Task Select_keeps_its_order_and_count_is_of_all_that_match()
    {
        using var response = await server.Http.GetAsync($"/v1/LogicalEntityData/{products.Entity.ToUpperInvariant()}?$select=price, SKU&$count=TRUE&$top=1&$orderby=Sku&Active=true", Cancel);
        Assert.Equal("2", response.Headers.GetValues("X-Total-Count").Single());
        Assert.Equal("""[{"Price":12.5000000000,"Sku":"a1"}]""", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData("$top=-1")]
    [InlineData("$top=x")]
    [InlineData("$top=")]
    [InlineData("$skip=-1")]
    [InlineData("$skip=1.5")]
    [InlineData("$count=yes")]
    [InlineData("$select=Nope")]
    [InlineData("$select=")]
    [InlineData("$orderby=Nope")]
    [InlineData("$orderby=Sku up")]
    [InlineData("$orderby='x'")]
    [InlineData("$orderby=Sku;DROP")]
    [InlineData("$expand=x")]
    [InlineData("$top=1&$top=2")]
    [InlineData("Nope=1")]
    [InlineData("top=1")]
    [InlineData("Quantity=x")]
    [InlineData("Active=yes")]
    [InlineData("ValidFrom=31.01.2024")]
    [InlineData("Sku=a1%00")]
    public async Task Bad_options_are_refused(string query) =>
        await server.RefusedAsync(HttpMethod.Get, $"/v1/LogicalEntityData/{products.Entity}?{query}", HttpStatusCode.BadRequest, "invalid-parameter");

    [Fact]
    public async Task An_unknown_entity_is_404() =>
        await server.RefusedAsync(HttpMethod.Get, "/v1/LogicalEntityData/Nope?$filter=(", HttpStatusCode.NotFound, "entity-not-found");

    [Fact]
    public async Task No_more_than_two_thousand_records_are_answered()
    {
        var (entity, mapping) = await server.MapProductAsync();
        var csv = new StringBuilder("Sku\n");
        for (var i = 0; i < 2500; i++) csv.Append(i).Append('\n');
        await server.ImportAsync(mapping, csv.ToString());
        var page = await server.Client.ReadRecordsAsync(entity, new RecordOptions { Top = 3000, Count = true }, Cancel);
        Assert.Equal(2000, page.Records.Count);
        Assert.Equal(2500, page.Total);
        Assert.Equal(500, (await server.Client.ReadRecordsAsync(entity, new RecordOptions { Skip = 2000 }, Cancel)).Records.Count);
    }
}
