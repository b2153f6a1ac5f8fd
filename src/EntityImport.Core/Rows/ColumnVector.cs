using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EntityImport.Entities;

namespace EntityImport.Rows;

/// <summary>
/// The converted values of one field for the records of one <see cref="RecordBatch"/>, side by side in pinned memory, ready to be copied
/// into a store's own columns. Reused from batch to batch; not thread-safe.
/// </summary>
/// <remarks>
/// What a value is, by type, in the machine's byte order:
/// <list type="table">
/// <item><term>STRING</term><description><see cref="TextSpan"/>: where the UTF-8 text lies</description></item>
/// <item><term>INTEGER</term><description><see cref="long"/></description></item>
/// <item><term>DECIMAL, CURRENCY, PERCENT</term><description>the value times 10^scale, as <see cref="short"/> up to precision 4, <see cref="int"/> up to 9,
/// <see cref="long"/> up to 18, else <see cref="Int128"/></description></item>
/// <item><term>DOUBLE</term><description><see cref="double"/></description></item>
/// <item><term>BOOLEAN</term><description><see cref="byte"/>, 0 or 1</description></item>
/// <item><term>DATE</term><description><see cref="int"/>, days since 1970-01-01</description></item>
/// <item><term>DATETIME</term><description><see cref="long"/>, microseconds since 1970-01-01T00:00:00Z</description></item>
/// </list>
/// </remarks>
public sealed class ColumnVector
{
    private readonly byte[] _values;
    private readonly ulong[] _validity = new ulong[RecordBatch.Capacity / 64];

    /// <summary>Makes a vector for the values of a field.</summary>
    public ColumnVector(FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(field);
        Field = field;
        ValueSize = SizeOf(field);
        _values = GC.AllocateUninitializedArray<byte>(RecordBatch.Capacity * ValueSize, pinned: true);
    }

    /// <summary>The field that the values are of.</summary>
    public FieldDefinition Field { get; }

    /// <summary>Bytes that one value takes.</summary>
    public int ValueSize { get; }

    /// <summary>The memory of all values; <c>record * ValueSize</c> is where a value begins.</summary>
    public ReadOnlySpan<byte> Bytes => _values;

    /// <summary>One bit for each record, the lowest of the first word for the first: 1 where there is a value, 0 where it is null.</summary>
    public ReadOnlySpan<ulong> Validity => _validity;

    /// <summary>Whether the vector holds no null.</summary>
    public bool HasNulls { get; private set; }

    /// <summary>The UTF-8 text of the field's default value; where <see cref="TextSource.Default"/> points.</summary>
    public ReadOnlyMemory<byte> DefaultText { get; internal set; }

    /// <summary>The values as their type; the caller names the type that the class's table gives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Values<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(_values.AsSpan());

    /// <summary>Whether a record's value is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(int record) => (_validity[record >> 6] & (1ul << record)) == 0;

    /// <summary>Makes a record's value null.</summary>
    public void SetNull(int record)
    {
        _validity[record >> 6] &= ~(1ul << record);
        HasNulls = true;
    }

    /// <summary>Makes all values present, whatever they are.</summary>
    public void Clear()
    {
        _validity.AsSpan().Fill(ulong.MaxValue);
        HasNulls = false;
    }

    /// <summary>Bytes that a value of a field takes.</summary>
    public static int SizeOf(FieldDefinition field) => field.DataType switch
    {
        DataType.String => Unsafe.SizeOf<TextSpan>(),
        DataType.Boolean => sizeof(byte),
        DataType.Date => sizeof(int),
        DataType.Integer or DataType.Double or DataType.DateTime => sizeof(long),
        DataType.Decimal or DataType.Currency or DataType.Percent => field.Precision switch
        {
            <= 4 => sizeof(short),
            <= 9 => sizeof(int),
            <= 18 => sizeof(long),
            _ => 16,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(field), field.DataType, "Unknown data type."),
    };
}

/// <summary>Where the UTF-8 text of a string value lies.</summary>
/// <param name="Start">Offset there, from 0.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="Source">In which memory.</param>
public readonly record struct TextSpan(int Start, int Length, TextSource Source);

/// <summary>The memory that a <see cref="TextSpan"/> points into.</summary>
public enum TextSource
{
    /// <summary><see cref="RecordBatch.Buffer"/>: the text stands in the file as it is.</summary>
    Buffer,

    /// <summary><see cref="RecordBatch.UnescapedText"/>: escapes had to be resolved, or the text was made of the one in the file.</summary>
    Unescaped,

    /// <summary><see cref="ColumnVector.DefaultText"/>.</summary>
    Default,
}
