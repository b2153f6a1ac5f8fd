using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Files;
using EntityImport.Imports;
using EntityImport.Imports.Repairs;
using EntityImport.Options;

namespace EntityImport.Engine;

/// <summary>Cures of what imports rejected, measured: run by the import's own converters over the rows of a cause, and over those that were accepted. Thread-safe.</summary>
public sealed class CureService : IDisposable
{
    /// <summary>How many read their file as a whole at the same time: cures are measured, or a repair is planned or merged.</summary>
    private const int Places = 2;

    private readonly SemaphoreSlim _places = new(Places);
    private readonly ICatalog _catalog;
    private readonly ImportFiles _files;
    private readonly RejectedRowService _rejected;
    private readonly EngineOptions _options;

    internal CureService(ICatalog catalog, ImportFiles files, RejectedRowService rejected, EngineOptions options)
    {
        _catalog = catalog;
        _files = files;
        _rejected = rejected;
        _options = options;
    }

    /// <summary>Measures cures of a cause.</summary>
    /// <param name="request">The request.</param>
    /// <param name="importId">The import.</param>
    /// <param name="document">The JSON: <c>cause</c>, its id; <c>edit</c> with a <c>row</c> of it and the <c>value</c> that its refused text is made, or a <c>cure</c> that somebody has thought of, or neither.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The cures; null where there is no such import that the caller sees.</returns>
    /// <exception cref="RequestException">The document has faults; the import still runs, or was undone; its file, or its rejected rows, have expired; or it cannot be read any more as it was.</exception>
    /// <exception cref="StoredFileException">The file is lost, or is not what was uploaded.</exception>
    public async Task<CureReport?> MeasureAsync(Request request, Guid importId, JsonElement document, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        if (await _catalog.FindImportAsync(importId, cancellationToken).ConfigureAwait(false) is not { } import || !Admission.Sees(request, import.EntitySystemName)) return null;
        Admission.Check(request, Scope.Read | Scope.Import, import.EntitySystemName);
        var (cause, edit, cure) = Read(document);
        using var place = await TakePlaceAsync(cancellationToken).ConfigureAwait(false);
        using var basis = await OpenBasisAsync(import, isWhole: true, cancellationToken).ConfigureAwait(false);
        var threads = _options.ThreadsPerImport;
        return await _rejected.ReadAsync(import, rows => new CureTrial(basis, cause, threads).Run(rows, edit, cure, cancellationToken), null as CureReport, cancellationToken).ConfigureAwait(false)
            ?? throw RejectedRowService.BadCause();
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    /// <summary>Waits until a file can be read as a whole; the result ends that.</summary>
    internal Task<IDisposable> TakePlaceAsync(CancellationToken cancellationToken) => Hold.TakeAsync(_places, cancellationToken);

    /// <summary>Opens the file of an import as it was read.</summary>
    /// <param name="import">The import.</param>
    /// <param name="isWhole">Whether its records are read; else only what rejected rows are tried on, which is cheap.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    internal async Task<RepairBasis> OpenBasisAsync(Import import, bool isWhole, CancellationToken cancellationToken)
    {
        if (!import.HasEnded) throw new RequestException(FaultKind.Conflict, "import-unfinished", "The import has not ended yet.");
        if (import.Undoes is not null || !import.HasRejectedRows) throw new RequestException(FaultKind.Conflict, "not-repairable", "The import has no rejected rows.");
        var upload = (await _catalog.FindUploadAsync(import.UploadId, cancellationToken).ConfigureAwait(false))!;
        if (upload.ExpiredAt is { } expired) throw UploadService.Expired("file", expired);
        var mapping = (await _catalog.FindMappingAsync(import.MappingId, import.MappingRevision, cancellationToken).ConfigureAwait(false))!;
        EntityDefinition entity = await _catalog.FindEntityAsync(import.EntitySystemName, cancellationToken).ConfigureAwait(false)
            ?? throw new RequestException(FaultKind.Conflict, "not-repairable", $"The entity {import.EntitySystemName} no longer exists.");
        // On a thread of its own: it reads the file's index, and the pool's threads are for all requests.
        return await Task.Factory.StartNew(() => RepairBasis.Open(_files, import, upload, mapping, entity, isWhole, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    private static (RejectionCause Cause, (long Row, string Value)? Edit, Cure? Cure) Read(JsonElement document)
    {
        var faults = new RequestFaults();
        var reader = new JsonObjectReader(document, "", faults);
        var cause = CureReader.ReadCause(reader);
        (long, string)? edit = null;
        if (reader.Member("edit") is { } made)
        {
            var edits = new JsonObjectReader(made, "edit", faults);
            var row = edits.Integer("row", 1, int.MaxValue, required: true);
            var value = edits.String("value", required: true);
            edits.End();
            if (row is not null && value is not null) edit = (row.Value, value);
        }

        var cure = reader.Member("cure") is { } own ? CureReader.Read(own, "cure", faults) : null;
        if (edit is not null && cure is not null) reader.Fault("cure", "Either cures are looked for that do what an edit does, or one is measured.");
        reader.End();
        return faults.Count == 0 ? (cause!, edit, cure) : throw RequestException.Invalid(faults);
    }
}
