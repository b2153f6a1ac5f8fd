using System.Globalization;

namespace EntityImport.Conversion.Locales;

/// <summary>The lines that the locale table has for one locale.</summary>
/// <param name="id">The locale.</param>
/// <param name="first">The first locale of its language, whose lines stand for those that are missing; null for that locale itself.</param>
internal sealed class LocaleSection(string id, LocaleSection? first)
{
    private readonly Dictionary<string, string> _lines = [];

    public string Id { get; } = id;

    public bool IsFirstOfLanguage => first is null;

    /// <summary>Adds a line like <c>months = a|b|c</c>.</summary>
    public void Add(string line)
    {
        var equals = line.IndexOf(" = ", StringComparison.Ordinal);
        _lines.Add(line[..equals], line[(equals + 3)..]);
    }

    public LocaleData ToLocale() => new()
    {
        Id = Id,
        DecimalSeparator = Value("decimal"),
        GroupingSeparator = Value("grouping"),
        PercentSymbol = Value("percent"),
        CurrencySymbol = Value("currency"),
        FirstDayOfWeek = (DayOfWeek)(Number("firstDayOfWeek") - 1),
        MinimalDaysInFirstWeek = Number("minimalDays"),
        Months = Names("months", "monthsShort"),
        Weekdays = Names("weekdays", "weekdaysShort"),
        DayHalves = Names("dayHalves", "dayHalves"),
        Eras = Names("eras", "erasShort"),
    };

    private LocaleNames Names(string full, string abbreviated)
    {
        var alternatives =
            from line in _lines
            let dot = line.Key.IndexOf('.', StringComparison.Ordinal)
            where dot > 0 && (line.Key[..dot] == full || line.Key[..dot] == abbreviated)
            let number = int.Parse(line.Key[(dot + 1)..], CultureInfo.InvariantCulture)
            select new AlternativeName(number - 1, line.Value, line.Key[..dot] == abbreviated);
        return new LocaleNames(List(full), List(abbreviated, full), List(full + "Alone", full), List(abbreviated + "Alone", abbreviated, full))
        {
            Alternatives = [.. alternatives],
        };
    }

    private string[] List(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            if (Find(key) is { } value) return value.Split('|');
        throw new InvalidOperationException($"The locale table lacks '{keys[0]}' for {Id}.");
    }

    private int Number(string key) => int.Parse(Value(key), CultureInfo.InvariantCulture);

    private string Value(string key) =>
        Find(key) ?? throw new InvalidOperationException($"The locale table lacks '{key}' for {Id}.");

    private string? Find(string key) => _lines.GetValueOrDefault(key) ?? first?.Find(key);
}
