using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using Xunit;

namespace EntityImport.Storage.Tests.Durability;

/// <summary>What is imported is what was uploaded, whatever has become of the files since.</summary>
public sealed class StoredFileTests
{
    private const string Fields = """[{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "text", "dataType": "STRING"}]""";
    private const string Csv = "id,text\n1,a\n2,b\n3,c\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("id,text\n1,a\n2,B\n3,c\n", "its bytes are not those")]
    [InlineData("id,text\n1,a\n2,b\n3,c\r", "its bytes are not those")]
    [InlineData("id,texT\n1,a\n2,b\n3,c\n", "its bytes are not those")]
    [InlineData("i,,text\n1,a\n2,b\n3,c\n", "its bytes are not those")]
    [InlineData("xxxxxxxxxxxxxxxxxxxx", "its bytes are not those")]
    [InlineData("id,text\n1,a\n2,b\n3,c\n4,d\n", "it had 20 bytes and now has 24")]
    [InlineData("id,text\n1,a\n", "it had 20 bytes and now has 12")]
    [InlineData("", "it had 20 bytes and now has 0")]
    public async Task A_file_that_has_changed_is_not_imported_and_that_is_the_services_fault_at_once(string now, string why)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var upload = await UploadAsync(engine, Csv);

        await File.WriteAllTextAsync(Data(engine, upload), now, Token);
        var import = await ImportAsync(engine, upload);

