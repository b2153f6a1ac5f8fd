using System.Globalization;
using System.Text;

namespace EntityImport.Bench.Tables.Writers;

/// <summary>Excel's "CSV" of a country: its code page, delimiter, decimals and days. Cells of some tables are formatted with grouped digits.</summary>
internal sealed class ExcelWriter(Language language) : KnownWriter
{
    public override string Name => $"Excel {language.Name} (emulated)";

    public override Language LanguageOf(int number) => language;

    protected override Encoding EncodingOf(Table table) => language.Encoding;

    protected override string DelimiterOf(Table table) => language.Delimiter.ToString();

    protected override string Text(Table table, Column column, object? value) => value switch
    {
        null => "",
        bool flag => flag ? language.True : language.False,
        decimal amount => Amount(amount, table.Number % 20 >= 10),
        DateOnly day => day.ToString(language.Day, CultureInfo.InvariantCulture),
        DateTime time => time.ToString(language.Day + " H:mm", CultureInfo.InvariantCulture),
        string text => text.Replace("\n", "\n", StringComparison.Ordinal),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private string Amount(decimal amount, bool isGrouped)
    {
        var symbols = (NumberFormatInfo)NumberFormatInfo.InvariantInfo.Clone();
        (symbols.NumberDecimalSeparator, symbols.NumberGroupSeparator) = (language.Decimal, language.Group);
        return amount.ToString(isGrouped ? "#,##0.00" : "0.##", symbols);
    }
}

/// <summary>Lists of SAP: semicolons, digits grouped by points, the minus behind the number, flags as X or nothing, and a title above some.</summary>
internal sealed class SapWriter : KnownWriter
{
    public override string Name => "SAP list (emulated)";

    public override Language LanguageOf(int number) => number % 20 < 10 ? Language.German : Language.Polish;

    protected override Encoding EncodingOf(Table table) => table.Number % 30 < 10 ? table.Language.Encoding : base.EncodingOf(table);

    protected override string DelimiterOf(Table table) => ";";

    protected override string Above(Table table) => table.Number % 40 < 20 ? "" : "Materialliste\r\n\r\n";

    protected override string Text(Table table, Column column, object? value) => value switch
    {
        null => "",
        bool flag => flag ? "X" : "",
        decimal amount => $"{Grouped(Math.Abs(amount))}{(amount < 0 ? "-" : "")}",
        DateOnly day => day.ToString("dd.MM.yyyy", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("dd.MM.yyyy HH:mm:ss", CultureInfo.InvariantCulture),
        string text => text.ReplaceLineEndings(" "),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Grouped(decimal amount)
    {
        var symbols = (NumberFormatInfo)NumberFormatInfo.InvariantInfo.Clone();
        (symbols.NumberDecimalSeparator, symbols.NumberGroupSeparator) = (",", ".");
        return amount.ToString("#,##0.00", symbols);
    }
}

/// <summary>Shopify's exports: UTF-8, true and false, times with the shop's offset.</summary>
internal sealed class ShopifyWriter : KnownWriter
{
    private static readonly TimeSpan Offset = TimeSpan.FromHours(2);

    public override string Name => "Shopify export (emulated)";

    protected override string LineEnd => "\n";

    protected override string Text(Table table, Column column, object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        decimal amount => amount.ToString("0.00", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.Add(Offset).ToString("yyyy-MM-dd HH:mm:ss +0200", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}

/// <summary>Google Sheets: UTF-8 and commas everywhere, values as the sheet's locale shows them.</summary>
internal sealed class SheetsWriter : KnownWriter
{
    public override string Name => "Google Sheets (emulated)";

    protected override string Text(Table table, Column column, object? value) => value switch
    {
        null => "",
        bool flag => flag ? "TRUE" : "FALSE",
        decimal amount => amount.ToString("0.##", CultureInfo.InvariantCulture).Replace(".", table.Language.Decimal, StringComparison.Ordinal),
        DateOnly day => day.ToString(table.Language.Day, CultureInfo.InvariantCulture),
        DateTime time => time.ToString(table.Language.Day + " H:mm:ss", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
