using System.Globalization;
using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Imports;
using EntityImport.Imports.Rejections;
using EntityImport.Imports.Running;
using EntityImport.Imports.Scheduling;
using EntityImport.Inputs;
using Microsoft.Extensions.Logging;

namespace EntityImport.Engine;

/// <summary>The rows that imports rejected: page by page and by causes, also while they run, and once they have ended as an error file. Thread-safe.</summary>
public sealed class RejectedRowService : IDisposable
{
    /// <summary>How many read rejected rows at the same time, each on a thread of its own; the others wait.</summary>
    private const int Places = 16;

    private readonly SemaphoreSlim _places = new(Places);
    private readonly ICatalog _catalog;
    private readonly ImportFiles _files;
    private readonly Limits _limits;
    private readonly ILogger _log;
    private readonly IScheduler _scheduler;
    private readonly RejectedRowIndexes _indexes = new();

    internal RejectedRowService(ICatalog catalog, IScheduler scheduler, ImportFiles files, Limits limits, ILogger log)
    {
        _catalog = catalog;
        _scheduler = scheduler;
        _files = files;
        _limits = limits;
        _log = log;
    }

    /// <summary>The columns that an error file has beside those of its input; they are ignored when it is imported.</summary>
    public static IReadOnlyList<string> ErrorColumns => ErrorFileColumns.Names;

    /// <summary>Whether an ended import has an error file; it has none where it was cancelled or never began.</summary>
    /// <exception cref="RequestException">Its time was over, and it was deleted; or it is damaged.</exception>
    public async Task<bool> HasErrorFileAsync(Request request, Import import, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        ArgumentNullException.ThrowIfNull(import);
        Admission.Check(request, Scope.Read | Scope.Import, import.EntitySystemName);
        await ThrowIfExpiredAsync(import, cancellationToken).ConfigureAwait(false);
        using var file = import.HasRejectedRows ? _files.OpenRejected(import) : null;
        try
        {
            return file is not null && RejectedRowsReader.Open(file) is not null;
        }
        catch (InvalidDataException damage)
        {
            throw RejectedRowsDamaged(import, damage);
        }
    }

