using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Files;
using EntityImport.Imports.Running;
using EntityImport.Inputs;
using EntityImport.Mappings;

namespace EntityImport.Imports.Repairs;

/// <summary>An import's file as it was read, and the entity as it is now: what rejected rows are tried on. Thread-safe but for disposal.</summary>
internal sealed class RepairBasis : IDisposable
{
    /// <summary>How many bytes of a file are read where it cannot be read as it stands, and only its columns matter: enough for a part of it, see <see cref="Csv.RecordIndex"/>, and the record behind.</summary>
    private const long HeadBytes = 16 << 20;

    private readonly JsonObject _document;

    private RepairBasis(IInput input, Import import, Mapping mapping, EntityDefinition entity, ImportDefinition definition, IReadOnlyList<BoundField> fields)
    {
        _document = JsonNode.Parse(mapping.Document)!.AsObject();
        Input = input;
        Format = input.DescribeErrorFile();
        Import = import;
        Entity = entity;
        Definition = definition;
        Fields = fields;
        Shape = new RecordShape(Format.Columns, definition.Layout.HasHeader, definition.RaggedRows);
    }

    /// <summary>The file.</summary>
    public IInput Input { get; }

    /// <summary>What rejected rows are written in.</summary>
    public ErrorFileFormat Format { get; }

    /// <summary>The import.</summary>
    public Import Import { get; }

    /// <summary>The entity as it is now.</summary>
    public EntityDefinition Entity { get; }

    /// <summary>How the file was read.</summary>
    public ImportDefinition Definition { get; }

    /// <summary>What goes where.</summary>
    public IReadOnlyList<BoundField> Fields { get; }

    /// <summary>Which records are rows with the file's own columns.</summary>
    public RecordShape Shape { get; }

    /// <summary>The first day that a two-digit year stands for where the definition states no year.</summary>
    public DateOnly TwoDigitYearStart => ImportBinding.TwoDigitYearStartOf(Import);

    /// <summary>Opens an import's file.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="import">The import.</param>
    /// <param name="upload">Its upload.</param>
    /// <param name="mapping">Its mapping, as it was then.</param>
    /// <param name="entity">The entity as it is now.</param>
    /// <param name="isWhole">Whether its records are read; else no more of it is read than tells its columns.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">It cannot be read any more as it was then.</exception>
    /// <exception cref="StoredFileException">It is lost, or is not what was uploaded.</exception>
    public static RepairBasis Open(ImportFiles files, Import import, Upload upload, Mapping mapping, EntityDefinition entity, bool isWhole, CancellationToken cancellationToken)
    {
        IInput? input = null;
        try
        {
            var definition = ImportDefinitionReader.Read(mapping.Document, entity).For(upload.Charset, mapping);
            input = isWhole ? InputFormats.Open(files, upload, definition, cancellationToken) : OpenHead(files, upload, definition, cancellationToken);
            return new RepairBasis(input, import, mapping, entity, definition, BoundField.Bind(input, entity, definition, ImportBinding.TwoDigitYearStartOf(import), cancellationToken));
        }
        catch (Exception exception)
        {
            input?.Dispose();
            if (exception is ImportRefusedException or RequestException) throw new RequestException(FaultKind.Conflict, "not-repairable", $"The file cannot be read as it was any more: {exception.Message}");
            throw;
        }
    }

    /// <summary>The bound field of a name; null where no column fills it.</summary>
    public BoundField? FindField(string? systemName) => Fields.FirstOrDefault(field => field.Field.SystemName == systemName && field.Column >= 0);

    /// <summary>The definition, and the fields of the file, as they are with what a cure changes.</summary>
    /// <param name="cure">The cure.</param>
    /// <param name="field">The field that it is about; null where it is about records.</param>
    /// <param name="faults">Where it is noted that this is no definition.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Both; null where there are faults.</returns>
    public (ImportDefinition Definition, IReadOnlyList<BoundField> Fields)? Change(Cure cure, BoundField? field, RequestFaults faults, CancellationToken cancellationToken)
    {
        var document = _document.DeepClone().AsObject();
        if (document["definition"] is not JsonObject definition) document["definition"] = definition = [];
        Merge(definition, cure.Definition);
        if (cure.Field is not null && field is not null)
        {
            if (definition["fields"] is not JsonArray { Count: > 0 } fields)
            {
                definition["fields"] = fields = [.. Fields.Select(bound => new JsonObject { ["systemName"] = bound.Field.SystemName, ["columnIndex"] = bound.Column + 1 })];
            }

            Merge(fields.OfType<JsonObject>().First(mapped => string.Equals((string?)mapped["systemName"], field.Field.SystemName, StringComparison.OrdinalIgnoreCase)), cure.Field);
        }

        var entity = cure.Entity is null || field is null ? Entity : Entity with { Fields = [.. Entity.Fields.Select(other => other == field.Field ? Widen(other, cure.Entity) : other)] };
        using var changed = JsonDocument.Parse(document.ToJsonString());
        var before = faults.Count;
        var read = ImportDefinitionReader.Read(changed.RootElement, entity, faults, limits: null);
        if (faults.Count > before) return null;
        try
        {
            return (read, BoundField.Bind(Input, entity, read with { Encoding = Definition.Encoding }, TwoDigitYearStart, cancellationToken));
        }
        catch (ImportRefusedException refused)
        {
            faults.Add("cure", refused.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Input.Dispose();

    private static IInput OpenHead(ImportFiles files, Upload upload, ImportDefinition definition, CancellationToken cancellationToken)
    {
        try
        {
            var beginning = InputFormats.OpenBeginning(files, upload, definition, HeadBytes, cancellationToken);
            if (beginning.IsWhole || beginning.Records > 0) return beginning.Input;
            beginning.Input.Dispose();
        }
        catch (ImportRefusedException)
        {
            // As below: what is refused may be that the file ends too early.
        }

        // Where no record is known to be whole, the header may not be.
        return InputFormats.Open(files, upload, definition, cancellationToken);
    }

    private static FieldDefinition Widen(FieldDefinition field, string change)
    {
        using var document = JsonDocument.Parse(change);
        return field with
        {
            Length = Member("length") ?? field.Length,
            Precision = Member("precision") ?? field.Precision,
            Scale = Member("scale") ?? field.Scale,
        };

        int? Member(string name) => document.RootElement.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : null;
    }

    private static void Merge(JsonObject target, string? members)
    {
        if (members is null) return;
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject()) target[name] = value?.DeepClone();
    }
}
