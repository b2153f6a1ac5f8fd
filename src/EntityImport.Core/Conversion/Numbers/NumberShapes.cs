using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntityImport.Conversion.Numbers;

/// <summary>
/// Scans numbers of up to 16 bytes all at once where a number of the same shape was scanned before: the same digits in other places of a column are
/// rare, other digits in the same places are the rule. Immutable but for what it learns; thread-safe.
/// </summary>
/// <remarks>
/// The shape of a text is where its digits stand and which bytes stand between them: <c>$1,234.56</c> and <c>$9,876.54</c> are of one shape. The
/// grammar never looks at which digits they are, unless they are those of an exponent, so what it made of one text holds for all of the same shape:
/// which sign, and which power of ten. A column of numbers has a few dozen shapes; only so many are kept, and each is learned once.
/// </remarks>
internal sealed class NumberShapes
{
    /// <summary>The most shapes that are kept; a power of two.</summary>
    private const int Slots = 512;

    private readonly Shape?[] _shapes = new Shape?[Slots];

    /// <summary>Scans a text of a known shape.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mantissa">All digits as one integer.</param>
    /// <param name="exponent">The power of ten that they are multiplied by.</param>
    /// <param name="isNegative">Whether the number is negative; a zero may be.</param>
    /// <returns>False where the shape is not known; the text may be a number nevertheless.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryScan(ReadOnlySpan<byte> text, out ulong mantissa, out int exponent, out bool isNegative)
    {
        if ((uint)(text.Length - 1) < Digits.MaxLength && Digits.TryLoad(text, out var bytes))
        {
            var values = Digits.Values(bytes, text.Length, out var marks);
            var key = KeyOf(marks, text.Length, bytes.ToScalar());
            var shape = _shapes[SlotOf(key)];
            if (shape is not null && shape.Key == key && ((bytes ^ shape.Template) & shape.Marks) == Vector128<byte>.Zero)
            {
                mantissa = Digits.ToNumber(Vector128.ShuffleNative(values, shape.Order));
                exponent = shape.Exponent;
                isNegative = shape.IsNegative;
                return true;
            }
        }

        mantissa = 0;
        exponent = 0;
        isNegative = false;
        return false;
    }

    /// <summary>Learns from a text that the grammar has scanned; nothing where its shape does not tell all, or its place is taken.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Learn(ReadOnlySpan<byte> text, in ScannedNumber number)
    {
        if (number.IsLong || text.Length > Digits.MaxLength || text.ContainsAny((byte)'e', (byte)'E')) return;
        Span<byte> bytes = stackalloc byte[Digits.MaxLength];
        bytes.Clear();
        text.CopyTo(bytes);
        var template = Vector128.Create<byte>(bytes);
        var values = Digits.Values(template, text.Length, out var marks);
        var key = KeyOf(marks, text.Length, bytes[0]);
        ref var slot = ref _shapes[SlotOf(key)];
        if (slot is not null) return;
        var shape = new Shape(key, template, marks, text.Length, number.Exponent, number.IsNegative);
        if (Digits.ToNumber(Vector128.ShuffleNative(values, shape.Order)) == number.Mantissa) slot = shape;
    }

    /// <summary>Where the bytes are that are no digits, how long the text is, and its first byte, which often tells signs and symbols apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint KeyOf(uint marks, int length, byte first) => marks | ((uint)(length - 1) << 16) | ((uint)first << 20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SlotOf(uint key) => (int)((key * 0x9E3779B1) >> 23) & (Slots - 1);

    private sealed class Shape
    {
        public Shape(uint key, Vector128<byte> template, uint marked, int length, int exponent, bool isNegative)
        {
            Span<byte> marks = stackalloc byte[Digits.MaxLength];
            Span<byte> order = stackalloc byte[Digits.MaxLength];
            marks.Clear();
            // Indexes beyond the text give zeros.
            order.Fill(0x80);
            var last = Digits.MaxLength;
            for (var i = length - 1; i >= 0; i--)
            {
                if ((marked >> i & 1) != 0) marks[i] = 0xFF;
                else order[--last] = (byte)i;
            }

            Key = key;
            Template = template;
            Marks = Vector128.Create<byte>(marks);
            Order = Vector128.Create<byte>(order);
            Exponent = exponent;
            IsNegative = isNegative;
        }

        public uint Key { get; }

        /// <summary>The text that the shape was learned from.</summary>
        public Vector128<byte> Template { get; }

        /// <summary>All bits set where a byte must be that of the template.</summary>
        public Vector128<byte> Marks { get; }

        /// <summary>Where the digits stand, the last one last.</summary>
        public Vector128<byte> Order { get; }

        public int Exponent { get; }

        public bool IsNegative { get; }
    }
}
