using EntityImport.Catalog;

namespace EntityImport.Imports;

/// <summary>Figures over the last imports of files into an entity.</summary>
/// <remarks>An undo reads no file, a dry run writes nothing, and a repair brings in some rows of another import: neither can be compared with the imports of whole files, and none is among them.</remarks>
public sealed record EntityStatistics
{
    /// <summary>The fewest imports that one of them can stand out against.</summary>
    public const int LeastToCompare = 5;

    private EntityStatistics()
    {
    }

    /// <summary>The entity, as it spells its name.</summary>
    public required string EntitySystemName { get; init; }

    /// <summary>The imports, oldest first.</summary>
    public required IReadOnlyList<MeasuredImport> Imports { get; init; }

    /// <summary>Their ledgers in one.</summary>
    public required Ledger Ledger { get; init; }

    /// <summary>Figures over those that have read their file; null where there are none.</summary>
    public ImportFigures? Figures { get; init; }

    /// <summary>Whether an import is one of those that are compared.</summary>
    public static bool IsCompared(Import import) => import is { HasEnded: true, DryRun: false, Undoes: null, Repairs: null };

    /// <summary>Figures over imports.</summary>
    /// <param name="entitySystemName">The entity, as it spells its name.</param>
    /// <param name="imports">The imports, in any order, with the bytes of their files; null where these are not known any more.</param>
    public static EntityStatistics Of(string entitySystemName, IEnumerable<(Import Import, long? Bytes)> imports)
    {
        var measured = imports.OrderBy(found => found.Import.Sequence).Select(found => new MeasuredImport(found.Import, found.Bytes)).ToList();
        var ledger = measured.Aggregate(new Ledger(), (sum, next) => sum.Plus(next.Import.Ledger));
        var read = measured.Where(import => import.HasRead).ToList();
        return new EntityStatistics
        {
            EntitySystemName = entitySystemName,
            Imports = measured,
            Ledger = ledger,
            Figures = read.Count == 0 ? null : new ImportFigures(
                ImportFigure.Of(read.Select(import => (double)import.Import.Ledger.Records)), ImportFigure.Of(read.Select(import => import.RejectedPercent)),
                ImportFigure.Of(read.Select(import => import.Seconds)), read.Any(import => import.Bytes is not null) ? ImportFigure.Of(read.Where(import => import.Bytes is not null).Select(import => (double)import.Bytes!)) : null),
        };
    }
}

/// <summary>An import with its figures.</summary>
/// <param name="Import">The import, which has ended.</param>
/// <param name="Bytes">The bytes of its file; null where these are not known any more.</param>
public sealed record MeasuredImport(Import Import, long? Bytes)
{
    /// <summary>Whether it has read its file to the end, so that its figures can be compared.</summary>
    public bool HasRead => Import is { HasRejectedRows: true, Ledger.Records: > 0 };

    /// <summary>Of 100 rows those that were rejected; 0 where there were no rows.</summary>
    public double RejectedPercent => Import.Ledger.Records == 0 ? 0 : 100.0 * Import.Ledger.Rejected / Import.Ledger.Records;

    /// <summary>Seconds from the invocation to the end.</summary>
    public double Seconds => (Import.StoppedAt!.Value - Import.StartedAt).TotalSeconds;
}

/// <summary>What imports come to.</summary>
/// <param name="Records">Rows of the file.</param>
/// <param name="RejectedPercent">Of 100 rows those that were rejected.</param>
/// <param name="Seconds">Seconds from the invocation to the end.</param>
/// <param name="Bytes">Bytes of the file; null where these are not known of any.</param>
public sealed record ImportFigures(ImportFigure Records, ImportFigure RejectedPercent, ImportFigure Seconds, ImportFigure? Bytes)
{
    /// <summary>The names of an import's figures that stand out, as the API spells them.</summary>
    public IEnumerable<string> ThatStandOut(MeasuredImport import)
    {
        if (Records.StandsOut(import.Import.Ledger.Records)) yield return "records";
        if (RejectedPercent.StandsOut(import.RejectedPercent)) yield return "rejectedPercent";
        if (Seconds.StandsOut(import.Seconds)) yield return "seconds";
        if (import.Bytes is { } bytes && Bytes!.StandsOut(bytes)) yield return "bytes";
    }
}

/// <summary>One figure of several imports.</summary>
public sealed record ImportFigure
{
    /// <summary>Median distances from the median from which on a value is far away; of values that are normally distributed, some 2 standard deviations.</summary>
    private const double FarDistances = 3;

    /// <summary>The part of the median that a distance must be at least, so that small ups and downs of what is nearly always the same are none.</summary>
    private const double FarPart = 0.5;

    private readonly double _far;
    private readonly int _count;

    private ImportFigure(List<double> values)
    {
        _count = values.Count;
        (Median, Least, Greatest) = (MedianOf(values), values.Min(), values.Max());
        _far = Math.Max(FarDistances * MedianOf(values.ConvertAll(value => Math.Abs(value - Median))), FarPart * Median);
    }

    /// <summary>The middle of the values; of an even number of them, the mean of both in the middle.</summary>
    public double Median { get; }

    /// <summary>The least of the values.</summary>
    public double Least { get; }

    /// <summary>The greatest of the values.</summary>
    public double Greatest { get; }

    /// <summary>The figure over values, of which there is at least one.</summary>
    public static ImportFigure Of(IEnumerable<double> values) => new([.. values]);

    /// <summary>Whether a value is far from the middle of the others: more than three times their median distance from it, and more than half of it. False where there are fewer than <see cref="EntityStatistics.LeastToCompare"/>.</summary>
    public bool StandsOut(double value) => _count >= EntityStatistics.LeastToCompare && Math.Abs(value - Median) > _far;

    private static double MedianOf(List<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
