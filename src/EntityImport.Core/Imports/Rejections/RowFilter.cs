namespace EntityImport.Imports.Rejections;

/// <summary>Which rejected rows are wanted: those with a reason of which all is true that is asked for.</summary>
/// <param name="Cause">The reason's cause; null means any.</param>
/// <param name="Code">Its code; null means any.</param>
/// <param name="Field">Its field, ignoring case; null means any.</param>
internal sealed record RowFilter(RejectionCause? Cause, string? Code, string? Field)
{
    /// <summary>Whether all rows are wanted.</summary>
    public bool IsAll => this is { Cause: null, Code: null, Field: null };

    /// <summary>Whether a row is wanted.</summary>
    public bool Matches(StoredRejectedRow row) => IsAll || row.Reasons.Any(Matches);

    private bool Matches(RejectionReason reason) =>
        (Code is null || reason.Code == Code)
        && (Field is null || string.Equals(reason.Field, Field, StringComparison.OrdinalIgnoreCase))
        && (Cause is null || (reason.Code == Cause.Code && reason.Field == Cause.Field && RejectionCause.Of(reason) == Cause));
}