        AssertFailedAtOnce(import, why);
        Assert.Empty(await engine.RecordsAsync("e"));
    }

    [Fact]
    public async Task Rows_that_reach_the_limit_of_rejected_ones_because_the_file_has_changed_are_not_the_clients_fault()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var upload = await UploadAsync(engine, Csv, """{"maxFailedRows": 0}""");

        await File.WriteAllTextAsync(Data(engine, upload), "id,text\n1,a\nx,b\n3,c\n", Token);

        AssertFailedAtOnce(await ImportAsync(engine, upload), "its bytes are not those");
    }

    [Fact]
    public async Task A_byte_that_has_changed_anywhere_in_a_file_of_many_parts_is_found()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var csv = Encoding.UTF8.GetBytes("id,text\n" + string.Concat(Enumerable.Range(0, 300_000).Select(i => $"{i},{new string('v', 30)}\n")) + new string('\n', 100_000));
        var mapping = await engine.MapAsync("e", "{}");
        foreach (var place in (int[])[10, (4 << 20) - 20, 4 << 20, csv.Length - 150_000, csv.Length - 70_000, csv.Length - 1])
        {
            var upload = (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(csv), "test.csv", charset: null, Token))!;
            byte[] changed = [.. csv];
            changed[place] = changed[place] == 'v' ? (byte)'w' : (byte)'v';
            await File.WriteAllBytesAsync(Data(engine, upload), changed, Token);
            AssertFailedAtOnce(await ImportAsync(engine, upload), "its bytes are not those");
        }

        Assert.Equal(300_000, (await engine.ImportAsync(mapping, csv)).Ledger.Inserted);
    }

    [Fact]
    public async Task A_file_that_is_lost_is_told_as_such_and_can_be_imported_when_it_is_back()
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var upload = await UploadAsync(engine, Csv);
        File.Move(Data(engine, upload), Data(engine, upload) + ".elsewhere");

        AssertFailedAtOnce(await ImportAsync(engine, upload), $"uploads/{upload.Id:D}/data is no longer in the data directory");
        Assert.Equal("file-lost", (await Assert.ThrowsAsync<StoredFileException>(() => engine.Import.Uploads.OpenFileAsync(Request.Anonymous, upload, Token))).Type);

        File.Move(Data(engine, upload) + ".elsewhere", Data(engine, upload));
        Assert.Equal(new Ledger { Records = 3, Inserted = 3 }, (await ImportAsync(engine, upload)).Ledger);
    }

    [Theory]
    [InlineData("UTF-8", """{"skipLines": 1}""")]
    [InlineData("UTF-16LE", """{"encoding": "UTF-16LE"}""")]
    [InlineData("windows-1252", """{"encoding": "windows-1252"}""")]
    public async Task The_hash_is_checked_where_the_index_cannot_be(string encoding, string definition)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var mapping = await engine.MapAsync("e", definition);
        var skipped = definition.Contains("skip", StringComparison.Ordinal) ? "title\n" : "";
        var upload = (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, mapping, new MemoryStream(Encoding.GetEncoding(encoding).GetBytes(skipped + Csv)), "test.csv", charset: null, Token))!;
        File.Delete(Path.Combine(Path.GetDirectoryName(Data(engine, upload))!, "index"));

        await File.WriteAllBytesAsync(Data(engine, upload), Encoding.GetEncoding(encoding).GetBytes(skipped + Csv.Replace('b', 'B')), Token);
        AssertFailedAtOnce(await ImportAsync(engine, upload), "its bytes are not those");

        await File.WriteAllBytesAsync(Data(engine, upload), Encoding.GetEncoding(encoding).GetBytes(skipped + Csv), Token);
        Assert.Equal(new Ledger { Records = 3, Inserted = 3 }, (await ImportAsync(engine, upload)).Ledger);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"index\":{},\"checksum\":0}")]
    [InlineData("{\"index\":null,\"checksum\":0}")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    [InlineData("half")]
    [InlineData("\"recordCount\":3>\"recordCount\":2")]
    [InlineData("\"recordCount\":3>\"recordCount\":-3")]
    [InlineData("\"recordCount\":3>\"recordCount\":\"3\"")]
    [InlineData("\"offset\":8>\"offset\":12")]
    [InlineData("\"offset\":8>\"offset\":-8")]
    [InlineData("\"offset\":8>\"offset\":8000000000")]
    [InlineData("\"length\":12>\"length\":8")]
    [InlineData("\"size\":20>\"size\":16")]
    [InlineData("\"lineNumber\":2>\"lineNumber\":20")]
    [InlineData("\"parts\":[>\"parts\":[null,")]
    public async Task An_index_that_cannot_be_trusted_is_made_anew(string damage)
    {
        await using var engine = await Engine.StartAsync();
        await engine.DeclareAsync("e", Fields);
        var upload = await UploadAsync(engine, "id,text\n1,a\n2,b\nx,c\n");
        var path = Path.Combine(Path.GetDirectoryName(Data(engine, upload))!, "index");
        var index = await File.ReadAllTextAsync(path, Token);
        if (damage.Split('>') is [var was, var now])
        {
            Assert.Contains(was, index, StringComparison.Ordinal);
            damage = index.Replace(was, now, StringComparison.Ordinal);
        }
        else if (damage == "half") damage = index[..(index.Length / 2)];

        await File.WriteAllTextAsync(path, damage, Token);
        var import = await ImportAsync(engine, upload);

        Assert.Equal((ImportState.Succeeded, 1, new Ledger { Records = 3, Inserted = 2, Rejected = 1 }), (import.State, import.Attempts, import.Ledger));
        Assert.Equal(["1|a", "2|b"], await engine.RecordsAsync("e"));
        Assert.Contains("\nx,c,3,4,", await engine.ErrorFileAsync(import), StringComparison.Ordinal);
    }

    private static async Task<Upload> UploadAsync(Engine engine, string csv, string definition = "{}") =>
        (await engine.Import.Uploads.ReceiveAsync(Request.Anonymous, await engine.MapAsync("e", definition), new MemoryStream(Encoding.UTF8.GetBytes(csv)), "test.csv", charset: null, Token))!;

    private static async Task<Import> ImportAsync(Engine engine, Upload upload) => await engine.EndOfAsync((await engine.Import.Imports.InvokeAsync(Request.Anonymous, upload.Id, Token))!);

    private static string Data(Engine engine, Upload upload) => Path.Combine(engine.DataDirectory, "uploads", $"{upload.Id:D}", "data");

    private static void AssertFailedAtOnce(Import import, string why)
    {
        Assert.Equal((ImportState.Failed, false, 1), (import.State, import.ClientError, import.Attempts));
        Assert.Contains(why, import.Message, StringComparison.Ordinal);
    }
}
