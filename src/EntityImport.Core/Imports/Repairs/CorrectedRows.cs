using System.Collections;
using System.Globalization;
using System.Text.Unicode;
using EntityImport.Catalog;
using EntityImport.Csv;
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

    /// <summary>Rows that are as they were rejected. What was made of them before stays.</summary>
    public long Same { get; init; }

    /// <summary>Rows that have gone in already, and are left alone.</summary>
    public long Repaired { get; init; }

    /// <summary>Rows that come again later in the file; the last one holds.</summary>
    public long Repeated { get; init; }

    /// <summary>Rows that are none that the import has rejected, or have bytes that are no characters where they were changed.</summary>
    public long Unknown { get; init; }

    /// <summary>The lines on which the first of these begin, from 1.</summary>
    public IReadOnlyList<long> UnknownLines { get; init; } = [];

    /// <summary>The columns that were changed, in the order of the file.</summary>
    public IReadOnlyList<MergedColumn> Columns { get; init; } = [];
}

/// <summary>A column of a corrected error file in which rows have other texts than were rejected.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Rows">How many rows.</param>
public sealed record MergedColumn(string Column, int Number, long Rows);

/// <summary>
/// The rows of an error file that somebody has corrected and sent back, in any order: each is found again by its <c>errorRow</c> and <c>errorLine</c>, and what is not as it was rejected is an edit. Not thread-safe.
/// </summary>
/// <param name="basis">The file whose rows were rejected.</param>
/// <param name="corrected">The error file.</param>
/// <param name="repaired">The rows that went in.</param>
internal sealed class CorrectedRows(RepairBasis basis, IInput corrected, IReadOnlySet<long> repaired)
{
    /// <summary>Rows that are put in order at once, so that of a file in order all are found in one pass over the rejected rows, and of any other file in one for each so many.</summary>
    private const int SortedAtOnce = 20_000;

    /// <summary>Characters of rows from which on fewer are put in order at once.</summary>
    private const int SortedCharacters = 8 << 20;

    /// <summary>The most characters of all corrections of a file.</summary>
    private const long MostCharacters = 16 << 20;

    /// <summary>Rows that a file may have beyond those that were rejected.</summary>
    private const int MostOthers = 1_000;

    private const int MostLines = 10;

