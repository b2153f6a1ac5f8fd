namespace EntityImport.Conversion.Dates;

/// <summary>Refuses patterns that cannot work, and those that would read dates other than their author means.</summary>
internal static class PatternRules
{
    /// <summary>Checks the elements of a pattern.</summary>
    /// <exception cref="DatePatternException">The pattern is refused.</exception>
    public static void Check(string pattern, IReadOnlyList<PatternElement> elements)
    {
        var fields = elements.Where(element => !element.IsLiteral).ToArray();
        if (fields.Length == 0) throw DatePatternFaults.Empty(pattern);
        foreach (var field in fields)
        {
            if (field is { Letter: 'X', Count: > 3 }) throw DatePatternFaults.LongZone(pattern, field);
            if (field is { Letter: 'S', Count: > 9 }) throw DatePatternFaults.LongFraction(pattern, field);
        }

        CheckWeekYear(pattern, fields);
        CheckMinutes(pattern, fields);
        CheckDayOfYear(pattern, fields);
    }

    // The JDK ignores month and day beside a week-year: YYYY-MM-dd would read every date as the first day of a year.
    private static void CheckWeekYear(string pattern, PatternElement[] fields)
    {
        if (!Has(fields, "Y")) return;
        if (Has(fields, "w") && !Has(fields, "MLdD")) return;
        var weekYear = fields.First(field => field.Letter == 'Y');
        var likelyMeant = Has(fields, "wy") ? null : Calendar(pattern, fields, replaceDay: Has(fields, "ML") && !Has(fields, "d"));
        throw DatePatternFaults.WeekYear(pattern, weekYear, likelyMeant);
    }

    private static void CheckMinutes(string pattern, PatternElement[] fields)
    {
        if (Has(fields, "MLD")) return;
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Letter != 'm' || fields.Length == 1) continue;
            if ((i == 0 || IsDayOrYear(fields[i - 1])) && (i == fields.Length - 1 || IsDayOrYear(fields[i + 1])))
                throw DatePatternFaults.Minutes(pattern, fields[i]);
        }
    }

    // yyyy-MM-DD would accept January and nothing else.
    private static void CheckDayOfYear(string pattern, PatternElement[] fields)
    {
        if (!Has(fields, "ML") || !Has(fields, "D") || Has(fields, "d")) return;
        throw DatePatternFaults.DayOfYear(pattern, fields.First(field => field.Letter == 'D'), Calendar(pattern, fields, replaceDay: true));
    }

    private static bool Has(PatternElement[] fields, string letters) =>
        fields.Any(field => letters.Contains(field.Letter, StringComparison.Ordinal));

    private static bool IsDayOrYear(PatternElement field) => field.Letter is 'd' or 'y' or 'Y';

    private static string Calendar(string pattern, PatternElement[] fields, bool replaceDay)
    {
        foreach (var field in fields)
        {
            var letter = field.Letter == 'Y' ? 'y' : field.Letter == 'D' && replaceDay ? 'd' : field.Letter;
            pattern = DatePatternFaults.Replace(pattern, field.Position - 1, field.Count, new string(letter, field.Count));
        }

        return pattern;
    }
}
