using System.Diagnostics;
using EntityImport.Entities;
using EntityImport.Imports.Rejections;
using EntityImport.Imports.Running.Warnings;
using EntityImport.Rows;

namespace EntityImport.Imports.Running;

/// <summary>
/// The rows of an import's file as the store takes them in: it makes as many readers as it has threads for, and each reads batches until none are left.
/// Thread-safe.
/// </summary>
internal sealed class RowSource : IRowFeed, IDisposable
{
    private int _next = -1;
    private long _tokenizing;
    private long _converting;

    internal RowSource(
        ImportBinding binding, RowRejections rejections, RejectedRowsWriter rejected, Func<Stream> createScratch, ActiveImport active, CancellationToken cancellation)
    {
        Binding = binding;
        Rejections = rejections;
        Rejected = rejected;
        Active = active;
        Cancellation = cancellation;
        Keys = binding.Entity.Key.Any() ? new KeyFingerprints(binding.Entity, createScratch) : null;
        Warnings = new RowWarnings(binding, Keys);
    }

    /// <inheritdoc/>
    public IEnumerable<FieldDefinition> Fields => Binding.Fields.Select(f => f.Field);

    /// <inheritdoc/>
    public long RecordCount => Binding.Input.RecordCount;

    /// <inheritdoc/>
    public long FileBytes => Binding.Input.Size;

    /// <inheritdoc/>
    public int MaxReaders => Math.Max(1, Binding.Input.Parts.Count);

    /// <inheritdoc/>
    public bool KeysMayRepeat => Keys is not null && Keys.MayRepeat;

    internal ImportBinding Binding { get; }

    internal RowRejections Rejections { get; }

    internal RejectedRowsWriter Rejected { get; }

    internal ActiveImport Active { get; }

    internal CancellationToken Cancellation { get; }

    internal KeyFingerprints? Keys { get; }

    /// <summary>What is to be said of the rows.</summary>
    internal RowWarnings Warnings { get; }

    /// <summary>Whether the rows were all read before, so that what is to be noted of them was noted.</summary>
    internal bool IsRepeated { get; private set; }

    /// <summary>Time that readers spent on finding records and fields, and on converting; that of threads side by side counts for each.</summary>
    internal (TimeSpan Tokenizing, TimeSpan Converting) Times =>
        (Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _tokenizing)), Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _converting)));

    /// <inheritdoc/>
    public IRowReader CreateReader() => new RowReader(this);

    /// <inheritdoc/>
    public void Repeat()
    {
        IsRepeated = true;
        _next = -1;
    }

    /// <inheritdoc/>
    public void Dispose() => Keys?.Dispose();

    /// <summary>Index of the next part that nobody reads yet; -1 where none is left.</summary>
    internal int TakePart()
    {
        var part = Interlocked.Increment(ref _next);
        return part < Binding.Input.Parts.Count ? part : -1;
    }

    internal void AddTimes(long tokenizing, long converting)
    {
        Interlocked.Add(ref _tokenizing, tokenizing);
        Interlocked.Add(ref _converting, converting);
    }
}
