using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>The first records of a file as one delimiter splits them: where the table begins, how wide it is, and how well that fits.</summary>
internal sealed class TableReading
{
    /// <summary>Lines above a header, at most.</summary>
    private const int MaxTitles = 100;

    private readonly RecordBatch _batch;
    private readonly IReadOnlyCollection<string> _names;
    private readonly int _mostFrequentWidth;
    private readonly int _emptyAtEnd;

    /// <summary>How many fields each record has when empty ones at its end are not counted, and the most of those below it.</summary>
    private readonly int[] _trimmed;
    private readonly int[] _widestBelow;

    private TableReading(RecordBatch batch, string delimiter, IReadOnlyCollection<string> names)
    {
        _batch = batch;
        _names = names;
        Delimiter = delimiter;
        _trimmed = [.. Enumerable.Range(0, batch.Count).Select(Trim)];
        _widestBelow = new int[batch.Count];
        for (var record = batch.Count - 2; record >= 0; record--) _widestBelow[record] = Math.Max(_widestBelow[record + 1], _trimmed[record + 1]);
        _mostFrequentWidth = MostFrequentWidth();
        _emptyAtEnd = EmptyColumnsAtEnd();
        Start = FindStart();
        Width = Start < 0 ? 1 : batch[Start].FieldCount;
        Shapes = ColumnShape.Of(batch, Start + 1, Width);
        Evenness = Start < 0 ? 0 : ShareOfFitting();
    }

    public string Delimiter { get; }

    /// <summary>The header's index among <see cref="Records"/>, or the first row's where <see cref="HasHeader"/> is false; -1 where the delimiter makes no table.</summary>
    public int Start { get; }

    /// <summary>Whether the table begins with the names of its columns.</summary>
    public bool HasHeader { get; private set; } = true;

    /// <summary>Whether the only line above the table is not split although the table's first row could as well be data: hardly a table at all.</summary>
    public bool IsDoubtful { get; private set; }

    /// <summary>How many columns the table's first record has; 1 where the delimiter makes no table.</summary>
    public int Width { get; }

    /// <summary>The share of the records from <see cref="Start"/> on that are as wide as the first, surplus and missing empty fields at the end allowed for.</summary>
    public double Evenness { get; }

    /// <summary>The same share among the records whose quotes are not broken.</summary>
    public double EvennessOfUnbroken
    {
        get
        {
            var broken = 0;
            for (var record = Start; record < _batch.Count; record++)
                if (_batch[record].Fault != RecordFault.None) broken++;
            var records = _batch.Count - Start;
            return records == broken ? 0 : Evenness * records / (records - broken);
        }
    }

    /// <summary>What the rows below the table's first record have in its columns.</summary>
    public IReadOnlyList<ColumnShape> Shapes { get; }

    /// <summary>The first records of the file.</summary>
    public RecordBatch Records => _batch;