    /// <summary>Writes an ended import's error file: the file's header and rejected rows in its own dialect and encoding, with the reasons.</summary>
    /// <param name="request">The request.</param>
    /// <param name="import">The import.</param>
    /// <param name="target">Where the file goes.</param>
    /// <param name="forSpreadsheets">
    /// Whether a copy is written of which no cell runs as a formula, or is changed, where a spreadsheet opens it. It comes back under the same mapping as well.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">The rejected rows are damaged; where that shows before the first of them, nothing is written.</exception>
    public async Task WriteErrorFileAsync(Request request, Import import, Stream target, bool forSpreadsheets, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        ArgumentNullException.ThrowIfNull(import);
        Admission.Check(request, Scope.Read | Scope.Import, import.EntitySystemName);
        var file = _files.OpenRejected(import) ?? throw new ArgumentException("The import has no error file.", nameof(import));
        await using (file.ConfigureAwait(false))
        {
            try
            {
                var rejected = RejectedRowsReader.Open(file) ?? throw new ArgumentException("The import has no error file.", nameof(import));
                await ErrorFileWriter.WriteAsync(rejected, target, forSpreadsheets, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidDataException damage)
            {
                throw RejectedRowsDamaged(import, damage);
            }
        }
    }

    /// <summary>Reads an ended import's rejected rows in file order.</summary>
    /// <param name="request">The request.</param>
    /// <param name="import">The import.</param>
    /// <param name="cursor">Where to go on, as an earlier call returned it; null for the beginning.</param>
    /// <param name="limit">The most rows to return; there may be fewer, because they take no more than <see cref="Limits.PageBytes"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The rows, and the cursor of the rows after them; null where there are none.</returns>
    /// <exception cref="RequestException">
    /// The cursor is none that this import returned; the rows' time was over and they were deleted; or they are damaged.
    /// </exception>
    public async Task<(IReadOnlyList<RejectedRow> Rows, string? Next)> ReadAsync(
        Request request, Import import, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(request, import, new RejectedQuery(limit) { Cursor = cursor }, cancellationToken).ConfigureAwait(false);
        return (page.Rows, page.Next);
    }

    /// <summary>Reads rejected rows in file order, also while the import runs: those so far.</summary>
    /// <param name="request">The request.</param>
    /// <param name="import">The import, or the run of a plan, see <see cref="PlanService.RejectedOf"/>.</param>
    /// <param name="query">Which rows.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">
    /// The cursor or the cause is none that this import returned; the rows' time was over and they were deleted; or they are damaged.
    /// </exception>
    public async Task<RejectedPage> ReadAsync(Request request, Import import, RejectedQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        ArgumentNullException.ThrowIfNull(import);
        ArgumentNullException.ThrowIfNull(query);
        Admission.Check(request, Scope.Read | Scope.Import, import.EntitySystemName);
        RejectionCause? cause = null;
        if (query.Cause is { } id) cause = RejectionCause.Parse(id) ?? throw BadCause();
        var filter = new RowFilter(cause, query.Code, query.Field?.ToUpperInvariant());
        return await LookAsync(import, (rows, index) => ReadPage(rows, index.RowsOf(filter), query, cancellationToken), new RejectedPage([], null, 0, []), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells why an import rejected rows, also while it runs: those so far.</summary>
    /// <param name="request">The request.</param>
    /// <param name="import">The import.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">The rows' time was over and they were deleted; or they are damaged.</exception>
    public async Task<RejectionCauses> CountCausesAsync(Request request, Import import, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        ArgumentNullException.ThrowIfNull(import);
        Admission.Check(request, Scope.Read | Scope.Import, import.EntitySystemName);
        return await LookAsync(
            import,
            (rows, index) =>
            {
                index.Causes.Extend(rows, cancellationToken);
                return index.Causes.Tell(index.IsComplete);
            },
            new RejectionCauses([], 0, 0, 0, import.HasEnded),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    internal static RequestException BadCause() => new(FaultKind.Invalid, "invalid-parameter", "cause: It is none that this import has.", [new RequestFault("cause", "It is none that this import has.")]);

    /// <summary>Looks at the rejected rows of an import, or at those so far, by what is known of them from before. One look at a time: it is to be short.</summary>
    /// <param name="import">The import.</param>
    /// <param name="look">What looks at them: at the first row, and with what is known of them from before.</param>
    /// <param name="none">What is told where there are none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    internal Task<T> LookAsync<T>(Import import, Func<RejectedRowsReader, RejectedRowIndexes.Entry, T> look, T none, CancellationToken cancellationToken) => OpenAsync(
        import,
        generation => _indexes.Of(import.Id, generation),
        (rows, entry, isComplete) =>
        {
            entry!.IsComplete = isComplete;
            try
            {
                return look(rows, entry);
            }
            catch (InvalidDataException)
            {
                _indexes.Forget(import.Id);
                throw;
            }
        },
        none, cancellationToken);

    /// <summary>Reads the rejected rows of an import, or those so far, which may take as long as it takes: who looks at them does not wait for it.</summary>
    /// <param name="import">The import.</param>
    /// <param name="read">What reads them, from the first row on.</param>
    /// <param name="none">What is told where there are none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    internal Task<T> ReadAsync<T>(Import import, Func<RejectedRowsReader, T> read, T none, CancellationToken cancellationToken) => OpenAsync(import, _ => null, (rows, _, _) => read(rows), none, cancellationToken);

    private async Task<T> OpenAsync<T>(
        Import import, Func<long, RejectedRowIndexes.Entry?> find, Func<RejectedRowsReader, RejectedRowIndexes.Entry?, bool, T> read, T none, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var unfinished = await _scheduler.FindAsync(import.Id, cancellationToken).ConfigureAwait(false);
            var running = (unfinished as ActiveImport)?.Rejected;
            if (running?.ReadSoFar() is var (soFar, generation))
            {
                try
                {
                    return await OnThreadAsync(soFar, generation, isComplete: false).ConfigureAwait(false);
                }
                catch (RowsReplacedException)
                {
                    continue;
                }
            }

            if (running?.Keeping is { IsCompleted: false } keeping)
            {
                await keeping.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            // What was running when it was found may have ended since.
            var now = unfinished?.Import ?? (import.HasEnded ? import : await _catalog.FindImportAsync(import.Id, cancellationToken).ConfigureAwait(false) ?? import);
            if (now.HasEnded) await ThrowIfExpiredAsync(now, cancellationToken).ConfigureAwait(false);
            var file = now.HasRejectedRows || running is not null ? _files.OpenRejected(now) : null;
            if (file is null) return none;
            await using (file.ConfigureAwait(false))
            {
                try
                {
                    return RejectedRowsReader.Open(file) is { } rows ? await OnThreadAsync(rows, -file.Length, now.HasEnded).ConfigureAwait(false) : none;
                }
                catch (InvalidDataException damage)
                {
                    throw RejectedRowsDamaged(import, damage);
                }
            }
        }

        // On a thread of its own: of millions of rows this takes seconds, and the pool's threads are for all requests.
        async Task<T> OnThreadAsync(RejectedRowsReader rows, long generation, bool isComplete)
        {
            var entry = find(generation);
            // Whoever waits for others that look at the same rows has no place that somebody else could use.
            using var turn = entry is null ? null : await Hold.TakeAsync(entry.Turn, cancellationToken).ConfigureAwait(false);
            using var place = await Hold.TakeAsync(_places, cancellationToken).ConfigureAwait(false);
            return await Task.Factory.StartNew(() => read(rows, entry, isComplete), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    private RejectedPage ReadPage(RejectedRowsReader rejected, RejectedRowIndex index, RejectedQuery query, CancellationToken cancellationToken)
    {
        if (query.Cursor is { } cursor)
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) || !rejected.TryGoTo(wanted))
                throw new RequestException(FaultKind.Invalid, "bad-cursor", "The cursor is none that this list returned.");
            index.Extend(rejected, cancellationToken);
            rejected.GoTo(wanted);
        }
        else
        {
            index.Extend(rejected, cancellationToken);
            index.GoTo(rejected, query.Offset, cancellationToken);
        }

        var fields = new RejectedFields(rejected.Format);
        var rows = new List<RejectedRow>();
        var bytes = 0L;
        while (index.Next(rejected, cancellationToken) is var (row, position))
        {
            bytes += SizeOf(row);
            if (rows.Count == query.Limit || (rows.Count > 0 && bytes > _limits.PageBytes)) return Page(position);
            rows.Add(new RejectedRow(row.Row, row.Line, row.Reasons, Encoding.UTF8.GetString(row.Text)) { Fields = fields.Split(row) });
        }

        return Page(next: null);

        RejectedPage Page(long? next) => new(rows, next?.ToString(CultureInfo.InvariantCulture), index.Total, rejected.Format.Columns);
    }

    /// <summary>About how many bytes a row takes in a page.</summary>
    private static long SizeOf(StoredRejectedRow row)
    {
        const int Names = 80;
        var size = Names + (long)row.Text.Length;
        foreach (var reason in row.Reasons)
            size += Names + reason.Code.Length + (reason.Field?.Length ?? 0) + (reason.Column?.Length ?? 0) + (reason.Value?.Length ?? 0) + reason.Message.Length;
        return size;
    }

    private RequestException RejectedRowsDamaged(Import import, InvalidDataException damage)
    {
        _log.LogError(damage, "The rejected rows of import {ImportId} cannot be read", import.Id);
        return new RequestException(
            FaultKind.Damaged, "rejected-rows-damaged",
            $"The rejected rows of import {import.Id:D} are damaged where they are kept, so that asking again is of no use. The import itself is not affected.");
    }

    /// <summary>Asks the catalog: that rows have expired is the one thing that becomes known after an import's end, and maybe not in this process.</summary>
    private async Task ThrowIfExpiredAsync(Import import, CancellationToken cancellationToken)
    {
        if (await _catalog.FindImportAsync(import.Id, cancellationToken).ConfigureAwait(false) is { RejectedExpiredAt: { } expired }) throw UploadService.Expired("error file", expired);
    }
}
