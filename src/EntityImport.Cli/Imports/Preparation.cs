using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Cli.Files;
using EntityImport.Cli.Output;
using EntityImport.Cli.Services;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Engine;
using EntityImport.Entities;
using EntityImport.Inference;

namespace EntityImport.Cli.Imports;

/// <summary>Finds or makes the entity that a file goes into, and the mapping that it is read by.</summary>
internal sealed class Preparation(ImportOrder order, MappingOrder mapping, IService service, Terminal terminal)
{
    /// <summary>Files up to this size are judged whole, longer ones by their beginning: 16 MiB.</summary>
    private const int MaxSampleBytes = 16 << 20;

    /// <summary>Columns of a new entity that are shown; of more, those of the key besides.</summary>
    private const int MaxColumnsShown = 50;

    /// <summary>More questions about one file are not asked: each answer can open another one, but none that was answered.</summary>
    private const int MaxQuestions = 8;

    /// <summary>Patterns are shown as they are to be typed.</summary>
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The encoding of the file before this one; null where there is none.</summary>
    private string? _usualEncoding;

    /// <summary>What the file is imported by.</summary>
    /// <exception cref="CommandFailure">The file and the entity do not fit each other.</exception>
    /// <exception cref="RequestException">What was stated has faults.</exception>
    public async Task<PreparedImport> RunAsync(CancellationToken cancellationToken)
    {
        var name = order.EntityName ?? mapping.EntityName ?? SystemNames.From(Path.GetFileNameWithoutExtension(order.FileName), "entity");
        if (await service.FindEntityAsync(name, cancellationToken) is { } existing) return await PrepareForAsync(existing, cancellationToken);
        if (order.Schema is { } file) return await CreateAsync(name, JsonFile.Read(file), cancellationToken);
        return await InferAsync(name, cancellationToken);
    }

    private async Task<PreparedImport> PrepareForAsync(EntityDefinition entity, CancellationToken cancellationToken)
    {
        if (order.Key.Count > 0 && !entity.Key.Select(field => field.SystemName).Order(StringComparer.OrdinalIgnoreCase)
            .SequenceEqual(order.Key.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase))
        {
            var key = string.Join(", ", entity.Key.Select(field => field.SystemName));
            throw new CommandFailure($"{entity.SystemName} exists already, {(key.Length > 0 ? $"with the key {key}" : "without a key")}; the key of an entity cannot be changed.");
        }

        // A mapping that the user wrote for an entity that is there needs no guessing.
        if (mapping.IsFromFile) return new PreparedImport(entity, Document(entity), IsNew: false);
        var known = await FormatMemory.OfLastImportAsync(service, entity, cancellationToken);
        _usualEncoding = FormatMemory.Encoding(known);
        var (schema, reading) = await ReadAsBeforeAsync(entity, known, cancellationToken);
        var unused = schema.Columns.Where(column => column.Field is null).ToList();
        if (unused.Count == schema.Columns.Count)
        {
            throw new CommandFailure(
                $"No column of {order.File.Name} is a field of {entity.SystemName}. Columns: {Names(unused.Select(column => column.CsvColumnName))}. "
                + $"Fields: {Names(entity.Fields.Select(field => field.SystemName))}. A mapping (--mapping) says which is which; --entity chooses another entity.");
        }

        terminal.WriteLine($"{Describe(schema)}, into {entity.SystemName}; columns are matched by name.");
        terminal.WriteLine(reading);
        var foreign = unused.Select(column => column.CsvColumnName).Except(RejectedRowService.ErrorColumns).ToList();
        if (foreign.Count > 0) terminal.WriteLine($"Not imported, as {entity.SystemName} has no such fields: {Names(foreign)}.");
        return new PreparedImport(entity, schema.MappingDocument, IsNew: false);
    }

    private async Task<PreparedImport> InferAsync(string name, CancellationToken cancellationToken)
    {
        var schema = await InferAsync(name, entity: null, mapping.Definition, judged: null, cancellationToken);
        terminal.WriteLine($"{Describe(schema)}. New entity {schema.Entity.SystemName}:");
        var table = new TextTable("Column", "Field", "Type", "Key", "Why");
        foreach (var column in schema.Columns.Where((column, place) => place < MaxColumnsShown || column.Field is { PrimaryKey: true }))
        {
            var key = column.Field is not { PrimaryKey: true } ? "" : schema.KeyIsProposed ? "proposed" : "yes";
            table.Add(column.CsvColumnName, column.Field?.SystemName ?? "-", column.Field is { } field ? FieldType.Describe(field) : "-", key, column.Why);
        }

        terminal.Write(table);
        if (table.Rows.Count < schema.Columns.Count) terminal.WriteLine($"… and {Amounts.Of(schema.Columns.Count - table.Rows.Count, "more column")}; --save-mapping FILE.json writes all of them down.");
        if (!schema.Entity.Key.Any())
            terminal.WriteLine("It has no key, so every row is a new record, also when the file is imported again. --key names the columns that identify a record.");
        using var document = JsonDocument.Parse(schema.EntityDocument);
        var entity = await service.PutEntityAsync(schema.Entity.SystemName, document.RootElement, cancellationToken);
        // What holds for the beginning of a file may not hold for all of it.
        return new PreparedImport(entity, schema.MappingDocument, IsNew: true) { Warnings = schema.Format.IsWholeFile ? schema.Warnings : [] };
    }

