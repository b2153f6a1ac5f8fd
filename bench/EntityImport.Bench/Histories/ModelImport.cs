using EntityImport.Catalog;

namespace EntityImport.Bench.Histories;

/// <summary>An import that has ended, and what the entity held before and after it.</summary>
internal sealed class ModelImport
{
    /// <summary>The import in the service.</summary>
    public required Import Import { get; init; }

    /// <summary>Its file; that of the import that it undoes in the end, where it is an undo.</summary>
    public required DraftedFile File { get; init; }

    /// <summary>Its upload.</summary>
    public required ModelUpload Upload { get; init; }

    /// <summary>Whether it has succeeded, and was no dry run.</summary>
    public required bool HasWritten { get; init; }

    /// <summary>The records before.</summary>
    public required IReadOnlyList<RecordVersion> Before { get; init; }

    /// <summary>The records after.</summary>
    public required IReadOnlyList<RecordVersion> After { get; init; }

    /// <summary>Whether it is a REPLACE.</summary>
    public bool Replaces { get; init; }

    /// <summary>Whether it is a REPLACE, the undo of one, or an undo of that.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The import that it undoes; null where it is no undo.</summary>
    public ModelImport? Undoes { get; init; }

    /// <summary>The import by which it was undone last; null where it never was.</summary>
    public ModelImport? UndoneBy { get; set; }

    /// <summary>Whether it is undone, and that was not undone in turn.</summary>
    public bool IsUndone => UndoneBy is { IsUndone: false };

    /// <summary>Whether what was before it is there again, or was after its undo: of a whole table there is one.</summary>
    public bool IsTurnedRound => IsWhole && UndoneBy is not null;
}

/// <summary>An uploaded file.</summary>
/// <param name="Id">The upload in the service.</param>
/// <param name="File">The file.</param>
internal sealed record ModelUpload(Guid Id, DraftedFile File);

/// <summary>A plan that was made.</summary>
/// <param name="Id">The plan in the service.</param>
/// <param name="Upload">Its upload.</param>
/// <param name="Found">What it found.</param>
/// <param name="Breaches">The guards that forbade it.</param>
/// <param name="Definition">The number of the entity's definition.</param>
/// <param name="Imports">How many imports had ended.</param>
internal sealed record ModelPlan(Guid Id, ModelUpload Upload, FoundImport Found, IReadOnlyList<string> Breaches, int Definition, int Imports);
