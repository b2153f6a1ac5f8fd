using EntityImport.Entities;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.Postgres.Rows;

/// <summary>Finds the rows that PostgreSQL would not take, before they are sent: one of them would end the load of all. Not thread-safe.</summary>
/// <remarks>
/// A row, long texts aside, has to fit into a page of 8 kB (<see href="https://www.postgresql.org/docs/current/limits.html"/>), and the values of a key into a third of one. What is counted is what PostgreSQL takes at most, so that a row which is a few bytes shorter
/// may be refused, too. Whether the index could make a long key shorter is not asked: it depends on what the key says.
/// </remarks>
internal sealed class RowSizes
{
    /// <summary>The most bytes of all values of a key: what PostgreSQL's index takes, 2,704, but for what it adds.</summary>
    public const int MaxKeyBytes = 2_600;

    /// <summary>The most bytes of a record that stay in its row: what a page takes, 8,160, but for what PostgreSQL and what records were before imports add.</summary>
    public const int MaxRecordBytes = 7_900;

    /// <summary>The most that stays in its row of a text, which is kept elsewhere where it is longer.</summary>
    public const int LongTextBytes = 24;

    private readonly IReadOnlyList<ColumnVector> _columns;
    private readonly int[] _key;

    /// <summary>Prepares to look at the rows of vectors.</summary>
    public RowSizes(IReadOnlyList<ColumnVector> columns)
    {
        _columns = columns;
        _key = [.. columns.Index().Where(column => column.Item.Field.PrimaryKey).Select(column => column.Index)];
    }

    /// <summary>The rows that were found and not noted elsewhere yet.</summary>
    public List<KeyConflict> Found { get; } = [];

    /// <summary>Whether rows with values of some fields can be too large.</summary>
    public static bool CanBeTooLarge(IEnumerable<FieldDefinition> fields)
    {
        var (key, record) = (0L, 0L);
        foreach (var field in fields)
        {
            var bytes = MostBytes(field);
            if (field.PrimaryKey) key += bytes;
            record += Math.Min(bytes, LongTextBytes) + Alignment(field) - 1;
        }

        return key > MaxKeyBytes || record > MaxRecordBytes;
    }

    /// <summary>Whether a row is too large; it is noted then.</summary>
    public bool IsTooLarge(int record, long row)
    {
        var (code, limit) = KeyBytes(record) > MaxKeyBytes ? (FaultCode.KeyTooLong, MaxKeyBytes) : RecordBytes(record) > MaxRecordBytes ? (FaultCode.RecordTooLarge, MaxRecordBytes) : (FaultCode.None, 0);
        if (code == FaultCode.None) return false;
        Found.Add(new KeyConflict(row, code, limit));
        return true;
    }

    private int KeyBytes(int record)
    {
        var bytes = 0;
        foreach (var i in _key) bytes += Bytes(_columns[i], record);
        return bytes;
    }

    private int RecordBytes(int record)
    {
        var bytes = 0;
        foreach (var column in _columns)
        {
            if (column.IsNull(record)) continue;
            var alignment = Alignment(column.Field);
            bytes = ((bytes + alignment - 1) & -alignment) + Math.Min(Bytes(column, record), LongTextBytes);
        }

        return bytes;
    }

    private static int Bytes(ColumnVector column, int record) =>
        column.Field.DataType == DataType.String ? TextBytes(column.Values<TextSpan>()[record].Length) : (int)MostBytes(column.Field);

    /// <summary>A text, with what says how long it is.</summary>
    private static int TextBytes(int length) => length + (length < 127 ? 1 : 4);

    private static long MostBytes(FieldDefinition field) => field.DataType switch
    {
        // A character is a code point: up to four bytes of UTF-8.
        DataType.String => 4 + (4L * (field.Length ?? int.MaxValue)),
        DataType.Boolean => 1,
        DataType.Date => 4,
        // Four digits at a time, on each side of the point.
        DataType.Decimal => 3 + (2 * (((field.Precision + 3) / 4) + 1)),
        _ => 8,
    };

    private static int Alignment(FieldDefinition field) => field.DataType switch
    {
        DataType.String or DataType.Boolean or DataType.Decimal => 1,
        DataType.Date => 4,
        _ => 8,
    };
}
