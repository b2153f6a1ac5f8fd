using System.Globalization;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Bench.Tables.Writers;
using EntityImport.Catalog;
using EntityImport.Engine;
using EntityImport.Inference;
using EntityImport.Records;

namespace EntityImport.Bench.Tables;

/// <summary>How the import of a written table went.</summary>
internal enum TrialEnd
{
    /// <summary>All rows are there, and each value is the table's.</summary>
    Right,

    /// <summary>Something was asked, and nothing written.</summary>
    Asked,

    /// <summary>A value differs, and a warning names its column.</summary>
    Warned,

    /// <summary>Rows were rejected, with reasons; the others are right.</summary>
    Rejected,

    /// <summary>The file was refused, with a reason.</summary>
    Refused,

    /// <summary>A value differs, and nobody said a word.</summary>
    Wrong,
}

/// <summary>Imports a written table without a mapping, and compares what is there with the table.</summary>
internal sealed class TableTrial(ImportEngine engine, Table table, WrittenTable written)
{
    /// <summary>What there is to say of the end.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>Runs it.</summary>
    public async Task<TrialEnd> RunAsync(CancellationToken cancellationToken)
    {
        InferredSchema schema;
        try
        {
            schema = SchemaInference.Infer(new InferenceRequest { Sample = written.Bytes, EntitySystemName = table.Name, Today = new DateOnly(2026, 11, 1) }, cancellationToken);
        }
        catch (RequestException refusal)
        {
            Detail = refusal.Message;
            return TrialEnd.Refused;
        }

        if (schema.Questions.Count > 0)
        {
            Detail = string.Join(" ", schema.Questions.Select(question => question.Message));
            return TrialEnd.Asked;
        }

        var import = await ImportAsync(schema, cancellationToken);
        if (import.State != ImportState.Succeeded)
        {
            Detail = import.Message ?? "";
            return TrialEnd.Refused;
        }

        var warned = schema.Warnings.Select(warning => warning.Column).Concat(schema.Findings.Select(finding => finding.Column)).Concat(import.Warnings.Select(warning => warning.Column)).ToHashSet();
        var differing = await CompareAsync(schema, import, cancellationToken);
        var silent = differing.Where(pair => pair.Key is null || !warned.Contains(pair.Key)).ToList();
        Detail = string.Join("; ", silent.Concat(differing).Select(pair => pair.Value).Distinct());
        if (silent.Count > 0) return TrialEnd.Wrong;
        if (differing.Count > 0) return TrialEnd.Warned;
        if (import.Ledger.Rejected == 0) return TrialEnd.Right;
        var (rows, _) = await engine.RejectedRows.ReadAsync(Request.Anonymous, import, null, 1, cancellationToken);
        Detail = string.Create(CultureInfo.InvariantCulture, $"{import.Ledger.Rejected} rejected, the first: {rows[0].Reasons[0].Field}: {rows[0].Reasons[0].Message} ({rows[0].Reasons[0].Value})");
        return TrialEnd.Rejected;
    }

    private async Task<Import> ImportAsync(InferredSchema schema, CancellationToken cancellationToken)
    {
        using var entity = JsonDocument.Parse(schema.EntityDocument);
        await engine.Entities.PutAsync(Request.Anonymous, schema.Entity.SystemName, entity.RootElement, cancellationToken);
        using var mapping = JsonDocument.Parse(schema.MappingDocument);
        var saved = await engine.Mappings.CreateAsync(Request.Anonymous, mapping.RootElement, cancellationToken);
        using var content = new MemoryStream(written.Bytes);
        var upload = await engine.Uploads.ReceiveAsync(Request.Anonymous, saved.Id, content, table.Name + ".csv", charset: null, cancellationToken);
        var import = await engine.Imports.InvokeAsync(Request.Anonymous, upload!.Id, cancellationToken);
        return await engine.ImportViews.WaitAsync(Request.Anonymous, import!.Id, cancellationToken).WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
    }

    /// <summary>The first difference in each column, by the column's name; one of the whole table has none.</summary>
    private async Task<Dictionary<string, string>> CompareAsync(InferredSchema schema, Import import, CancellationToken cancellationToken)
    {
        var differences = new Dictionary<string, string>(StringComparer.Ordinal);
        var definition = (await engine.Entities.FindAsync(Request.Anonymous, schema.Entity.SystemName, cancellationToken))!;
        var columns = table.Columns.Select(column => schema.Columns.FirstOrDefault(judged => judged.CsvColumnName == column.Name)?.Field?.SystemName).ToArray();
        foreach (var (column, field) in table.Columns.Zip(columns))
            if (field is null) differences[column.Name] = $"column '{column.Name}' is not imported; the columns are {string.Join(", ", schema.Columns.Select(judged => judged.CsvColumnName))}";
        if (differences.Count > 0) return differences;
        var query = new RecordQuery { Entity = definition, Select = [.. columns.Select(name => definition.FindField(name!)!)], Top = RecordQuery.MaxTop, Count = true };
        var page = await engine.Records.ReadAsync(Request.Anonymous, query, cancellationToken);
        if (page.Total + import.Ledger.Rejected != table.Rows.Count) differences[""] = string.Create(CultureInfo.InvariantCulture, $"{page.Total} records and {import.Ledger.Rejected} rejected of {table.Rows.Count} rows");
        var known = Enumerable.Range(0, table.Rows.Count).ToLookup(row => Canonical(table.Rows[row][0]));
        foreach (var record in page.Records)
        {
            var row = known[record[0] ?? ""].Concat(Enumerable.Range(0, table.Rows.Count).Where(place => written.Texts[place][0] == record[0])).Select(place => (int?)place).FirstOrDefault();
            if (row is null)
            {
                differences.TryAdd(table.Columns[0].Name, $"'{table.Columns[0].Name}' has '{record[0]}', which no row has");
                continue;
            }

            for (var place = 0; place < record.Length; place++)
                if (!IsSame(table.Rows[row.Value][place], written.Texts[row.Value][place], query.Select[place], record[place]))
                    differences.TryAdd(table.Columns[place].Name, $"'{table.Columns[place].Name}' ({query.Select[place].DataType}) has '{record[place] ?? "null"}' where the table has '{Canonical(table.Rows[row.Value][place])}', written as '{written.Texts[row.Value][place]}'");
        }

        return differences;
    }

    /// <summary>Whether what is stored says what the table does: the value, or, in a text, what was written.</summary>
    private static bool IsSame(object? value, string text, Entities.FieldDefinition field, string? stored)
    {
        // What stands in the file is what its writer made of the value.
        if (stored is null) return value is null || text.Length == 0;
        if (stored == text || stored == text.Trim(' ', '\t')) return true;
        if (field.DataType == Entities.DataType.String) return false;
        return value switch
        {
            long or decimal => decimal.TryParse(stored, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            bool flag => stored == (flag ? "true" : "false"),
            DateOnly day => stored == Canonical(day) || stored.StartsWith(Canonical(day) + "T00:00:00", StringComparison.Ordinal) || stored.StartsWith(Canonical(day) + " 00:00:00", StringComparison.Ordinal),
            DateTime time => DateTime.TryParse(stored, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var read) && read == time,
            _ => false,
        };
    }

    private static string Canonical(object? value) => value switch
    {
        null => "",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
