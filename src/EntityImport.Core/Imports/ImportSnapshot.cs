using EntityImport.Catalog;

namespace EntityImport.Imports;

/// <summary>All that is known of an import at one moment.</summary>
/// <param name="Import">The import.</param>
/// <param name="Upload">The file that it reads.</param>
/// <param name="Mapping">The mapping as it was when the import was invoked.</param>
/// <param name="Progress">How far it is.</param>
public sealed record ImportSnapshot(Import Import, Upload Upload, Mapping Mapping, ImportProgress Progress);

/// <summary>How far an import is.</summary>
public sealed record ImportProgress
{
    /// <summary>What it is doing.</summary>
    public required ImportPhase Phase { get; init; }

    /// <summary>Records read so far, and of these the rejected ones.</summary>
    public required Ledger Ledger { get; init; }

    /// <summary>Records read so far.</summary>
    public required long RecordsRead { get; init; }

    /// <summary>Bytes of the file read so far.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long BytesTotal { get; init; }

    /// <summary>Records read per second while they are, or were, read; 0 before.</summary>
    public required double RecordsPerSecond { get; init; }

    /// <summary>
    /// Seconds until the end, judged from the bytes that are left and from how long the merge of the entity's last import took; null before the file is read, when
    /// the merge takes longer than that, and at the end.
    /// </summary>
    public required double? EstimatedSecondsLeft { get; init; }
}

/// <summary>A row that was rejected, as the API shows it.</summary>
/// <param name="Row">The row, 1 = the first after the header.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Reasons">Every reason found.</param>
/// <param name="Record">Its text as it stands in the file, without the line end.</param>
public sealed record RejectedRow(long Row, long Line, IReadOnlyList<RejectionReason> Reasons, string Record);

/// <summary>One reason why a row was rejected.</summary>
/// <param name="Code">The stable code: <c>number.format</c>.</param>
/// <param name="Field">The entity's field; null where the record as a whole is at fault.</param>
/// <param name="Column">The file's column; null likewise.</param>
/// <param name="Value">The refused text, cut at 80 characters; null where there is none.</param>
/// <param name="Message">The reason as a sentence.</param>
public sealed record RejectionReason(string Code, string? Field, string? Column, string? Value, string Message);
