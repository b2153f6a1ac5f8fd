using System.Globalization;
using System.Security;
using System.Text;
using EntityImport.Bench.Compare.Peers;
using Sylvan.Data.Csv;

namespace EntityImport.Bench.Tables.Writers;

/// <summary>LibreOffice Calc, which saves sheets as CSV in UTF-8 with cells as they are shown.</summary>
internal sealed class LibreOfficeWriter : TableWriter
{
    private const string Program = "soffice";

    /// <summary>Comma, quote, UTF-8, from line 1, no formats of columns, the locale of the system, texts not all quoted, cells as shown.</summary>
    private const string Filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true";

    public override string Name => "LibreOffice Calc";

    public override Language LanguageOf(int number) => number % 20 < 10 ? Language.English : Language.German;

    public override string? FindObstacle() => Tool.FindObstacle(Program);

    public override async Task<IReadOnlyList<WrittenTable>> WriteAsync(IReadOnlyList<Table> tables, string folder, CancellationToken cancellationToken)
    {
        string[] sheets = [.. tables.Select(table => Path.Combine(folder, table.Name + ".fods"))];
        foreach (var (table, path) in tables.Zip(sheets)) await File.WriteAllTextAsync(path, Sheet(table), cancellationToken);
        await Tool.RunAsync(Program, [$"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", Filter, "--outdir", folder, .. sheets]);
        return [.. tables.Select(table => File.ReadAllBytes(Path.Combine(folder, table.Name + ".csv"))).Select(bytes => new WrittenTable(bytes, Texts(bytes)))];
    }

    private static List<string[]> Texts(byte[] bytes)
    {
        using var reader = CsvDataReader.Create(new StreamReader(new MemoryStream(bytes)), new CsvDataReaderOptions { Delimiter = ',' });
        var rows = new List<string[]>();
        while (reader.Read()) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
        return rows;
    }

    private static string Sheet(Table table)
    {
        var sheet = new StringBuilder("""
            <?xml version="1.0" encoding="UTF-8"?>
            <office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
            <office:automatic-styles>
            <number:date-style style:name="D"><number:year number:style="long"/><number:text>-</number:text><number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>
            <number:date-style style:name="T"><number:day number:style="long"/><number:text>.</number:text><number:month number:style="long"/><number:text>.</number:text><number:year number:style="long"/><number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text><number:minutes number:style="long"/></number:date-style>
            <style:style style:name="day" style:family="table-cell" style:data-style-name="D"/>
            <style:style style:name="time" style:family="table-cell" style:data-style-name="T"/>
            </office:automatic-styles>
            <office:body><office:spreadsheet><table:table table:name="Sheet1">
            """);
        sheet.Append("<table:table-row>").AppendJoin("", table.Columns.Select(column => Cell(column.Name))).Append("</table:table-row>\n");
        foreach (var row in table.Rows) sheet.Append("<table:table-row>").AppendJoin("", row.Select(Cell)).Append("</table:table-row>\n");
        return sheet.Append("</table:table></office:spreadsheet></office:body></office:document>").ToString();
    }

    private static string Cell(object? value) => value switch
    {
        null => "<table:table-cell/>",
        bool flag => $"""<table:table-cell office:value-type="boolean" office:boolean-value="{(flag ? "true" : "false")}"/>""",
        DateOnly day => $"""<table:table-cell table:style-name="day" office:value-type="date" office:date-value="{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}"/>""",
        DateTime time => $"""<table:table-cell table:style-name="time" office:value-type="date" office:date-value="{time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture)}"/>""",
        string text => $"""<table:table-cell office:value-type="string">{string.Concat(text.Split('\n').Select(line => $"<text:p>{SecurityElement.Escape(line)}</text:p>"))}</table:table-cell>""",
        _ => string.Create(CultureInfo.InvariantCulture, $"""<table:table-cell office:value-type="float" office:value="{value}"/>"""),
    };
}
