namespace EntityImport.Api;

/// <summary>Figures over the last imports of files into an entity. Undos, repairs and dry runs are not among them.</summary>
/// <param name="EntitySystemName">The entity.</param>
/// <param name="Ledger">The ledgers of these imports in one.</param>
/// <param name="Figures">What those come to that have read their file; null where there are none.</param>
/// <param name="Imports">These imports, oldest first.</param>
public sealed record EntityStatistics(string EntitySystemName, Ledger Ledger, ImportFigures? Figures, IReadOnlyList<MeasuredImport> Imports);

/// <summary>What imports come to.</summary>
/// <param name="Records">Rows of the file.</param>
/// <param name="RejectedPercent">Of 100 rows those that were rejected.</param>
/// <param name="Seconds">Seconds from the invocation to the end.</param>
/// <param name="Bytes">Bytes of the file; null where these are not known of any.</param>
public sealed record ImportFigures(ImportFigure Records, ImportFigure RejectedPercent, ImportFigure Seconds, ImportFigure? Bytes);

/// <summary>One figure of several imports.</summary>
/// <param name="Median">The middle of the values; of an even number of them, the mean of both in the middle.</param>
/// <param name="Least">The least of the values.</param>
/// <param name="Greatest">The greatest of the values.</param>
public sealed record ImportFigure(double Median, double Least, double Greatest);

/// <summary>An import with its figures.</summary>
/// <param name="ImportId">The import.</param>
/// <param name="State">How it ended.</param>
/// <param name="StartDate">When it was invoked.</param>
/// <param name="Records">Rows of the file; of an import that has not read it to the end, those that it has read.</param>
/// <param name="RejectedPercent">Of 100 rows those that were rejected.</param>
/// <param name="Seconds">Seconds from the invocation to the end.</param>
/// <param name="Bytes">Bytes of the file; null where these are not known any more.</param>
/// <param name="HasRead">Whether it has read its file to the end, so that its figures are among those that are compared.</param>
/// <param name="StandsOut">
/// The figures that are far from the middle: more than three times the median distance from the median, and more than half of it; <c>records</c>, <c>rejectedPercent</c>, <c>seconds</c>, <c>bytes</c>. None where fewer than five imports
/// can be compared.
/// </param>
public sealed record MeasuredImport(Guid ImportId, ImportState State, DateTimeOffset StartDate, long Records, double RejectedPercent, double Seconds, long? Bytes, bool HasRead, IReadOnlyList<string> StandsOut);
