using System.Diagnostics.Metrics;
using EntityImport.Catalog;

namespace EntityImport.Imports.Running;

/// <summary>What imports tell about themselves, through the meter <see cref="MeterName"/>; OpenTelemetry or any other listener reads it.</summary>
/// <remarks>
/// Instruments: <c>eis.import.duration</c> (s, by <c>state</c>), <c>eis.import.stage.duration</c> (s, by <c>stage</c>), <c>eis.import.rows</c> ({row}, by
/// <c>bucket</c>), <c>eis.import.bytes</c> (By). All are recorded when an import ends. Neither entities nor files are named, so there are only few series.
/// </remarks>
public static class ImportMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "EntityImport";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("eis.import.duration", "s", "From the invocation of an import to its end.");

    private static readonly Histogram<double> StageDuration = Meter.CreateHistogram<double>(
        "eis.import.stage.duration", "s", "Time that an import spent in a stage; 'tokenize' and 'convert' add up threads and are part of 'load'.");

    private static readonly Counter<long> Rows = Meter.CreateCounter<long>("eis.import.rows", "{row}", "Rows by the bucket in which they ended.");

    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("eis.import.bytes", "By", "Bytes of the files of imports that succeeded.");

    /// <summary>Records an import that has ended.</summary>
    /// <param name="ended">The import.</param>
    /// <param name="bytes">Size of its file.</param>
    internal static void Record(Import ended, long bytes)
    {
        Duration.Record(((ended.StoppedAt ?? ended.StartedAt) - ended.StartedAt).TotalSeconds, new KeyValuePair<string, object?>("state", ended.State.ToString()));
        foreach (var (stage, milliseconds) in ended.StageMilliseconds)
            StageDuration.Record(milliseconds / 1000.0, new KeyValuePair<string, object?>("stage", stage));
        var ledger = ended.Ledger;
        foreach (var (bucket, rows) in (ReadOnlySpan<(string, long)>)
            [
                ("inserted", ledger.Inserted), ("updated", ledger.Updated), ("unchanged", ledger.Unchanged),
                ("superseded", ledger.Superseded), ("rejected", ledger.Rejected), ("skipped", ledger.Skipped),
            ])
            if (rows > 0) Rows.Add(rows, new KeyValuePair<string, object?>("bucket", bucket));
        if (ended.State == ImportState.Succeeded) Bytes.Add(bytes);
    }
}
