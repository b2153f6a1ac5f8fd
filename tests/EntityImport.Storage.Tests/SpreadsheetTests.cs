using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using EntityImport.Catalog;
using EntityImport.Csv;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>What a real spreadsheet makes of a safe copy. Needs LibreOffice Calc.</summary>
public sealed class SpreadsheetTests(SpreadsheetTests.Profile profile) : IClassFixture<SpreadsheetTests.Profile>, IDisposable
{
    private const string Note = """
        [{"systemName": "id", "dataType": "INTEGER", "primaryKey": true}, {"systemName": "text", "dataType": "STRING"}, {"systemName": "number", "dataType": "INTEGER"}]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("eis-spreadsheet-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(",", "44", "1033")]
    [InlineData(",", "59", "1031")]
    [InlineData(",", "9", "1033")]
    [InlineData(",", "32", "1033")]
    [InlineData(";", "44/59/124/MRG", "1033")]
    [InlineData("||", "44", "1033")]
    public async Task No_cell_is_a_formula_whatever_delimiter_the_spreadsheet_takes(string delimiter, string separators, string language)
    {
        await using var engine = await Engine.StartAsync();
        var (first, _) = await RejectAsync(engine, SafeCopyTests.HostileTexts, delimiter);
        var verbatim = await WriteAsync("verbatim.csv", await engine.ErrorFileBytesAsync(first));
        var copy = await WriteAsync("copy.csv", await engine.ErrorFileBytesAsync(first, forSpreadsheets: true));
        var sheets = await ConvertAsync("fods", Opened(separators, language), verbatim, copy);

        // So that the test can fail: the error file itself has formulas.
        Assert.NotEmpty(FormulasOf(sheets[verbatim]));
        Assert.Empty(FormulasOf(sheets[copy]));
    }

    [Theory]
    [InlineData("csv", ",", 44, "1033")]
    [InlineData("csv", ";", 9, "1031")]
    [InlineData("ods", ",", 44, "1033")]
    [InlineData("xlsx", ",", 59, "1031")]
    public async Task A_copy_that_was_opened_and_saved_comes_back_as_it_was(string through, string delimiter, int savedDelimiter, string language)
    {
        await using var engine = await Engine.StartAsync();
        var texts = SafeCopyTests.HostileTexts;
        var (first, mapping) = await RejectAsync(engine, texts, delimiter);
        var copy = await WriteAsync("copy.csv", await engine.ErrorFileBytesAsync(first, forSpreadsheets: true));
        var opened = Opened(string.Create(CultureInfo.InvariantCulture, $"{(int)delimiter[0]}"), language);

        if (through != "csv") (copy, opened) = ((await ConvertAsync(through, opened, copy))[copy], null);
        if (through == "xlsx") AssertHasNoFormula(copy);
        // As shown, and only what needs quotes is in quotes: what saving by hand does.
        var saving = string.Create(CultureInfo.InvariantCulture, $"csv:Text - txt - csv (StarCalc):{savedDelimiter},34,76,1,,{language},false,true,true");
        var saved = (await ConvertAsync(saving, opened, copy))[copy];
        var again = await engine.ImportAsync(mapping, Encoding.UTF8.GetBytes(SafeCopyTests.Corrected(await File.ReadAllTextAsync(saved, Token))));

        Assert.Equal(texts.Select((text, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}|{text}|7")), await engine.RecordsAsync("note"));
        Assert.Equal(new Ledger { Records = texts.Count, Inserted = texts.Count }, again.Ledger);
    }

    /// <summary>Imports texts, each in a row that is rejected for its number alone.</summary>
    private static async Task<(Import Import, Guid Mapping)> RejectAsync(Engine engine, IReadOnlyList<string> texts, string delimiter)
    {
        await engine.DeclareAsync("note", Note);
        var mapping = await engine.MapAsync("note", $$"""{"fieldDelimiter": "{{delimiter}}"}""");
        using var csv = new MemoryStream();
        var writer = new CsvFieldWriter(csv, new CsvDialect(delimiter));
        writer.WriteRecord(["id", "text", "number"]);
        for (var i = 0; i < texts.Count; i++)
        {
            writer.WriteLineEnd("\n");
            writer.WriteRecord([(i + 1).ToString(CultureInfo.InvariantCulture), texts[i], "bad"]);
        }

        var import = await engine.ImportAsync(mapping, csv.ToArray());
        Assert.Equal(texts.Count, import.Ledger.Rejected);
        return (import, mapping);
    }

    private static IReadOnlyList<string> FormulasOf(string fods)
    {
        var sheet = XDocument.Load(fods);
        Assert.Contains(sheet.Descendants(), element => element.Name.LocalName == "table-cell");
        return [.. sheet.Descendants().Attributes().Where(attribute => attribute.Name.LocalName == "formula").Select(attribute => attribute.Value)];
    }

    private static void AssertHasNoFormula(string xlsx)
    {
        using var archive = ZipFile.OpenRead(xlsx);
        using var sheet = archive.GetEntry("xl/worksheets/sheet1.xml")!.Open();
        var cells = XDocument.Load(sheet);
        Assert.Contains(cells.Descendants(), element => element.Name.LocalName == "c");
        Assert.DoesNotContain(cells.Descendants(), element => element.Name.LocalName == "f");
    }

    /// <summary>How a CSV file is opened: in UTF-8, quotes known, numbers and dates found wherever they can be.</summary>
    private static string Opened(string separators, string language) => $"CSV:{separators},34,76,1,,{language},false,true,false,false";

    private async Task<string> WriteAsync(string name, byte[] file)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllBytesAsync(path, file, Token);
        return path;
    }

    /// <summary>Has files opened and saved in another format; answers where each of them is then.</summary>
    private async Task<IReadOnlyDictionary<string, string>> ConvertAsync(string format, string? opened, params string[] files)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "soffice")).FirstOrDefault(File.Exists);
        if (program is null) Assert.Skip("LibreOffice is not installed: no spreadsheet opened the file.");
        var target = Directory.CreateDirectory(Path.Combine(_folder, Path.GetRandomFileName())).FullName;
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { $"-env:UserInstallation={new Uri(profile.Folder)}", "--headless", "--convert-to", format, "--outdir", target },
        };
        if (opened is not null) start.ArgumentList.Add($"--infilter={opened}");
        foreach (var file in files) start.ArgumentList.Add(file);
        using var office = Process.Start(start)!;
        try
        {
            var said = await Task.WhenAll(office.StandardOutput.ReadToEndAsync(Token), office.StandardError.ReadToEndAsync(Token)).WaitAsync(TimeSpan.FromMinutes(2), Token);
            await office.WaitForExitAsync(Token);
            var converted = files.ToDictionary(file => file, file => Path.Combine(target, Path.ChangeExtension(Path.GetFileName(file), format.Split(':')[0])));
            Assert.All(converted.Values, file => Assert.True(File.Exists(file), string.Concat(said)));
            return converted;
        }
        finally
        {
            if (!office.HasExited) office.Kill(entireProcessTree: true);
            await office.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>LibreOffice's folder for its user, which takes it longer to make than to open a file.</summary>
    public sealed class Profile : IDisposable
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("eis-spreadsheet-profile-").FullName;

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
