using System.Text;

namespace EntityImport.Bench.RandomEntities;

/// <summary>A file to import, and what is in it.</summary>
internal sealed class DrawnFile
{
    private readonly List<FileRow> _rows = [];
    private readonly StringBuilder _text = new();
    private readonly Random _random;
    private readonly Entity _entity;
    private readonly Mapping _mapping;
    private long _line = 1;

    private DrawnFile(Random random, Entity entity, Mapping mapping)
    {
        _random = random;
        _entity = entity;
        _mapping = mapping;
    }

    /// <summary>The rows in the order of the file.</summary>
    public IReadOnlyList<FileRow> Rows => _rows;

    /// <summary>The file.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <summary>Draws a file.</summary>
    /// <param name="random">What is drawn from.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="mapping">What the file is read by.</param>
    /// <param name="keys">Keys that rows have, each the values of the key's fields; a key may come again.</param>
    public static DrawnFile Draw(Random random, Entity entity, Mapping mapping, IReadOnlyList<string?[]> keys)
    {
        var file = new DrawnFile(random, entity, mapping);
        if (mapping.Form.HasMark) file._text.Append('\ufeff');
        if (mapping.Form.HasHeader) file.Append(string.Join(mapping.Form.Delimiter, mapping.Columns.Select(column => column.Name)));
        var bad = random.Next(3) switch { 0 => 0, 1 => 3, _ => 20 };
        var nulls = random.Next(3) switch { 0 => 0, 1 => 10, _ => 40 };
        foreach (var key in keys) file.AddRow(key, bad, nulls);
        if (!mapping.Form.EndsWithLineEnd && file._rows.Count > 0) file._text.Length -= mapping.Form.LineEnd.Length;
        file.Bytes = Encoding.UTF8.GetBytes(file._text.ToString());
        return file;
    }

    private void AddRow(string?[] key, int bad, int nulls)
    {
        var cells = new Dictionary<int, Cell>();
        var texts = new string[_mapping.Columns.Count];
        for (var column = 0; column < texts.Length; column++)
        {
            var field = _mapping.Columns[column].Field;
            var cell = field < 0 ? new Cell(null, null, "any text") : DrawCell(_entity.Fields[field], key[field], bad, nulls);
            if (field >= 0) cells[field] = cell;
            texts[column] = cell.Text;
        }

        // A row of delimiters alone is another matter, and so is a blank line.
        if (texts.All(IsBlank)) Fill(texts, cells, key);
        // So is one that happens to be the header, most of all where there is one column.
        var isHeader = _mapping.Form.HasHeader && texts.SequenceEqual(_mapping.Columns.Select(column => column.Name));
        var row = new FileRow(_rows.Count + 1, _line, isHeader ? "record.header" : null, cells);
        var written = texts.Select(text => _mapping.Form.Quote(_random, text)).ToList();
        if (_random.Next(200) < bad && _random.Next(3) == 0 && !isHeader) row = Break(row, texts, written);
        _rows.Add(row);
        Append(string.Join(_mapping.Form.Delimiter, written));
    }

    /// <summary>Makes a row have another number of fields than columns, or a broken quote.</summary>
    private FileRow Break(FileRow row, string[] texts, List<string> written)
    {
        switch (_random.Next(3))
        {
            case 0 when texts.Length > 1 && !IsBlank(texts[0]):
                // Fields are missing at the end.
                var left = _random.Next(1, texts.Length);
                written.RemoveRange(left, written.Count - left);
                if (_mapping.RaggedRows == "REJECT") return row with { Fault = "record.fields" };
                var padded = row.Cells.ToDictionary(cell => cell.Key, cell => _mapping.Columns.Take(left).Any(column => column.Field == cell.Key) ? cell.Value : new Cell(null, null, ""));
                return row with { Cells = padded };
            case 1:
                var isEmpty = _random.Next(2) == 0;
                written.Add(isEmpty ? "" : "surplus");
                return _mapping.RaggedRows == "FIT" && isEmpty ? row : row with { Fault = "record.fields" };
            case 2 when texts.All(text => text.AsSpan().IndexOfAny("\r\n\"") < 0):
                written[0] = "\"broken\"quote";
                return row with { Fault = "record.textAfterQuote" };
            default:
                return row;
        }
    }

    private static bool IsBlank(string text) => text.AsSpan().Trim(" \t").IsEmpty;

    private void Fill(string[] texts, Dictionary<int, Cell> cells, string?[] key)
    {
        var column = _random.Next(texts.Length);
        var field = _mapping.Columns[column].Field;
        if (field < 0)
        {
            texts[column] = "filled";
            return;
        }

        cells[field] = Good(_entity.Fields[field], key[field] ?? FieldValue.Draw(_random, _entity.Fields[field]));
        texts[column] = cells[field].Text;
    }

    private Cell DrawCell(Field field, string? key, int bad, int nulls)
    {
        // One bad value in a row is enough to lose it, however many fields it has.
        var share = Math.Max(1, _mapping.Columns.Count);
        if (_random.Next(100 * share) < bad && ValueText.WriteBad(_random, field) is var (text, code)) return new Cell(null, code, text);
        if (_random.Next(100) < nulls && (!field.IsRequired || _random.Next(4 * share) == 0))
            return new Cell(null, null, _mapping.Form.NullWords.Count > 0 && _random.Next(2) == 0 ? _mapping.Form.NullWords[_random.Next(_mapping.Form.NullWords.Count)] : "");
        return Good(field, key ?? FieldValue.Draw(_random, field));
    }

    private Cell Good(Field field, string value) => new(value, null, ValueText.Write(_random, field, value, _mapping.Form));

    private void Append(string line)
    {
        _text.Append(line).Append(_mapping.Form.LineEnd);
        _line += 1 + line.Count(c => c == '\n');
    }
}

/// <summary>A row of a file.</summary>
/// <param name="Number">The row, from 1.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Fault">The code of the reason for which it cannot be read; null where it can.</param>
/// <param name="Cells">What it has for each mapped field, by the field's place.</param>
internal sealed record FileRow(long Number, long Line, string? Fault, IReadOnlyDictionary<int, Cell> Cells);

/// <summary>What a row has for a field.</summary>
/// <param name="Value">The value; null where it is empty or bad.</param>
/// <param name="Fault">The code of the reason for which the value must be refused; null where it must not.</param>
/// <param name="Text">How the file says it.</param>
internal sealed record Cell(string? Value, string? Fault, string Text);
