using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace EntityImport.Conversion.Dates;

/// <summary>
/// Reads a pattern of fixed-width digits and literals, such as <c>dd-MM-yyyy HH:mm:ss</c>, all at once and without a branch per field.
/// It answers only for texts of exactly that shape; others may be dates of the pattern nevertheless.
/// </summary>
/// <remarks>
/// The text's 8 to 32 bytes are loaded as two overlapping halves and compared with a template: digits must be digits, literals equal. A
/// shuffle brings the digits into the order <c>yyyyMMddHHmmss</c>, absent ones taken from 1970-01-01T00:00:00; each pair of digits becomes
/// a number, and one comparison checks all ranges but the length of the month.
/// </remarks>
internal sealed class FixedLayout
{
    private const int MinLength = 8;
    private const int MaxLength = 32;
    private const byte Absent = 0x80;

    private static ReadOnlySpan<byte> Epoch => [1, 9, 7, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

    private static readonly Vector128<ushort> Lowest = Vector128.Create((ushort)0, 0, 1, 1, 0, 0, 0, 0);
    private static readonly Vector128<ushort> Highest = Vector128.Create((ushort)99, 99, 12, 31, 23, 59, 59, 0);

    private readonly int _length;
    private readonly TwoDigitYears _window;
    private readonly bool _hasTwoDigitYear;
    private readonly bool _hasFraction;
    private readonly Half _first;
    private readonly Half _second;
    private readonly Vector128<byte> _epoch;

    private FixedLayout(byte[] template, byte[] order, byte[] fraction, bool hasTwoDigitYear, TwoDigitYears window)
    {
        _length = template.Length;
        _window = window;
        _hasTwoDigitYear = hasTwoDigitYear;
        _hasFraction = fraction.Any(index => index != Absent);
        var half = HalfLength(_length);
        _first = new Half(template, order, fraction, 0, half, takes: index => index < half);
        _second = new Half(template, order, fraction, _length - half, half, takes: index => index >= half);
        Span<byte> epoch = stackalloc byte[16];
        Epoch.CopyTo(epoch);
        for (var i = 0; i < 14; i++)
            if (order[i] != Absent) epoch[i] = 0;
        if (hasTwoDigitYear) epoch[..2].Clear();
        _epoch = Vector128.Create<byte>(epoch);
    }

    /// <summary>Compiles a pattern; null where it is not of such a kind.</summary>
    public static FixedLayout? TryCreate(IReadOnlyList<PatternElement> elements, TwoDigitYears window)
    {
        var template = new List<byte>();
        var order = Enumerable.Repeat(Absent, 16).ToArray();
        var fraction = Enumerable.Repeat(Absent, 16).ToArray();
        var letters = "";
        foreach (var element in elements)
        {
            if (element.IsLiteral)
            {
                // A digit in literal text would belong to the number before it.
                if (element.Literal.Any(char.IsAsciiDigit)) return null;
                template.AddRange(Encoding.UTF8.GetBytes(element.Literal));
                continue;
            }

            if (letters.Contains(element.Letter, StringComparison.Ordinal)) return null;
            letters += element.Letter;
            var (target, start, isMatch) = element.Letter switch
            {
                'y' => (order, element.Count == 2 ? 2 : 0, element.Count is 2 or 4),
                'M' => (order, 4, element.Count == 2),
                'd' => (order, 6, element.Count == 2),
                'H' => (order, 8, element.Count == 2),
                'm' => (order, 10, element.Count == 2),
                's' => (order, 12, element.Count == 2),
                'S' => (fraction, 0, element.Count <= 6),
                _ => (order, 0, false),
            };
            if (!isMatch) return null;
            for (var i = 0; i < element.Count; i++)
            {
                target[start + i] = (byte)template.Count;
                template.Add((byte)'0');
            }
        }

        if (template.Count is < MinLength or > MaxLength) return null;
        return new FixedLayout([.. template], order, fraction, elements.Any(element => element is { Letter: 'y', Count: 2 }), window);
    }

    /// <summary>Reads a text of exactly the layout.</summary>
    /// <param name="text">UTF-8 text.</param>
    /// <param name="day">Days since 1970-01-01.</param>
    /// <param name="microsecond">Microseconds of that day.</param>
    /// <returns>False where the text has another shape or is out of range; the general way then decides.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(ReadOnlySpan<byte> text, out int day, out long microsecond)
    {
        day = 0;
        microsecond = 0;
        var length = _length;
        if (text.Length != length) return false;
        ref var start = ref MemoryMarshal.GetReference(text);
        Vector128<byte> first, second;
        if (length < 16)
        {
            first = Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref start)).AsByte();
            second = Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, length - 8))).AsByte();
        }
        else
        {
            first = Vector128.LoadUnsafe(ref start);
            second = Vector128.LoadUnsafe(ref start, (nuint)(length - 16));
        }

        first ^= _first.Template;
        second ^= _second.Template;
        var excess = (first - Vector128.Min(first, _first.Highest)) | (second - Vector128.Min(second, _second.Highest));
        if (excess != Vector128<byte>.Zero) return false;

        var digits = Vector128.ShuffleNative(first, _first.Order) | Vector128.ShuffleNative(second, _second.Order) | _epoch;
        var pairs = Pairs(digits);
        if (Vector128.Min(Vector128.Max(pairs, Lowest), Highest) != pairs) return false;

        int year = pairs.GetElement(1);
        if (_hasTwoDigitYear)
        {
            year = _window.Resolve(year, out var isFirst);
            if (isFirst) return false;
        }
        else
        {
            year += pairs.GetElement(0) * 100;
            if (year == 0) return false;
        }

        var date = new CivilDate(year, pairs.GetElement(2), pairs.GetElement(3));
        if (date.Day > 28 && date.Day > CivilDate.LengthOfMonth(date.Year, date.Month)) return false;
        day = date.Number;
        var second64 = (pairs.GetElement(4) * 60L + pairs.GetElement(5)) * 60 + pairs.GetElement(6);
        microsecond = second64 * 1_000_000;
        if (!_hasFraction) return true;

        var fraction = Pairs(Vector128.ShuffleNative(first, _first.Fraction) | Vector128.ShuffleNative(second, _second.Fraction));
        microsecond += (fraction.GetElement(0) * 100 + fraction.GetElement(1)) * 100 + fraction.GetElement(2);
        return true;
    }

    private static int HalfLength(int length) => length < 16 ? 8 : 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Pairs(Vector128<byte> digits)
    {
        // The first digit of a pair is the low byte of its lane.
        var lanes = digits.AsUInt16();
        return (lanes & Vector128.Create((ushort)0xFF)) * 10 + Vector128.ShiftRightLogical(lanes, 8);
    }

    /// <summary>What is known of one half of the text.</summary>
    private readonly struct Half
    {
        public Half(byte[] template, byte[] order, byte[] fraction, int start, int length, Func<int, bool> takes)
        {
            Span<byte> expected = stackalloc byte[16];
            Span<byte> highest = stackalloc byte[16];
            template.AsSpan(start, length).CopyTo(expected);
            for (var i = 0; i < length; i++) highest[i] = (byte)(expected[i] == '0' ? 9 : 0);
            Template = Vector128.Create<byte>(expected);
            Highest = Vector128.Create<byte>(highest);
            Order = Indexes(order);
            Fraction = Indexes(fraction);

            Vector128<byte> Indexes(byte[] positions)
            {
                Span<byte> indexes = stackalloc byte[16];
                for (var i = 0; i < 16; i++)
                    indexes[i] = positions[i] != Absent && takes(positions[i]) ? (byte)(positions[i] - start) : Absent;
                return Vector128.Create<byte>(indexes);
            }
        }

        /// <summary>The literals, and '0' for each digit.</summary>
        public Vector128<byte> Template { get; }

        /// <summary>How far a byte may differ from the template: 9 for digits, 0 for literals.</summary>
        public Vector128<byte> Highest { get; }

        /// <summary>Where the digits of year, month, day, hour, minute and second stand.</summary>
        public Vector128<byte> Order { get; }

        /// <summary>Where the digits of the fraction stand.</summary>
        public Vector128<byte> Fraction { get; }
    }
}