    private readonly RejectedFields _fields = new(basis.Format);
    private readonly Dictionary<long, IReadOnlyDictionary<int, string>> _edits = [];
    private readonly BitArray _seen = new((int)Math.Min(basis.Import.Ledger.Records + 1, int.MaxValue));
    private readonly List<long> _unknownLines = [];
    private long _rows;
    private long _same;
    private long _repaired;
    private long _repeated;
    private long _unknown;
    private long _characters;
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
    /// <exception cref="RequestException">More were changed; or the file has far more rows than were rejected.</exception>
    public (MergedRows Found, IReadOnlyDictionary<long, IReadOnlyDictionary<int, string>> Edits) Find(RejectedRowsReader rejected, int most, CancellationToken cancellationToken)
    {
        var some = new List<CorrectedRow>();
        var characters = 0L;
        var reader = corrected.CreateReader();
        for (var part = 0; part < corrected.Parts.Count; part++)
        {
            reader.Open(part);
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var record = 0; record < reader.Batch.Count; record++)
                {
                    if (++_rows > basis.Import.Ledger.Rejected + MostOthers) throw TooMany($"The file has many more rows than the {basis.Import.Ledger.Rejected} that the import has rejected.");
                    if (Read(reader.Batch, record) is not { } row)
                    {
                        NoteUnknown(corrected.LineOf(reader.Batch, record));
                        continue;
                    }

                    some.Add(row);
                    characters += row.Characters;
                    if (some.Count < SortedAtOnce && characters < SortedCharacters) continue;
                    Compare();
                    characters = 0;
                }
            }
        }

        Compare();
        var names = basis.Format.Columns;
        var columns = _edits.Values.SelectMany(edit => edit.Keys).GroupBy(column => column).OrderBy(column => column.Key).Select(column => new MergedColumn(names[column.Key], column.Key + 1, column.LongCount()));
        return (new MergedRows { Rows = _rows, Changed = _edits.Count, Same = _same, Repaired = _repaired, Repeated = _repeated, Unknown = _unknown, UnknownLines = _unknownLines, Columns = [.. columns] }, _edits);

        void Compare()
        {
            some.Sort((one, other) => (one.Row, one.At).CompareTo((other.Row, other.At)));
            foreach (var row in some)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (FindRejected(rejected, row.Row) is { } found && found.Line == row.Line) Note(found, row);
                else NoteUnknown(row.At);
                if (_edits.Count > most) throw TooMany($"More than {most} rows were changed, which is the most that can be edited one by one. A cure has no such limit.");
                if (_characters > MostCharacters) throw TooMany($"The corrections have more than {MostCharacters} characters.");
            }

            some.Clear();
        }
    }

    /// <summary>A record as the row that it says it is; null where it says none.</summary>
    private CorrectedRow? Read(RecordBatch batch, int record)
    {
        var own = corrected.OwnColumns;
        if (batch[record].Fault != RecordFault.None || batch[record].FieldCount < own + 2 || Number(own) is not { } row || Number(own + 1) is not { } line) return null;
        var fields = new string[own];
        List<int>? unreadable = null;
        for (var column = 0; column < own; column++)
        {
            var bytes = batch.Text(record, column);
            fields[column] = FieldText.Of(bytes);
            if (!Utf8.IsValid(bytes)) (unreadable ??= []).Add(column);
        }

        var text = ErrorFileColumns.RecordTextColumn(corrected.Columns.Count, own);
        return new CorrectedRow(row, line, corrected.LineOf(batch, record), fields, unreadable, text >= 0 && !batch.Text(record, text).IsEmpty);

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

    private void Note(StoredRejectedRow rejected, CorrectedRow row)
    {
        var isRepaired = repaired.Contains(row.Row);
        var changed = isRepaired ? [] : ChangesOf(rejected, row);
        if (changed.Keys.Any(column => row.Unreadable?.Contains(column) == true))
        {
            NoteUnknown(row.At);
            return;
        }

        if (row.Row < _seen.Length && _seen[(int)row.Row])
        {
            _repeated++;
            if (isRepaired) _repaired--;
            else if (_edits.Remove(row.Row, out var former)) _characters -= CharactersOf(former);
            else _same--;
        }
        else if (row.Row < _seen.Length)
        {
            _seen[(int)row.Row] = true;
        }

        if (isRepaired)
        {
            _repaired++;
        }
        else if (changed.Count == 0)
        {
            _same++;
        }
        else
        {
            _edits[row.Row] = changed;
            _characters += CharactersOf(changed);
        }
    }

    private Dictionary<int, string> ChangesOf(StoredRejectedRow rejected, CorrectedRow row)
    {
        var before = _fields.Split(rejected);
        var changed = new Dictionary<int, string>();
        // A record that had no columns has its text in one of its own as long as nobody has put it into fields.
        if (before is null && row.HasText && row.Fields.All(field => field.Length == 0)) return changed;
        for (var column = 0; column < row.Fields.Length; column++)
            if (before is null ? row.Fields[column].Length > 0 : row.Fields[column] != before[column]) changed[column] = row.Fields[column];

        return changed;
    }

    private void NoteUnknown(long line)
    {
        _unknown++;
        if (_unknownLines.Count < MostLines) _unknownLines.Add(line);
    }

    private static long CharactersOf(IReadOnlyDictionary<int, string> edit) => edit.Values.Sum(text => (long)text.Length);

    private static RequestException TooMany(FormattableString why) => RequestException.Invalid([new RequestFault("file", FormattableString.Invariant(why))]);

    /// <summary>A row of the error file.</summary>
    /// <param name="Row">The row that it says it is, from 1.</param>
    /// <param name="Line">The line on which that began.</param>
    /// <param name="At">The line of the error file.</param>
    /// <param name="Fields">Its own fields.</param>
    /// <param name="Unreadable">Those of them, from 0, whose bytes are no characters; null where there are none.</param>
    /// <param name="HasText">Whether the text of a record without columns stands beside them.</param>
    private readonly record struct CorrectedRow(long Row, long Line, long At, string[] Fields, IReadOnlyList<int>? Unreadable, bool HasText)
    {
        public long Characters => Fields.Sum(text => (long)text.Length);
    }
}
