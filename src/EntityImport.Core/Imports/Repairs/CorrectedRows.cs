using System.Globalization;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Imports.Rejections;
using EntityImport.Inputs;
using EntityImport.Rows;

namespace EntityImport.Imports.Repairs;

/// <summary>What was found in a corrected error file.</summary>
public sealed record MergedRows
{
    /// <summary>The draft as it is then.</summary>
    public RepairDraft Draft { get; init; } = null!;

    /// <summary>Rows of the file.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that are not as they were rejected, and are edits of the draft now.</summary>
    public long Changed { get; init; }

    /// <summary>Rows that are as they were rejected.</summary>
    public long Same { get; init; }

    /// <summary>Rows that are none that the import has rejected.</summary>
    public long Unknown { get; init; }

    /// <summary>The lines on which the first of these begin, from 1.</summary>
    public IReadOnlyList<long> UnknownLines { get; init; } = [];

    /// <summary>By columns how many rows have other texts than were rejected; those without are not there.</summary>
    public IReadOnlyDictionary<string, long> Columns { get; init; } = new Dictionary<string, long>();
}

/// <summary>
/// The rows of an error file that somebody has corrected and sent back, in any order: each is found again by its <c>errorRow</c> and <c>errorLine</c>, and what is not as it was rejected is an edit. Not thread-safe.
/// </summary>
/// <param name="basis">The file whose rows were rejected.</param>
/// <param name="corrected">The error file.</param>
internal sealed class CorrectedRows(RepairBasis basis, IInput corrected)
{
    /// <summary>Rows that are put in order at once, so that of a file in order all are found in one pass over the rejected rows, and of any other file in one for each so many.</summary>
    private const int SortedAtOnce = 20_000;

    private const int MostLines = 10;

    private readonly RejectedFields _fields = new(basis.Format);
    private readonly Dictionary<long, IReadOnlyDictionary<int, string>> _edits = [];
    private readonly long[] _changedColumns = new long[basis.Format.Columns.Count];
    private readonly List<long> _unknownLines = [];
    private long _rows;
    private long _same;
    private long _unknown;
    private StoredRejectedRow? _current;
    private long _last = long.MaxValue;

    /// <summary>Why the file cannot be merged; null where it can.</summary>
    public string? Obstacle
    {
        get
        {
            if (corrected.OwnColumns == corrected.Columns.Count) return $"It is no error file: {string.Join(", ", ErrorFileColumns.Names.SkipLast(1))} are not its last columns.";
            var (own, expected) = (corrected.Columns.Take(corrected.OwnColumns).ToList(), basis.Format.Columns);
            if (own.SequenceEqual(expected)) return null;
            var place = own.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
            return $"It is not an error file of this import: column {place + 1} is {Show(own)}, and was {Show(expected)}.";

            string Show(IReadOnlyList<string> columns) => place < columns.Count ? $"'{ShownText.Cut(columns[place])}'" : "not there";
        }
    }

    /// <summary>Finds the rows, and what of them was changed.</summary>
    /// <param name="rejected">The rejected rows, from their first.</param>
    /// <param name="most">The most rows that may be changed.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was found, but for the draft, and by row the edits.</returns>
    /// <exception cref="RequestException">More were changed.</exception>
    public (MergedRows Found, IReadOnlyDictionary<long, IReadOnlyDictionary<int, string>> Edits) Find(RejectedRowsReader rejected, int most, CancellationToken cancellationToken)
    {
        var some = new List<(long Row, long Line, long At, string[] Fields, bool IsText)>(SortedAtOnce);
        var reader = corrected.CreateReader();
        for (var part = 0; part < corrected.Parts.Count; part++)
        {
            reader.Open(part);
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var record = 0; record < reader.Batch.Count; record++)
                {
                    _rows++;
                    if (Read(reader.Batch, record) is { } row) some.Add(row);
                    else NoteUnknown(corrected.LineOf(reader.Batch, record));
                }

                if (some.Count < SortedAtOnce) continue;
                Compare();
            }
        }

        Compare();
        var columns = basis.Format.Columns.Select((name, column) => (Name: Name(name, column), Rows: _changedColumns[column])).Where(column => column.Rows > 0).ToDictionary(column => column.Name, column => column.Rows);
        return (new MergedRows { Rows = _rows, Changed = _edits.Count, Same = _same, Unknown = _unknown, UnknownLines = _unknownLines, Columns = columns }, _edits);

        void Compare()
        {
            some.Sort((one, other) => one.Row.CompareTo(other.Row));
            foreach (var (row, line, at, fields, isText) in some)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (FindRejected(rejected, row) is { } found && found.Line == line) Note(found, fields, isText);
                else NoteUnknown(at);
                if (_edits.Count > most) throw RequestException.Invalid([new RequestFault("file", string.Create(CultureInfo.InvariantCulture, $"More than {most} rows were changed, which is the most that can be edited one by one. A cure has no such limit."))]);
            }

            some.Clear();
        }
    }

    /// <summary>A record's row and line, and its own fields; null where it does not say which row it is.</summary>
    private (long Row, long Line, long At, string[] Fields, bool IsText)? Read(RecordBatch batch, int record)
    {
        var own = corrected.OwnColumns;
        if (batch[record].Fault != RecordFault.None || batch[record].FieldCount < own + 2 || Number(own) is not { } row || Number(own + 1) is not { } line) return null;
        var fields = new string[own];
        for (var column = 0; column < own; column++) fields[column] = Encoding.UTF8.GetString(batch.Text(record, column));
        var text = ErrorFileColumns.RecordTextColumn(corrected.Columns.Count, own);
        return (row, line, corrected.LineOf(batch, record), fields, text >= 0 && !batch.Text(record, text).IsEmpty);

        long? Number(int column) => long.TryParse(batch.Text(record, column), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private StoredRejectedRow? FindRejected(RejectedRowsReader rejected, long row)
    {
        if (row > _last) return null;
        if (_current is null || _current.Row > row)
        {
            rejected.Rewind();
            _current = rejected.Read();
        }

        while (_current is not null && _current.Row < row)
        {
            var next = rejected.Read();
            if (next is null) _last = _current.Row;
            _current = next;
        }

        return _current?.Row == row ? _current : null;
    }

    private void Note(StoredRejectedRow rejected, string[] fields, bool isText)
    {
        var before = _fields.Split(rejected);
        var changed = new Dictionary<int, string>();
        // A record that had no columns has its text in one of its own as long as nobody has put it into fields.
        if (before is not null || !isText || fields.Any(field => field.Length > 0))
        {
            for (var column = 0; column < fields.Length; column++)
                if (before is null ? fields[column].Length > 0 : fields[column] != before[column]) changed[column] = fields[column];
        }

        if (changed.Count == 0)
        {
            if (!_edits.ContainsKey(rejected.Row)) _same++;
            return;
        }

        foreach (var column in changed.Keys) _changedColumns[column]++;
        _edits[rejected.Row] = changed;
    }

    private void NoteUnknown(long line)
    {
        _unknown++;
        if (_unknownLines.Count < MostLines) _unknownLines.Add(line);
    }

    /// <summary>A column's name, or its number from 1 where it has none, or another one of the same name is before it.</summary>
    private string Name(string name, int column) => name.Length == 0 || basis.Format.Columns.Take(column).Contains(name) ? (column + 1).ToString(CultureInfo.InvariantCulture) : name;
}