    /// <summary>Splits the beginning of a file.</summary>
    /// <param name="text">The text from the first line that is not skipped.</param>
    /// <param name="layout">How it is split.</param>
    /// <param name="final">Whether the file ends with the text.</param>
    /// <param name="firstLine">The number of the text's first line, from 1.</param>
    /// <param name="names">What the caller knows of the columns' names; empty where he knows none.</param>
    public static TableReading Read(ReadOnlyMemory<byte> text, FileLayout layout, bool final, int firstLine, IReadOnlyCollection<string> names)
    {
        var dialect = layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect);
        tokenizer.StartAt(recordsRead: 0, firstLine);
        var batch = new RecordBatch(dialect);
        tokenizer.SetBuffer(text, 0, text.Length, final);
        tokenizer.Read(batch);
        return new TableReading(batch, layout.Delimiter, names);
    }

    /// <summary>Whether a record has more than one field.</summary>
    public bool SplitsAny => _mostFrequentWidth > 1;

    /// <summary>Whether a record that cannot be split, but has the delimiter, is above the table: it is a header in all likelihood, and broken.</summary>
    public bool IsBelowBrokenRecord
    {
        get
        {
            var mark = System.Text.Encoding.UTF8.GetBytes(Delimiter);
            for (var record = 0; record < Start; record++)
                if (_batch[record].Fault != RecordFault.None && _batch[record].Raw.IndexOf(mark) >= 0) return true;
            return false;
        }
    }

    /// <summary>How well the delimiter fits, to compare delimiters by: a table whose header is split and fits its rows is worth more than even rows below something else.</summary>
    public int Fit => Start < 0 ? 0 : 1 + (int)(20 * Evenness * (IsDoubtful ? 0.5 : HasHeader ? 1 : 0.9));

    /// <summary>Whether each delimiter of this reading is part of one of the other's, so that this one is but a piece of it.</summary>
    public bool IsPieceOf(TableReading other)
    {
        var times = Count(other.Delimiter, Delimiter);
        return times > 0 && other.Start >= 0 && other.Fit >= Fit && Width - 1 == times * (other.Width - 1);
    }

    /// <summary>Whether nearly every delimiter stands between two digits, as a decimal comma does.</summary>
    public bool IsBetweenDigits() => ShareOfDelimiters((before, after) => char.IsAsciiDigit((char)before) && char.IsAsciiDigit((char)after)) > 0.95;

    /// <summary>Whether nearly every delimiter is followed by a space, as a comma in a sentence is.</summary>
    public bool IsBeforeSpaces() => ShareOfDelimiters((_, after) => after == ' ') > 0.95;

    /// <summary>Whether the record's fields are names rather than values: texts without exception, in most of its columns.</summary>
    public bool IsNames(int index)
    {
        var record = _batch[index];
        var named = 0;
        for (var column = 0; column < record.FieldCount; column++)
        {
            var kind = Cell.KindOf(record[column]);
            if (kind == CellKind.Text) named++;
            else if (kind != CellKind.Empty) return false;
        }

        return named >= 2 && named * 10 >= _trimmed[index] * 6;
    }

    /// <summary>How many fields of a record are not empty.</summary>
    public int CountFilled(int index)
    {
        var record = _batch[index];
        var filled = 0;
        for (var column = 0; column < record.FieldCount; column++)
            if (!record[column].IsEmpty) filled++;
        return filled;
    }

    /// <summary>Whether the record may be a row of the table's columns, or such a row with surplus or missing empty fields at its end.</summary>
    public bool IsShaped(int index)
    {
        var fields = _batch[index].FieldCount;
        if (fields < 2) return false;
        return fields <= _mostFrequentWidth ? fields >= _mostFrequentWidth - _emptyAtEnd : _trimmed[index] <= _mostFrequentWidth || fields >= _widestBelow[index];
    }

    private int FindStart()
    {
        if (_mostFrequentWidth < 2) return -1;
        var last = Math.Min(_batch.Count, MaxTitles);
        var shaped = Enumerable.Range(0, last).FirstOrDefault(IsShaped, -1);
        var known = Enumerable.Range(0, last).FirstOrDefault(IsKnown, -1);
        if (known >= 0) return known;
        var names = Enumerable.Range(0, last).FirstOrDefault(IsNames, -1);
        var fitting = Enumerable.Range(0, last).FirstOrDefault(record => IsShaped(record) && IsNames(record), -1);

        // Names that the rows below have more or fewer fields than are a header all the same, unless better ones follow.
        if (names >= 0 && !IsShaped(names) && (shaped < 0 || names < shaped) && !(fitting >= 0 && IsClearHeader(fitting, names))) return names;
        // One record below other lines is no table.
        if (shaped < 0 || (shaped > 0 && shaped == _batch.Count - 1 && shaped != fitting)) return -1;
        if (fitting > shaped && Enumerable.Range(shaped, fitting - shaped).All(record => IsTitle(record, fitting))) return fitting;
        if (fitting == shaped)
        {
            IsDoubtful = shaped == 1 && _batch[0].FieldCount == 1 && !IsClearHeader(shaped, 0) && (_batch[shaped].FieldCount == 2 || IsBeforeSpaces());
            return shaped;
        }

        HasHeader = !LooksLikeRow(shaped);
        IsDoubtful = shaped > 0 && !HasHeader && (shaped == 1 || IsBetweenDigits());
        return shaped;
    }

    /// <summary>Whether a record of names is a header for sure, although there is something above it: numbers or dates are below it, or a blank line is above.</summary>
    private bool IsClearHeader(int index, int above)
    {
        if (_batch[index].FieldCount < _batch[above].FieldCount * 2 && _batch[above].FieldCount > 1 && _batch[index].LineNumber == _batch[above].LineNumber + 1
            && !HasTypedColumnBelow(index)) return false;
        return HasTypedColumnBelow(index) || _batch[index].LineNumber > _batch[index - 1].LineNumber + 1;
    }

    private bool HasTypedColumnBelow(int index)
    {
        var shapes = ColumnShape.Of(_batch, index + 1, _batch[index].FieldCount);
        for (var column = 0; column < shapes.Length; column++)
            if (shapes[column].IsTyped && Cell.KindOf(_batch.Text(index, column)) == CellKind.Text) return true;
        return false;
    }

    /// <summary>Whether a record is a title that was padded with delimiters, or a line with the names of groups of columns.</summary>
    private bool IsTitle(int index, int header)
    {
        var filled = CountFilled(index);
        var fields = _batch[index].FieldCount;
        if (filled >= CountFilled(header)) return false;
        if (filled <= 1 && fields > 2) return true;
        return HasTypedColumnBelow(header) && (filled * 10 <= Math.Max(fields, 2) * 6 || DiffersFromRows(index, header));
    }

    /// <summary>Whether a record has another kind of value than a table's rows where these are numbers or dates.</summary>
    private bool DiffersFromRows(int index, int header)
    {
        var shapes = ColumnShape.Of(_batch, header + 1, _batch[header].FieldCount);
        for (var column = 0; column < shapes.Length; column++)
            if (shapes[column].IsTyped && shapes[column].Differs(_batch.Text(index, column))) return true;
        return false;
    }

    /// <summary>Whether the caller's names are in a record.</summary>
    private bool IsKnown(int index)
    {
        var record = _batch[index];
        if (_names.Count == 0 || record.FieldCount < 2) return false;
        var found = 0;
        for (var column = 0; column < record.FieldCount; column++)
        {
            var text = System.Text.Encoding.UTF8.GetString(record[column][..Math.Min(record[column].Length, Limits.ColumnNameCharacters * 4)]);
            if (text.Length > 0 && _names.Contains(text, StringComparer.OrdinalIgnoreCase)) found++;
        }

        return found > 0 && found * 2 >= Math.Min(_names.Count, record.FieldCount);
    }

    /// <summary>Whether a record has what the rows below it have, and nothing that names would have.</summary>
    private bool LooksLikeRow(int index)
    {
        var record = _batch[index];
        var shapes = ColumnShape.Of(_batch, index + 1, record.FieldCount);
        var alike = 0;
        var years = 0;
        for (var column = 0; column < shapes.Length; column++)
        {
            var text = record[column];
            if (shapes[column].Differs(text)) return false;
            if (!shapes[column].IsTyped || Cell.KindOf(text) != shapes[column].Kind) continue;
            alike++;
            if (text.Length == 4 && (text.StartsWith("19"u8) || text.StartsWith("20"u8)) && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9')) years++;
        }

        // Columns that are named after years have numbers below them.
        return alike > years || (alike > 0 && alike == shapes.Length && years < 2);
    }

    private int MostFrequentWidth()
    {
        var counts = new Dictionary<int, int>();
        foreach (var record in _batch)
            if (record.FieldCount > 1) counts[record.FieldCount] = counts.GetValueOrDefault(record.FieldCount) + 1;
        return counts.Count == 0 ? 1 : counts.OrderByDescending(width => width.Value).ThenByDescending(width => width.Key).First().Key;
    }

    /// <summary>How many of the last columns are empty in nearly all rows.</summary>
    private int EmptyColumnsAtEnd()
    {
        if (_mostFrequentWidth < 2) return 0;
        var shapes = new int[_mostFrequentWidth];
        var rows = 0;
        for (var record = 0; record < _batch.Count; record++)
        {
            if (_batch[record].FieldCount != _mostFrequentWidth) continue;
            rows++;
            for (var column = _trimmed[record]; column < _mostFrequentWidth; column++) shapes[column]++;
        }

        var empty = 0;
        // The header may name a column that is empty everywhere.
        while (empty < _mostFrequentWidth - 2 && shapes[_mostFrequentWidth - 1 - empty] * 20 >= (rows * 19) - 20 && shapes[_mostFrequentWidth - 1 - empty] > 0) empty++;
        return empty;
    }

    private double ShareOfFitting()
    {
        var fitting = 0;
        for (var record = Start; record < _batch.Count; record++)
        {
            var fields = _batch[record].FieldCount;
            if (fields == Width || (fields > Width && _trimmed[record] <= Width) || (fields > 1 && fields < Width && IsShaped(record))) fitting++;
        }

        return (double)fitting / (_batch.Count - Start);
    }

    private double ShareOfDelimiters(Func<byte, byte, bool> isLike)
    {
        var all = 0;
        var like = 0;
        for (var record = Math.Max(Start, 0) + (HasHeader ? 1 : 0); record < _batch.Count; record++)
        {
            var row = _batch[record];
            for (var column = 1; column < row.FieldCount; column++)
            {
                row.RawField(column, out var start);
                var before = start - _batch.DelimiterLength - 1;
                var after = start < row.End ? _batch.Buffer.Span[start] : (byte)0;
                all++;
                if (before >= row.Start && isLike(_batch.Buffer.Span[before], after)) like++;
            }
        }

        return all == 0 ? 0 : (double)like / all;
    }

    private int Trim(int index)
    {
        var record = _batch[index];
        var fields = record.FieldCount;
        while (fields > 0 && record[fields - 1].IsEmpty) fields--;
        return fields;
    }

    private static int Count(string text, string piece)
    {
        if (text.Length <= piece.Length) return 0;
        var count = 0;
        for (var at = text.IndexOf(piece, StringComparison.Ordinal); at >= 0; at = text.IndexOf(piece, at + piece.Length, StringComparison.Ordinal)) count++;
        return count;
    }
}
