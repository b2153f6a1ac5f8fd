using System.Globalization;
using System.Text;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Imports;
using EntityImport.Imports.Rejections;
using EntityImport.Inputs;
using Microsoft.Extensions.Logging;

namespace EntityImport.Engine;

/// <summary>The rows that ended imports rejected, page by page and as an error file. Thread-safe.</summary>
public sealed class RejectedRowService
{
    private readonly ICatalog _catalog;
    private readonly ImportFiles _files;
    private readonly Limits _limits;
    private readonly ILogger _log;

    internal RejectedRowService(ICatalog catalog, ImportFiles files, Limits limits, ILogger log)
    {
        _catalog = catalog;
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
        using var file = import.HasRejectedRows ? _files.OpenRejected(import.Id) : null;
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
        var file = _files.OpenRejected(import.Id) ?? throw new ArgumentException("The import has no error file.", nameof(import));
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
        Admission.Check(request, Scope.Read | Scope.Import);
        ArgumentNullException.ThrowIfNull(import);
        Admission.Check(request, Scope.Read | Scope.Import, import.EntitySystemName);
        await ThrowIfExpiredAsync(import, cancellationToken).ConfigureAwait(false);
        var file = import.HasRejectedRows ? _files.OpenRejected(import.Id) : null;
        if (file is null) return ([], null);
        await using (file.ConfigureAwait(false))
        {
            try
            {
                return ReadPage(file, cursor, limit, cancellationToken);
            }
            catch (InvalidDataException damage)
            {
                throw RejectedRowsDamaged(import, damage);
            }
        }
    }

    private (IReadOnlyList<RejectedRow> Rows, string? Next) ReadPage(Stream file, string? cursor, int limit, CancellationToken cancellationToken)
    {
        if (RejectedRowsReader.Open(file) is not { } rejected) return ([], null);
        if (cursor is not null && !(long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && rejected.TryGoTo(wanted)))
            throw new RequestException(FaultKind.Invalid, "bad-cursor", "The cursor is none that this list returned.");
        var rows = new List<RejectedRow>();
        var bytes = 0L;
        var next = rejected.Position;
        while (rows.Count < limit && rejected.Read() is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bytes += SizeOf(row);
            if (rows.Count > 0 && bytes > _limits.PageBytes) return (rows, next.ToString(CultureInfo.InvariantCulture));
            rows.Add(new RejectedRow(row.Row, row.Line, row.Reasons, Encoding.UTF8.GetString(row.Text)));
            next = rejected.Position;
        }

        return (rows, rejected.IsAtEnd ? null : next.ToString(CultureInfo.InvariantCulture));
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
