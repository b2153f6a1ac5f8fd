using System.Globalization;

namespace EntityImport.Bench.Tables;

/// <summary>Draws tables.</summary>
internal static class TableMaker
{
    private static readonly string[] Meant = ["NA", "NO", "DE", "US", "N/A", "NULL", "true", "Y", "none", "-"];

    /// <summary>Draws a table: the same for the same numbers.</summary>
    public static Table Draw(int seed, int number, Language language)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        // Said of the whole: at least 15 % of tables have no day above 12, and 20 % codes with zeros in front.
        var lateDays = number % 6 != 0;
        var hasCodes = number % 4 == 0;
        var kinds = new List<Kind> { hasCodes ? Kind.Code : random.Next(3) == 0 ? Kind.Code : Kind.Count };
        foreach (var kind in Enum.GetValues<Kind>())
            if (kind != Kind.Code && random.Next(10) < 6) kinds.Add(kind);
        if (!kinds.Contains(Kind.Day) && !lateDays) kinds.Add(Kind.Day);
        if (!kinds.Contains(Kind.Text)) kinds.Add(Kind.Text);
        var columns = kinds.Select((kind, place) => new Column(NameOf(language, kind, place), kind)).ToArray();
        var rows = random.Next(8) == 0 ? random.Next(2, 6) : random.Next(10, 300);
        var isGappy = kinds.Select((_, place) => place > 0 && random.Next(4) == 0).ToArray();
        return new Table(number, language, columns, [.. Enumerable.Range(0, rows).Select(row => Array.ConvertAll(
            [.. Enumerable.Range(0, kinds.Count)], place => isGappy[place] && random.Next(5) == 0 ? null : place > 0 ? Value(random, kinds[place], language, lateDays) : kinds[0] == Kind.Code ? CodeOf(number, row) : 1000L + (row * 3)))]);
    }

    private static string NameOf(Language language, Kind kind, int place) => language.Names[kind] is var names && place == 0 ? names[^1] : names[0];

    private static string CodeOf(int number, int row) => string.Create(CultureInfo.InvariantCulture, $"{((number * 7919L) + (row * 31L)) % 1_000_000:000000}{row % 1000:000}");

    private static object Value(Random random, Kind kind, Language language, bool lateDays) => kind switch
    {
        Kind.Count => random.NextInt64(0, 5000),
        Kind.Amount => Math.Round((decimal)random.NextDouble() * (random.Next(3) == 0 ? 100_000 : 200), 2) * (random.Next(8) == 0 ? -1 : 1),
        Kind.Day => Day(random, lateDays),
        Kind.Time => Day(random, lateDays).ToDateTime(new TimeOnly(random.Next(24), random.Next(60)), DateTimeKind.Utc),
        Kind.Flag => random.Next(2) == 0,
        Kind.Version => string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 4)}.{random.Next(0, 30)}"),
        Kind.Word => Meant[random.Next(Meant.Length)],
        Kind.Code => string.Create(CultureInfo.InvariantCulture, $"{random.Next(1_000_000):000000}"),
        _ => string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => language.Words[random.Next(language.Words.Length)])) + (random.Next(30) == 0 ? "\nx" : ""),
    };

    private static DateOnly Day(Random random, bool lateDays) => new(random.Next(2015, 2027), random.Next(1, 13), random.Next(1, lateDays ? 29 : 13));
}
