using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace EntityImport.Server.Tests;

public sealed class InferTests(TestServer server)
{
    private const string Url = "/v1/LogicalEntity/infer";
    private const string Csv = "Nr;Preis;Seit\nA1;1.234,50;31.12.2024\nA2;7;01.01.2025\n";

    [Fact]
    public async Task What_is_proposed_can_be_declared_and_imported_as_it_is()
    {
        using var form = new MultipartFormDataContent
        {
            { File(Csv), "file", "price list.csv" },
            { new StringContent("""{"importMode":"REPLACE"}"""), "definition" },
            { new StringContent("InferredPrices"), "entitySystemName" },
        };

        var proposal = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.OK, form);

        Assert.Equal(["entity", "mapping", "columns", "warnings", "findings", "questions", "keyIsProposed", "format", "headerSha256"], TestServer.Members(proposal));
        Assert.Equal(["entitySystemName", "definition"], TestServer.Members(proposal.GetProperty("mapping")));
        await server.SendAsync(HttpMethod.Put, "/v1/LogicalEntity/InferredPrices", HttpStatusCode.Created, Json(proposal.GetProperty("entity")));
        var mapping = await server.SendAsync(HttpMethod.Post, "/v1/EntityImport", HttpStatusCode.Created, Json(proposal.GetProperty("mapping")));
        Assert.True(mapping.TryGetProperty("mappingId", out _));
    }

    [Fact]
    public async Task Each_column_says_what_it_was_judged_on()
    {
        var proposal = await server.SendAsync(HttpMethod.Post, $"{Url}?entitySystemName=prices", HttpStatusCode.OK, File(Csv));

        Assert.Equal("prices", proposal.GetProperty("entity").GetProperty("systemName").GetString());
        var column = proposal.GetProperty("columns")[2];
        Assert.Equal("Seit", column.GetProperty("csvColumnName").GetString());
        Assert.Equal("DATE", column.GetProperty("field").GetProperty("dataType").GetString());
        Assert.Equal(2, column.GetProperty("rows").GetInt64());
        Assert.Equal("All 2 values are dates like dd.MM.yyyy.", column.GetProperty("why").GetString());
    }

    [Fact]
    public async Task Columns_that_another_reading_fits_are_warned_of()
    {
        var proposal = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.OK, File("Nr;Day;Sure;Amount\nA1;03/04/2024;31/12/2024;1,234\nA2;05/06/2024;01/01/2025;5,678\n"));

        var warnings = proposal.GetProperty("warnings").EnumerateArray().ToList();
        Assert.Equal(["date.ambiguous", "number.ambiguous"], warnings.Select(warning => warning.GetProperty("code").GetString()));
        Assert.Equal(["Day", "Amount"], warnings.Select(warning => warning.GetProperty("column").GetString()));
        Assert.Equal("MM/dd/yyyy", warnings[0].GetProperty("otherReading").GetString());
        Assert.Equal("1.234", warnings[1].GetProperty("example").GetProperty("otherReading").GetString());
        Assert.EndsWith(
            "This is ambiguous: MM/dd/yyyy would read them all, too; chosen as in column 'Sure'.", proposal.GetProperty("columns")[1].GetProperty("why").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_a_header_for_an_existing_entity_is_bound_in_the_order_of_its_fields()
    {
        await server.SendAsync(HttpMethod.Put, "/v1/LogicalEntity/InferPlaced", HttpStatusCode.Created, new StringContent(
            """{"fields": [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "city", "dataType": "STRING"}]}""", Encoding.UTF8, "application/json"));

        var proposal = await server.SendAsync(HttpMethod.Post, $"{Url}?entity=InferPlaced", HttpStatusCode.OK, File("1;Goroka;5282\n2;Madang;20\n3;Wewak;19\n"));

        var definition = proposal.GetProperty("mapping").GetProperty("definition");
        Assert.False(definition.GetProperty("header").GetBoolean());
        Assert.Equal([("id", "1"), ("city", "2")], definition.GetProperty("fields").EnumerateArray().Select(field => (field.GetProperty("systemName").GetString(), field.GetProperty("csvColumnName").GetString())));
        var columns = proposal.GetProperty("columns").EnumerateArray().ToList();
        Assert.Equal(("PLACE", 0.5), (columns[1].GetProperty("match").GetProperty("kind").GetString(), columns[1].GetProperty("match").GetProperty("confidence").GetDouble()));
        Assert.Equal(JsonValueKind.Null, columns[2].GetProperty("match").ValueKind);
    }

    [Theory]
    [InlineData("A\n1\n2\n3\n4\nx\n", "INTEGER")]
    [InlineData("A\n1.5\n2.5\n3.5\n4.5\nx\n", "DECIMAL")]
    [InlineData("A\n2024-01-02\n2024-01-03\n2024-01-04\n2024-02-30\n", "DATE")]
    [InlineData("A\ntrue\nfalse\ntrue\nfalse\nmaybe\n", "BOOLEAN")]
    [InlineData("A\nred\ngreen\n1\n", null)]
    [InlineData("A\n1\n2\n", null)]
    public async Task What_most_values_of_a_column_of_text_would_be_is_told(string csv, string? mostly)
    {
        var proposal = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.OK, File(csv));

        Assert.Equal(mostly, proposal.GetProperty("columns")[0].GetProperty("mostly").GetString());
    }

    [Fact]
    public async Task A_file_for_an_existing_entity_is_bound_to_its_fields_and_says_why()
    {
        await server.SendAsync(HttpMethod.Put, "/v1/LogicalEntity/InferBound", HttpStatusCode.Created, new StringContent(
            """
            {"fields": [{"systemName": "articleNo", "dataType": "STRING", "primaryKey": true}, {"systemName": "price", "displayName": "Unit price", "dataType": "DECIMAL", "precision": 9, "scale": 2},
                        {"systemName": "since", "dataType": "DATE"}, {"systemName": "colour", "dataType": "STRING"}, {"systemName": "Since_", "dataType": "STRING"}]}
            """, Encoding.UTF8, "application/json"));

        var proposal = await server.SendAsync(HttpMethod.Post, $"{Url}?entity=InferBound", HttpStatusCode.OK, File("Article no.;unit price;SINCE;colour;size\nA1;1.234,50;31.12.2024;red;L\nA2;x;01.01.2025;blue;M\n"));

        Assert.Equal("InferBound", proposal.GetProperty("entity").GetProperty("systemName").GetString());
        Assert.False(proposal.GetProperty("keyIsProposed").GetBoolean());
        var columns = proposal.GetProperty("columns").EnumerateArray().ToList();
        var matches = columns[..4].ConvertAll(column => column.GetProperty("match"));
        Assert.Equal(["ALIKE", "DISPLAY_NAME", "IGNORING_CASE", "EXACT"], matches.Select(match => match.GetProperty("kind").GetString()));
        Assert.Equal([0.8, 0.9, 0.95, 1], matches.Select(match => match.GetProperty("confidence").GetDouble()));
        Assert.Equal("Since_", matches[2].GetProperty("alternatives")[0].GetString());
        Assert.Equal(JsonValueKind.Null, columns[4].GetProperty("match").ValueKind);
        Assert.Equal(1, columns[1].GetProperty("refused").GetInt64());
        Assert.Equal(["articleNo", "price", "since", "colour"], proposal.GetProperty("mapping").GetProperty("definition").GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("systemName").GetString()));
    }

    [Fact]
    public async Task The_surer_match_of_two_columns_gets_the_field()
    {
        await server.SendAsync(HttpMethod.Put, "/v1/LogicalEntity/InferTwice", HttpStatusCode.Created, new StringContent(
            """{"fields": [{"systemName": "unitPrice", "dataType": "STRING"}]}""", Encoding.UTF8, "application/json"));

        var proposal = await server.SendAsync(HttpMethod.Post, $"{Url}?entity=InferTwice", HttpStatusCode.OK, File("unit price,unitPrice\n1,2\n"));

        Assert.Equal([JsonValueKind.Null, JsonValueKind.Object], proposal.GetProperty("columns").EnumerateArray().Select(column => column.GetProperty("field").ValueKind));
    }

    [Theory]
    [InlineData("NoSuchEntity")]
    [InlineData("no%20name")]
    public async Task An_entity_that_is_not_there_is_refused(string entity)
    {
        var problem = await server.RefusedAsync(HttpMethod.Post, $"{Url}?entity={entity}", HttpStatusCode.BadRequest, "validation", File(Csv));

        Assert.Contains("There is no entity", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true, 2)]
    [InlineData("?sample=false", true, 2)]
    [InlineData("?sample=true", false, 4)]
    public async Task A_slice_of_a_larger_file_is_judged_as_one(string query, bool isWhole, int scale)
    {
        var proposal = await server.SendAsync(HttpMethod.Post, Url + query, HttpStatusCode.OK, File("id;n\nA;1.25\nB;2\nC;3;4\nD;5\n"));

        var format = proposal.GetProperty("format");
        Assert.Equal(["encoding", "delimiter", "records", "unreadableRecords", "isWholeFile"], TestServer.Members(format));
        Assert.Equal(("UTF-8", ";", 4, 1, isWhole), (format.GetProperty("encoding").GetString(), format.GetProperty("delimiter").GetString(), format.GetProperty("records").GetInt32(), format.GetProperty("unreadableRecords").GetInt32(), format.GetProperty("isWholeFile").GetBoolean()));
        Assert.Equal(scale, proposal.GetProperty("columns")[1].GetProperty("field").GetProperty("scale").GetInt32());
        Assert.True(proposal.GetProperty("keyIsProposed").GetBoolean());
    }

    [Fact]
    public async Task What_is_open_is_asked_and_closed_by_an_answer_as_it_is()
    {
        const string Open = "id,day\nA,01/02/2024\n";
        var asked = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.OK, File(Open));
        var question = asked.GetProperty("questions").EnumerateArray().Single();
        Assert.Equal(("READING", "day"), (question.GetProperty("kind").GetString(), question.GetProperty("column").GetString()));

        using var form = new MultipartFormDataContent { { File(Open), "file", "a.csv" }, { new StringContent(question.GetProperty("answers")[1].GetProperty("definition").GetRawText()), "definition" } };
        var answered = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.OK, form);

        Assert.Empty(answered.GetProperty("questions").EnumerateArray());
        Assert.Equal("dd/MM/yyyy", answered.GetProperty("mapping").GetProperty("definition").GetProperty("dateFormat").GetString());
    }

    [Fact]
    public async Task The_entity_is_named_after_the_file_where_nothing_else_names_it()
    {
        using var form = new MultipartFormDataContent { { File(Csv), "file", "Price list.csv" } };

        var proposal = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.OK, form);

        Assert.Equal("Price_list", proposal.GetProperty("entity").GetProperty("systemName").GetString());
    }

    [Fact]
    public async Task Only_the_beginning_of_a_large_file_is_looked_at()
    {
        var text = new StringBuilder("id,n\n");
        for (var i = 0; text.Length < 17 << 20; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i},0000000000000000000000000000000000000000000000000000001\n");
        using var form = new MultipartFormDataContent { { File(text + "x,y\n"), "file", "large.csv" } };

        var proposal = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.OK, form);

        Assert.Equal("INTEGER", proposal.GetProperty("columns")[0].GetProperty("field").GetProperty("dataType").GetString());
    }

    [Theory]
    [InlineData("", "{}", "sample")]
    [InlineData("a,b\n1,2\n", """{"locale":"xx-YY"}""", "validation")]
    [InlineData("a,b\n1,2\n", "{", "validation")]
    public async Task An_empty_sample_or_a_bad_definition_is_refused(string csv, string definition, string type)
    {
        using var form = new MultipartFormDataContent { { File(csv), "file", "a.csv" }, { new StringContent(definition), "definition" } };

        var problem = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.BadRequest, form);

        Assert.EndsWith(type, problem.GetProperty("type").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("definition", "{\"locale\":\"\\ud800\"}")]
    [InlineData("definition", "{\"\\ud800\":1}")]
    [InlineData("definition", "{\"a\":[{\"\\udfff\":\"\"}]}")]
    [InlineData("definition", "{\"locale\":\"\u00ff\"}")]
    [InlineData("definition", "{\"\u00ff\":1}")]
    [InlineData("definition", "")]
    [InlineData("entitySystemName", "\u00ff")]
    public async Task Text_that_is_no_unicode_is_refused(string part, string latin1)
    {
        using var form = new MultipartFormDataContent { { File(Csv), "file", "a.csv" }, { new ByteArrayContent(Encoding.Latin1.GetBytes(latin1)), part } };

        var problem = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.BadRequest, form);

        Assert.Contains(part, problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_are_no_text_are_no_reason_to_fail()
    {
        using var form = new MultipartFormDataContent { { File("\uFFFE,a\uFFFEb,\uD83D\uDE00\n1,2,3\n"), "file", "x.csv" } };

        var proposal = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.OK, form);

        Assert.Equal("a_b", proposal.GetProperty("columns")[1].GetProperty("field").GetProperty("systemName").GetString());
    }

    [Fact]
    public async Task Of_a_file_of_more_columns_than_an_entity_has_fields_it_must_be_stated_which_are_wanted()
    {
        const int Columns = 16_000;
        var csv = string.Join(',', Enumerable.Range(0, Columns).Select(i => $"c{i}")) + "\n" + string.Join(',', Enumerable.Range(0, Columns).Select(i => $"{i}.5")) + "\n";
        var refused = await server.RefusedAsync(HttpMethod.Post, Url, HttpStatusCode.BadRequest, "sample", File(csv));
        Assert.Contains("16000 columns", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var all = string.Join(',', Enumerable.Range(0, 1_001).Select(i => $$"""{"csvColumnName":"c{{i}}","systemName":"f{{i}}"}"""));
        using var tooMany = new MultipartFormDataContent { { File(csv), "file", "a.csv" }, { new StringContent($$"""{"fields":[{{all}}]}"""), "definition" } };
        await server.RefusedAsync(HttpMethod.Post, Url, HttpStatusCode.BadRequest, "validation", tooMany);

        using var form = new MultipartFormDataContent
        {
            { File(csv), "file", "a.csv" },
            { new StringContent("""{"fields":[{"csvColumnName":"c3","systemName":"three"},{"csvColumnName":"c15999","systemName":"last"}]}"""), "definition" },
        };
        var proposal = await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.OK, form);
        Assert.Equal(["three", "last"], proposal.GetProperty("entity").GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("systemName").GetString()));
    }

    [Fact]
    public async Task A_form_without_a_file_is_refused()
    {
        using var form = new MultipartFormDataContent { { new StringContent("x"), "entitySystemName" } };

        await server.SendAsync(HttpMethod.Post, Url, HttpStatusCode.BadRequest, form);
    }

    [Fact]
    public async Task A_name_that_is_no_system_name_is_refused() =>
        await server.SendAsync(HttpMethod.Post, $"{Url}?entitySystemName=1%20x", HttpStatusCode.BadRequest, File(Csv));

    private static ByteArrayContent File(string csv) =>
        new(Encoding.UTF8.GetBytes(csv)) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };

    private static StringContent Json(JsonElement element) => new(element.GetRawText(), Encoding.UTF8, "application/json");
}
