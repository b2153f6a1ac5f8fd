namespace EntityImport.Bench.Torture;

/// <summary>A plan of a file, and what has been heard of it.</summary>
internal sealed class InvokedPlan(ImportKind kind, CsvFile file)
{
    public ImportKind Kind => kind;

    public CsvFile File => file;

    /// <summary>The upload; null before the service has answered.</summary>
    public Guid? UploadId { get; set; }

    /// <summary>The plan; null before the service has answered.</summary>
    public Guid? PlanId { get; set; }

    /// <summary>The number of the last import that had ended when it was asked for: it was made of what that left, or a later one.</summary>
    public int From { get; set; }

    /// <summary>The number of the last import that was invoked when it was known to be ready; the greatest before.</summary>
    public int To { get; set; } = int.MaxValue;

    /// <summary>Whether it was found to be as the model says.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Whether a dry run has made it, under whose id its rejected rows are.</summary>
    public bool IsOfDryRun { get; init; }

    /// <summary>Whether it can be applied: it was found to have succeeded.</summary>
    public bool IsReady { get; set; }

    /// <summary>Whether it was asked to end.</summary>
    public bool MayBeCancelled { get; set; }

    /// <summary>Whether the service has said that it has ended so.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Whether it was asked to be deleted.</summary>
    public bool MayBeDeleted { get; set; }

    /// <summary>Whether the service has said that it is.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>Whether the service may have failed while it was made: a plan is not tried again then.</summary>
    public bool MayHaveFailed { get; set; }

    /// <summary>Whether its time may be over; once it is settled, whether it is.</summary>
    public bool MayHaveExpired { get; set; }

    public override string ToString() => $"plan of {kind.Name} of {file.Rows.Count} rows{(PlanId is { } id ? $", plan {id}" : "")}{(UploadId is { } upload ? $", upload {upload}" : "")}";
}
