namespace EntityImport.Api;

/// <summary>How far an import was over time.</summary>
/// <param name="Points">The moments, oldest first, at most 100: closer together in short imports. None of an import that ended before they were kept, and while another node runs it.</param>
public sealed record ImportTimeline(IReadOnlyList<TimelinePoint> Points);

/// <summary>How far an import was at a moment.</summary>
/// <param name="Seconds">The moment, from when the last attempt began.</param>
/// <param name="Phase">What it was doing from then on.</param>
/// <param name="RecordsRead">Records read until then.</param>
/// <param name="BytesRead">Bytes of the file read until then.</param>
/// <param name="Rejected">Rows rejected until then.</param>
public sealed record TimelinePoint(double Seconds, ImportPhase Phase, long RecordsRead, long BytesRead, long Rejected);
