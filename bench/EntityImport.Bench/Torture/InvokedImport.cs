namespace EntityImport.Bench.Torture;

/// <summary>What is imported into an entity, of a file, of a plan, or to undo another import; and what has been heard of it.</summary>
internal sealed class InvokedImport
{
    private InvokedImport()
    {
    }

    /// <summary>Its place among the imports of its entity, from 1, where it is invoked; 0 before.</summary>
    public int Number { get; set; }

    /// <summary>How it is imported; null for an undo.</summary>
    public ImportKind? Kind { get; private init; }

    /// <summary>The file; null for an undo.</summary>
    public CsvFile? File { get; private init; }

    /// <summary>The plan that it applies; null where there is none.</summary>
    public InvokedPlan? Plan { get; private init; }

    /// <summary>The import that it undoes; null where it is no undo.</summary>
    public InvokedImport? Undoes { get; private init; }

    /// <summary>The upload; null before the service has answered.</summary>
    public Guid? UploadId { get; set; }

    /// <summary>The import; null before the service has answered.</summary>
    public Guid? ImportId { get; set; }

    /// <summary>The code by which the service has refused to take it; null where it has not.</summary>
    public string? Refusal { get; set; }

    /// <summary>Of an undo, whether what is needed for it may have had its time.</summary>
    public bool MayHaveExpired { get; set; }

    /// <summary>What it is, for the table.</summary>
    public string Name => Undoes is { } undone ? undone.Undoes is null ? $"undo of {undone.Name}" : "undo of an undo" : Plan is null ? Kind!.Name : $"plan applied, {Kind!.Name}";

    public static InvokedImport Of(ImportKind kind, CsvFile file) => new() { Kind = kind, File = file };

    public static InvokedImport Of(InvokedPlan plan) => new() { Kind = plan.Kind, File = plan.File, Plan = plan, UploadId = plan.UploadId };

    public static InvokedImport Undo(InvokedImport undone) => new() { Undoes = undone, UploadId = undone.UploadId };

    public override string ToString() =>
        $"{Name}{(Undoes is { } undone ? $", which is import {undone.ImportId}" : $" of {File!.Rows.Count} rows")}{(ImportId is { } id ? $", import {id}" : "")}{(UploadId is { } upload ? $", upload {upload}" : "")}";
}
