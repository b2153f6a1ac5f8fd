using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace EntityImport.Conversion.Locales;

/// <summary>The locales of the resource <c>Locales.txt</c>, whose head describes its format.</summary>
internal static partial class LocaleTable
{
    private static readonly Lazy<FrozenDictionary<string, LocaleData>> Locales = new(Read);

    /// <summary>The ids of all locales of the table.</summary>
    public static IEnumerable<string> Ids => Locales.Value.Keys;

    /// <summary>The data of a locale, or null where it is not in the table.</summary>
    public static LocaleData? Find(LocaleId id) => Locales.Value.GetValueOrDefault(Key(id));

    // Where the script is the one that the region implies, the table has the locale without it.
    private static string Key(LocaleId id) => id switch
    {
        { Language: "zh", Script: "Hant", Region: "" } => "zh-TW",
        { Language: "zh", Script: "Hant", Region: "TW" } or { Language: "zh", Script: "Hans", Region: "CN" } => $"zh-{id.Region}",
        { Language: "zh", Script: "Hans", Region: "" } => "zh-CN",
        _ => id.ToString(),
    };

    private static FrozenDictionary<string, LocaleData> Read()
    {
        using var stream = typeof(LocaleTable).Assembly.GetManifestResourceStream("EntityImport.Locales.txt")
            ?? throw new InvalidOperationException("The assembly lacks its locale table.");
        using var reader = new StreamReader(stream);
        var sections = new List<LocaleSection>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.Length == 0) continue;
            if (line.StartsWith('[')) sections.Add(new LocaleSection(line.Trim('[', ']'), FirstOfLanguage(sections, line[1..3])));
            else sections[^1].Add(Escape().Replace(line, match => ((char)Convert.ToInt32(match.Groups[1].Value, 16)).ToString()));
        }

        var locales = sections.ToDictionary(section => section.Id, section => section.ToLocale());
        foreach (var section in sections.Where(section => section.IsFirstOfLanguage))
            locales[section.Id[..2]] = locales[section.Id];
        return locales.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static LocaleSection? FirstOfLanguage(List<LocaleSection> sections, string language) =>
        sections.Find(section => section.Id.StartsWith(language, StringComparison.Ordinal));

    [GeneratedRegex(@"\\u([0-9A-F]{4})")]
    private static partial Regex Escape();
}
