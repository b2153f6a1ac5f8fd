using System.Globalization;

namespace EntityImport.Cli.Output;

/// <summary>Numbers as people read them, the same on every machine.</summary>
internal static class Amounts
{
    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB"];

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 row", "2 rows".</summary>
    public static string Of(long number, string singular) => $"{Count(number)} {singular}{(number == 1 ? "" : "s")}";

    /// <summary>"1.5 MB"; decimal units.</summary>
    public static string Bytes(long bytes)
    {
        var value = (double)bytes;
        var unit = 0;
        for (; value >= 1000 && unit < Units.Length - 1; unit++) value /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? value : Math.Round(value, 1))} {Units[unit]}");
    }

    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}
