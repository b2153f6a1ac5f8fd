using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Files;
using EntityImport.Imports;
using EntityImport.Imports.Running;
using EntityImport.Inference;
using EntityImport.Inputs;
using EntityImport.Mappings;

namespace EntityImport.Engine;

/// <summary>Shows rows of uploaded files as an import would read them, with any definition, before there is a mapping. Nothing is stored. Thread-safe.</summary>
public sealed class PreviewService
{
    /// <summary>The most rows of a preview.</summary>
    public const int MaxRows = 1_000;

    /// <summary>How many bytes of a file without an index for the definition are read: 64 MiB.</summary>
    private const long MaxBytes = 64 << 20;

    private const int UsualRows = 100;

    private readonly ICatalog _catalog;
    private readonly ImportFiles _files;
    private readonly UploadService _uploads;
    private readonly Limits _limits;
    private readonly TimeProvider _time;

    internal PreviewService(ICatalog catalog, ImportFiles files, UploadService uploads, Limits limits, TimeProvider time)
    {
        _catalog = catalog;
        _files = files;
        _uploads = uploads;
        _limits = limits;
        _time = time;
    }

    /// <summary>Reads rows of an upload.</summary>
    /// <param name="request">The request.</param>
    /// <param name="uploadId">The upload.</param>
    /// <param name="document">
    /// The JSON: <c>definition</c>; <c>entity</c>, the name of one that is there, or <c>fields</c> of a proposed one, or neither, where nothing is converted; <c>from</c>, the first row from 1; <c>rows</c>, how many.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The rows; null where there is no such upload.</returns>
    /// <exception cref="RequestException">The document has faults, all are listed; the file cannot be read as it says, or only rows near its beginning can be shown; it is not complete, or has expired.</exception>
    /// <exception cref="StoredFileException">It is lost, or is not what was uploaded.</exception>
    public async Task<Preview?> ReadAsync(Request request, Guid uploadId, JsonElement document, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read | Scope.Import);
        if (await _uploads.FindAsync(request, uploadId, cancellationToken).ConfigureAwait(false) is not { } upload) return null;
        if (upload.ExpiredAt is { } expired) throw UploadService.Expired("file", expired);
        UploadService.ThrowIfIncomplete(upload);
        var order = await ReadOrderAsync(request, document, upload.Charset, cancellationToken).ConfigureAwait(false);
        // On a thread of its own: it reads files, and the pool's threads are for all requests.
        return await Task.Factory.StartNew(() => Read(upload, order, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    private Preview Read(Upload upload, Order order, CancellationToken cancellationToken)
    {
        try
        {
            var beginning = InputFormats.OpenBeginning(_files, upload, order.Definition, MaxBytes, cancellationToken);
            using var input = beginning.Input;
            if (!beginning.IsWhole && order.From > beginning.Records)
            {
                throw new RequestException(FaultKind.Invalid, "preview-too-far", string.Create(
                    CultureInfo.InvariantCulture,
                    $"Of a file as large as this one only the first {beginning.Records} rows are shown before it is bound to a mapping that reads it as the definition says, not row {order.From}."));
            }

            var start = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime).AddYears(-ImportBinding.YearsBeforeInvocation);
            IReadOnlyList<BoundField> fields = order.Entity is null ? [] : BoundField.Bind(input, order.Entity, order.Definition, start, cancellationToken);
            return FilePreview.Read(beginning, order.Definition, fields, order.From, order.Rows, _limits.PageBytes, cancellationToken);
        }
        catch (ImportRefusedException refused)
        {
            throw new RequestException(FaultKind.Invalid, refused.Code, refused.Message, [new RequestFault("definition", refused.Message)]);
        }
    }

    private async Task<Order> ReadOrderAsync(Request request, JsonElement document, string? charset, CancellationToken cancellationToken)
    {
        var faults = new RequestFaults(_limits);
        var reader = new JsonObjectReader(document, "", faults);
        var name = reader.String("entity");
        var proposed = reader.Member("fields");
        var definition = reader.Member("definition");
        var from = reader.Integer("from", 1, int.MaxValue) ?? 1;
        var rows = reader.Integer("rows", 1, MaxRows) ?? UsualRows;
        reader.End();
        if (name is not null && proposed is not null) reader.Fault("fields", "Either the entity is named, or fields are proposed for a new one.");
        if (faults.Count > 0) throw RequestException.Invalid(faults);

        EntityDefinition? entity = null;
        if (name is not null)
        {
            if (EntityReader.IsSystemName(name) && Admission.Sees(request, name)) entity = await _catalog.FindEntityAsync(name, cancellationToken).ConfigureAwait(false);
            if (entity is null) throw RequestException.Invalid([new RequestFault("entity", $"There is no entity '{ShownText.Cut(name)}'.")]);
        }
        else if (proposed is { } fields)
        {
            using var declaration = JsonDocument.Parse(new JsonObject { ["fields"] = JsonNode.Parse(fields.GetRawText()) }.ToJsonString());
            entity = EntityReader.Read(declaration.RootElement, "preview", faults) ?? throw RequestException.Invalid(faults);
        }

        var read = entity is null ? ReadFormat(definition) : ReadDefinition(definition, entity);
        // As an import reads it: the charset that the file came with counts where nothing else is stated.
        return new Order(charset is null || (definition is { } stated && MappingFormat.StatedEncoding(stated) is not null) ? read : read with { Encoding = charset }, entity, from, rows);
    }

    private ImportDefinition ReadDefinition(JsonElement? definition, EntityDefinition entity)
    {
        var faults = new RequestFaults(_limits);
        var mapping = new JsonObject { ["entitySystemName"] = entity.SystemName };
        if (definition is { } stated) mapping["definition"] = JsonNode.Parse(stated.GetRawText());
        using var document = JsonDocument.Parse(mapping.ToJsonString());
        var read = ImportDefinitionReader.Read(document.RootElement, entity, faults, _limits);
        return faults.Count == 0 ? read : throw RequestException.Invalid(faults);
    }

    /// <summary>What of a definition does not depend on an entity.</summary>
    private ImportDefinition ReadFormat(JsonElement? definition)
    {
        var stated = StatedDefinition.Read(definition, _limits);
        if (!stated.HasHeader && stated.ColumnCount == 0)
            throw RequestException.Invalid([new RequestFault("definition.columnCount", "Without a header and without fields, columnCount must say how many columns there are.")]);
        return stated.Options with { Layout = stated.Options.Layout with { HasHeader = stated.HasHeader, ColumnCount = stated.ColumnCount } };
    }

    /// <summary>What is asked for.</summary>
    private sealed record Order(ImportDefinition Definition, EntityDefinition? Entity, long From, int Rows);
}