    private async Task<PreparedImport> CreateAsync(string name, JsonObject definition, CancellationToken cancellationToken)
    {
        if (order.EntityName is not null) definition.Remove("systemName");
        else if (definition["systemName"] is JsonValue value && value.TryGetValue<string>(out var own)) name = own;
        if (await service.FindEntityAsync(name, cancellationToken) is { } existing) return await PrepareForAsync(existing, cancellationToken);
        var entity = await service.PutEntityAsync(name, JsonSerializer.SerializeToElement(definition), cancellationToken);
        terminal.WriteLine($"New entity {entity.SystemName}, as {order.Schema} defines it.");
        try
        {
            return await PrepareForAsync(entity, cancellationToken) with { IsNew = true };
        }
        catch
        {
            await service.DeleteUnusedEntityAsync(entity.SystemName, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Reads the file as the last one was read, or by itself where it is written otherwise; and says which.</summary>
    private async Task<(InferredSchema Schema, string Reading)> ReadAsBeforeAsync(EntityDefinition entity, JsonObject? known, CancellationToken cancellationToken)
    {
        const string HowToState = "--locale, or --mapping";
        if (known is null)
        {
            var schema = await InferAsync(entity.SystemName, entity, mapping.Definition, judged: null, cancellationToken);
            return (schema, $"Values are read as they look in this file: {FormatMemory.Describe(schema.MappingDocument)}. To state it: {HowToState}.");
        }

        var remembered = FormatMemory.Complete(mapping.Definition, known);
        var asBefore = await JudgeAsync(entity.SystemName, entity, remembered, [], isKnown: !FormatMemory.IsStated(mapping.Definition), cancellationToken);
        if (FormatMemory.IsContradicted(asBefore))
        {
            var byItself = await JudgeAsync(entity.SystemName, entity, mapping.Definition, [], isKnown: false, cancellationToken);
            if (FormatMemory.IsOtherFormat(asBefore, byItself, known))
            {
                var schema = await InferAsync(entity.SystemName, entity, mapping.Definition, byItself, cancellationToken);
                var refused = string.Join(" ", asBefore.Columns.Where(column => column.Refused > 0).Select(column => $"{column.CsvColumnName}: {column.Why}"));
                return (schema,
                    $"This file is written in another way than the last one that was imported into {entity.SystemName} ({FormatMemory.Describe(asBefore.MappingDocument)}). {refused}"
                    + $"{Environment.NewLine}So values are read as they look in this file: {FormatMemory.Describe(schema.MappingDocument)}. To state it: {HowToState}.");
            }
        }

        var same = await InferAsync(entity.SystemName, entity, remembered, asBefore, cancellationToken);
        return (same, FormatMemory.IsStated(mapping.Definition)
            ? $"Values are read as stated: {FormatMemory.Describe(same.MappingDocument)}."
            : $"Values are read as in the last import into {entity.SystemName}: {FormatMemory.Describe(remembered)}{FormatMemory.DescribeNew(same.MappingDocument, remembered)}. To change it: {HowToState}.");
    }

    /// <summary>Judges the file, unless that was done already, says what was found, and has what is open answered.</summary>
    /// <exception cref="CommandFailure">A question stays open.</exception>
    private async Task<InferredSchema> InferAsync(
        string name, EntityDefinition? entity, JsonObject stated, InferredSchema? judged, CancellationToken cancellationToken)
    {
        var definition = (JsonObject)stated.DeepClone();
        var key = order.Key;
        var schema = judged ?? await JudgeAsync(name, entity, definition, key, isKnown: false, cancellationToken);
        for (var asked = 0; schema.Questions is [var question, ..] && asked < MaxQuestions; asked++)
        {
            if (await AnswerAsync(question, cancellationToken) is not { } answer) break;
            foreach (var (member, value) in answer.Definition) definition[member] = value?.DeepClone();
            if (answer.Key.Count > 0) key = answer.Key;
            schema = await JudgeAsync(name, entity, definition, key, isKnown: false, cancellationToken);
        }

        if (schema.Questions.Count > 0) throw new CommandFailure(string.Join(Environment.NewLine, schema.Questions.Select(DescribeOpen)));
        foreach (var finding in schema.Findings) terminal.WriteLine(finding.Message);
        return schema;
    }

    private async Task<PossibleAnswer?> AnswerAsync(OpenQuestion question, CancellationToken cancellationToken)
    {
        if (order.TakesProposals && question.Kind == QuestionKind.Key) return question.Answers[0];
        var chosen = await terminal.AskAsync(question.Message, [.. question.Answers.Select(answer => answer.Meaning)], cancellationToken);
        return chosen is { } index ? question.Answers[index] : null;
    }

    /// <summary>A question, with its answers and how each is stated.</summary>
    private static string DescribeOpen(OpenQuestion question) => string.Join(
        Environment.NewLine,
        [question.Message, .. question.Answers.Select(answer => $"  {answer.Meaning}{Environment.NewLine}    {HowToState(answer)}"), "Nothing was written."]);

    private static string HowToState(PossibleAnswer answer) => answer.Key.Count > 0
        ? $"--key \"{string.Join(",", answer.Key)}\""
        : FormatOptions.For(answer.Definition) ?? $"--mapping FILE.json with {new JsonObject { ["definition"] = answer.Definition.DeepClone() }.ToJsonString(Plain)}";

    private async Task<InferredSchema> JudgeAsync(
        string name, EntityDefinition? entity, JsonObject stated, IReadOnlyList<string> key, bool isKnown, CancellationToken cancellationToken)
    {
        await using var file = order.OpenFile();
        var sample = new byte[Math.Min(file.Length, MaxSampleBytes)];
        var length = await file.ReadAtLeastAsync(sample, sample.Length, throwOnEndOfStream: false, cancellationToken);
        var request = new InferenceRequest
        {
            Sample = sample.AsMemory(0, length),
            IsWholeFile = length == file.Length,
            EntitySystemName = name,
            Entity = entity,
            UsualEncoding = _usualEncoding,
            Definition = JsonSerializer.SerializeToElement(stated),
            SeparatorsAreKnown = isKnown,
            Key = entity is null ? key : [],
            Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime),
        };
        return await Task.Run(() => SchemaInference.Infer(request, cancellationToken), cancellationToken);
    }

    private string Document(EntityDefinition entity) =>
        new JsonObject { ["entitySystemName"] = entity.SystemName, ["definition"] = mapping.Definition.DeepClone() }.ToJsonString();

    private string Describe(InferredSchema schema)
    {
        var judged = schema.Format.IsWholeFile ? "" : $" (judged by the first {Amounts.Bytes(MaxSampleBytes)})";
        var delimiter = schema.Format.Delimiter == "\t" ? "tab" : $"'{schema.Format.Delimiter}'";
        return $"{order.File.Name}: {Amounts.Bytes(order.File.Length)}, {schema.Format.Encoding}, separated by {delimiter}{judged}";
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names);
}

/// <summary>What a file is imported by.</summary>
/// <param name="Entity">The entity that it goes into.</param>
/// <param name="MappingDocument">The mapping as JSON.</param>
/// <param name="IsNew">Whether the entity was made for this import.</param>
internal sealed record PreparedImport(EntityDefinition Entity, string MappingDocument, bool IsNew)
{
    /// <summary>What another reading fits of a file whose schema was inferred from all of it; else empty.</summary>
    public IReadOnlyList<ImportWarning> Warnings { get; init; } = [];

    /// <summary>Whether the file takes the place of the records that are there.</summary>
    public bool IsReplacing => JsonNode.Parse(MappingDocument)?["definition"]?["importMode"] is JsonValue mode
        && mode.TryGetValue<string>(out var text) && text.Equals("REPLACE", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the mapping down; null means nowhere.</summary>
    public void Save(FileInfo? file)
    {
        if (file is not null) JsonFile.Write(file, (JsonObject)JsonNode.Parse(MappingDocument)!);
    }

    /// <summary>Deletes an entity that was made for what wrote nothing, unless somebody else has used it since.</summary>
    public async Task TakeBackAsync(IService service, Terminal terminal)
    {
        try
        {
            await service.DeleteUnusedEntityAsync(Entity.SystemName, CancellationToken.None);
        }
        catch (ServiceFailure)
        {
            terminal.WriteError($"The entity {Entity.SystemName} was made for this import, and could not be deleted again.");
        }
    }
}
