namespace EntityImport.Changes;

/// <summary>Factors that numbers are multiplied by when they come in another unit than before.</summary>
internal static class WellKnownUnits
{
    /// <summary>How exactly the factor must be known.</summary>
    private const double MostSpread = 0.002;

    private static readonly (double Factor, string From, string To)[] Units =
    [
        (2.54, "inches", "centimetres"), (25.4, "inches", "millimetres"), (0.3048, "feet", "metres"), (1.609344, "miles", "kilometres"), (0.45359237, "pounds", "kilograms"), (453.59237, "pounds", "grams"),
        (28.349523, "ounces", "grams"), (3.785411784, "gallons", "litres"), (1.95583, "euros", "German marks"), (60, "hours", "minutes"), (3600, "hours", "seconds"), (86_400, "days", "seconds"),
        (1024, "KiB", "bytes"), (1_048_576, "MiB", "bytes"), (3.6, "metres a second", "kilometres an hour"),
    ];

    /// <summary>The change of units that a factor is; null where it is none, or not known exactly enough.</summary>
    /// <param name="least">The least factor that explains the changes.</param>
    /// <param name="most">The largest one.</param>
    public static string? Find(double least, double most)
    {
        if (most / least > 1 + MostSpread) return null;
        foreach (var (factor, from, to) in Units)
        {
            if (Has(factor)) return $"what {from} are in {to}";
            if (Has(1 / factor)) return $"what {to} are in {from}";
        }

        return null;

        bool Has(double factor) => factor >= least * (1 - 1e-9) && factor <= most * (1 + 1e-9);
    }
}
