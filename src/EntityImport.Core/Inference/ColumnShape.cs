using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>What the first rows of a table have in one column, by which a row that is none of them is told from them.</summary>
internal sealed class ColumnShape
{
    private const int MaxRows = 300;

    private readonly int[] _kinds = new int[4];
    private int _textsWithDigits;
    private int _length = -1;
    private bool _lengthVaries;

    /// <summary>Rows that were looked at.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether nearly all values are numbers, or nearly all are dates; else <see cref="CellKind.Text"/>, or <see cref="CellKind.Empty"/> where there are none.</summary>
    public CellKind Kind
    {
        get
        {
            var values = Rows - _kinds[(int)CellKind.Empty];
            if (values == 0) return CellKind.Empty;
            return IsMost(CellKind.Number) ? CellKind.Number : IsMost(CellKind.Date) ? CellKind.Date : CellKind.Text;

            // In a short table one row of units or totals is more than a tenth.
            bool IsMost(CellKind kind) => _kinds[(int)kind] * 10 >= values * 9 || (_kinds[(int)kind] > 1 && values - _kinds[(int)kind] == 1);
        }
    }

    public bool IsTyped => Kind is CellKind.Number or CellKind.Date;

    /// <summary>Whether something is here in all rows; up to two may be those of a footer, which are among them in a short table.</summary>
    public bool IsFilled => Rows > 2 * _kinds[(int)CellKind.Empty] && _kinds[(int)CellKind.Empty] <= 2;

    /// <summary>Whether nothing is here in nearly all rows.</summary>
    public bool IsEmpty => Rows > 0 && _kinds[(int)CellKind.Empty] * 20 >= Rows * 19;

    /// <summary>Whether all values are texts with digits in them, as codes are.</summary>
    public bool IsCodes => _kinds[(int)CellKind.Text] > 1 && _textsWithDigits == _kinds[(int)CellKind.Text];

    /// <summary>The shapes of all columns.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="first">The first row of the table.</param>
    /// <param name="width">How many columns there are.</param>
    public static ColumnShape[] Of(RecordBatch batch, int first, int width)
    {
        var shapes = new ColumnShape[width];
        for (var column = 0; column < width; column++)
        {
            shapes[column] = new ColumnShape();
            for (var record = first; record < batch.Count && shapes[column].Rows < MaxRows; record++)
            {
                var row = batch[record];
                // A row that is cut short, or not split at all, says nothing of the columns that it does not have.
                if (row.FieldCount * 2 > width) shapes[column].Add(row[column]);
            }
        }

        return shapes;
    }

    /// <summary>Whether a text could hardly stand among the column's values.</summary>
    public bool Differs(ReadOnlySpan<byte> text) => Cell.KindOf(text) switch
    {
        CellKind.Empty => false,
        CellKind.Text when IsTyped => true,
        CellKind.Text => (IsCodes && !text.ContainsAnyInRange((byte)'0', (byte)'9')) || (Rows > 2 && !_lengthVaries && _length != text.Length),
        var kind => IsTyped && Kind != kind,
    };

    private void Add(ReadOnlySpan<byte> text)
    {
        Rows++;
        var kind = Cell.KindOf(text);
        _kinds[(int)kind]++;
        if (kind == CellKind.Empty) return;
        if (kind == CellKind.Text && text.ContainsAnyInRange((byte)'0', (byte)'9')) _textsWithDigits++;
        if (_length < 0) _length = text.Length;
        else if (_length != text.Length) _lengthVaries = true;
    }
}
