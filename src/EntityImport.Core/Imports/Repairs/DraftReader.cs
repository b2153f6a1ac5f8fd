using System.Globalization;
using System.Text.Json;
using EntityImport.Catalog;
using EntityImport.Imports.Rejections;

namespace EntityImport.Imports.Repairs;

/// <summary>How a draft is to change.</summary>
/// <param name="Rows">By row what is made of it, from what was made of it before.</param>
/// <param name="Cures">All cures; null where they stay.</param>
internal sealed record DraftChange(IReadOnlyDictionary<long, Func<RowEdit, RowEdit>> Rows, IReadOnlyList<DraftCure>? Cures);

/// <summary>Reads changes of drafts from JSON, and notes every fault.</summary>
/// <param name="basis">The file.</param>
/// <param name="importId">The import.</param>
/// <param name="find">Finds a rejected row by its number; null where it is none.</param>
internal sealed class DraftReader(RepairBasis basis, Guid importId, Func<long, StoredRejectedRow?> find)
{
    private const int MaxRows = 10_000;
    private const int MaxCures = 200;

    /// <summary>Reads what a draft is changed by.</summary>
    /// <exception cref="RequestException">It has faults; all are listed.</exception>
    public DraftChange Read(JsonElement document, CancellationToken cancellationToken)
    {
        var faults = new RequestFaults();
        var reader = new JsonObjectReader(document, "", faults);
        var rows = new Dictionary<long, Func<RowEdit, RowEdit>>();
        foreach (var (row, values, _) in ReadEdits(reader, faults, MaxRows)) rows[row.Row] = edit => edit with { Values = values };
        foreach (var row in ReadRows(reader, "drops", MaxRows)) Then(row, edit => edit with { Dropped = true });
        foreach (var row in ReadRows(reader, "restores", MaxRows)) Then(row, edit => edit with { Dropped = false });
        List<DraftCure>? cures = null;
        // Edits alone say nothing about cures.
        if (reader.Member("cures") is not null && reader.Array("cures", MaxCures) is { } elements)
        {
            cures = [];
            foreach (var (path, element) in elements)
            {
                var member = new JsonObjectReader(element, path, faults);
                var cause = CureReader.ReadCause(member);
                var cure = member.Member("cure") is { } stated ? CureReader.Read(stated, $"{path}.cure", faults) : null;
                member.End();
                if (cure is null) member.Fault("cure", "The member is required.");
                else if (cure.Entity is not null) member.Fault("cure.entity", "The entity is changed by PUT /v1/LogicalEntity; its rows are good then as they are.");
                else if (cause is not null && faults.Count == 0 && CompiledCure.Compile(basis, cause, cure, faults, cancellationToken) is not null) cures.Add(new DraftCure(cause.Id, cure));
            }
        }

        reader.End();
        return faults.Count == 0 ? new DraftChange(rows, cures) : throw RequestException.Invalid(faults);

        void Then(StoredRejectedRow row, Func<RowEdit, RowEdit> next) => rows[row.Row] = rows.TryGetValue(row.Row, out var before) ? edit => next(before(edit)) : next;
    }

    /// <summary>Reads which rows are to be checked.</summary>
    /// <exception cref="RequestException">It has faults; all are listed.</exception>
    public IReadOnlyList<(StoredRejectedRow Row, RowEdit? Edit)> ReadChecked(JsonElement document, int most)
    {
        var faults = new RequestFaults();
        var reader = new JsonObjectReader(document, "", faults);
        var rows = ReadRows(reader, "rows", most).Select(row => (row, (RowEdit?)null))
            .Concat(ReadEdits(reader, faults, most).Select(edit => (edit.Row, (RowEdit?)new RowEdit(importId, edit.Row.Row) { Values = edit.Values }))).ToList();
        reader.End();
        if (rows.Count > most) reader.Fault("rows", string.Create(CultureInfo.InvariantCulture, $"At most {most} rows can be checked at once."));
        return faults.Count == 0 ? rows : throw RequestException.Invalid(faults);
    }

    private IEnumerable<(StoredRejectedRow Row, IReadOnlyDictionary<int, string>? Values, string Path)> ReadEdits(JsonObjectReader reader, RequestFaults faults, int most)
    {
        foreach (var (path, element) in reader.Array("edits", most) ?? [])
        {
            var member = new JsonObjectReader(element, path, faults);
            var number = member.Integer("row", 1, int.MaxValue, required: true);
            var fields = member.Texts("fields");
            var columns = member.Texts("columns");
            member.End();
            if (number is null) continue;
            Dictionary<int, string>? values = null;
            foreach (var (name, text) in fields)
            {
                var column = FindColumn(name);
                if (column < 0) member.Fault("fields", $"The file has no column '{ShownText.Cut(name)}'.");
                else (values ??= [])[column] = text ?? "";
            }

            foreach (var (told, text) in columns)
            {
                if (ReadNumber(told) is { } column) (values ??= [])[column] = text ?? "";
                else member.Fault("columns", $"Expected numbers of columns, from 1 to {basis.Format.Columns.Count.ToString(CultureInfo.InvariantCulture)}, not '{ShownText.Cut(told)}'.");
            }

            if (find(number.Value) is { } row) yield return (row, values, path);
            else member.Fault("row", "The import has not rejected this row.");
        }
    }

    private IEnumerable<StoredRejectedRow> ReadRows(JsonObjectReader reader, string name, int most)
    {
        foreach (var (path, element) in reader.Array(name, most) ?? [])
        {
            if (element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) && find(number) is { } row) yield return row;
            else reader.Fault(path, "Expected the number of a row that the import has rejected.");
        }
    }

    /// <summary>The index of a column by its name, or by its number from 1 where no column has that for a name; -1 where there is none.</summary>
    private int FindColumn(string name)
    {
        var columns = basis.Format.Columns;
        for (var column = 0; column < columns.Count; column++)
            if (columns[column] == name) return column;
        return ReadNumber(name) ?? -1;
    }

    /// <summary>The index of a column by its number from 1; null where there is none.</summary>
    private int? ReadNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= basis.Format.Columns.Count ? number - 1 : null;
}
