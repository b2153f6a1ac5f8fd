using System.Text;

namespace EntityImport.Bench.Tables;

/// <summary>A language that tables are written in, and what programs do where it is spoken.</summary>
/// <param name="Name">Its locale, as Java writes it.</param>
/// <param name="CodePage">What Excel saves files in there.</param>
/// <param name="Delimiter">What Excel separates fields by there.</param>
/// <param name="Decimal">What stands before decimals.</param>
/// <param name="Group">What groups digits.</param>
/// <param name="Day">How days are written, as a .NET format.</param>
/// <param name="True">How Excel writes true.</param>
/// <param name="False">How Excel writes false.</param>
/// <param name="Words">Words of texts.</param>
/// <param name="Names">Names of columns, by kind.</param>
internal sealed record Language(
    string Name, int CodePage, char Delimiter, string Decimal, string Group, string Day, string True, string False, string[] Words, IReadOnlyDictionary<Kind, string[]> Names)
{
    public static readonly Language English = new(
        "en-US", 1252, ',', ".", ",", "M/d/yyyy", "TRUE", "FALSE",
        ["bolt", "hex nut", "washer", "bracket", "Café chair", "steel", "3/4\" pipe", "stainless, polished", "fastener", "Ångström gauge", "pulley", "résumé holder", "drawer", "piñata"],
        Named("Item No", "Quantity", "Price", "Delivery date", "Changed at", "Active", "Description", "EAN", "Version", "Country"));

    public static readonly Language German = new(
        "de-DE", 1252, ';', ",", ".", "dd.MM.yyyy", "WAHR", "FALSCH",
        ["Schraube", "Mutter M8", "Unterlegscheibe", "Größe L", "Stoßdämpfer", "Bügel; verzinkt", "Kühlgerät", "Dübel", "Türgriff", "Fußmatte", "Löffel", "Gehäuse", "Prüfstück", "Öse"],
        Named("Artikelnummer", "Menge", "Preis", "Lieferdatum", "Geändert am", "Aktiv", "Bezeichnung", "EAN", "Version", "Land"));

    public static readonly Language Polish = new(
        "pl-PL", 1250, ';', ",", "\u00A0", "dd.MM.yyyy", "PRAWDA", "FAŁSZ",
        ["śruba", "nakrętka", "podkładka", "łożysko", "gąbka", "klucz płaski", "żarówka", "uchwyt", "zawór", "część zamienna", "półka", "dźwignia", "ćwiek", "źródło światła"],
        Named("Numer", "Ilość", "Cena", "Data dostawy", "Zmieniono", "Aktywny", "Opis", "EAN", "Wersja", "Kraj"));

    public static readonly Language Japanese = new(
        "ja-JP", 932, ',', ".", ",", "yyyy/M/d", "TRUE", "FALSE",
        ["ボルト", "ナット", "座金", "工具箱", "ステンレス鋼", "六角レンチ", "電球", "取っ手", "弁", "部品", "棚板", "ドライバー", "木ねじ", "光源"],
        Named("品番", "数量", "価格", "納期", "更新日時", "有効", "品名", "EAN", "版", "国"));

    public static readonly Language French = new(
        "fr-FR", 1252, ';', ",", "\u202F", "dd/MM/yyyy", "VRAI", "FAUX",
        ["vis", "écrou", "rondelle", "étagère", "poignée", "clé à molette", "lumière", "pièce détachée", "boîtier", "hélice", "crémaillère", "tôle", "réglette", "évier"],
        Named("Référence", "Quantité", "Prix", "Date de livraison", "Modifié le", "Actif", "Désignation", "EAN", "Version", "Pays"));

    static Language() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>What Excel saves files in where the language is spoken.</summary>
    public Encoding Encoding => Encoding.GetEncoding(CodePage);

    private static Dictionary<Kind, string[]> Named(string id, string count, string amount, string day, string time, string flag, string text, string code, string version, string word) => new()
    {
        [Kind.Count] = [count, id],
        [Kind.Amount] = [amount],
        [Kind.Day] = [day],
        [Kind.Time] = [time],
        [Kind.Flag] = [flag],
        [Kind.Text] = [text],
        [Kind.Code] = [code, id],
        [Kind.Version] = [version],
        [Kind.Word] = [word],
    };
}
