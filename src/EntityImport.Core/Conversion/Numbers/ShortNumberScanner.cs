using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace EntityImport.Conversion.Numbers;

/// <summary>
/// Scans the usual shapes of numbers in up to 16 bytes all at once: <c>1234.5</c>, <c>-$1,234.56</c>, <c>12.5%</c>,
/// <c>12,50 €</c>. It answers only for those; what it passes over may be a number nevertheless.
/// </summary>
/// <remarks>
/// The text lies in one vector. Comparisons give one bit for each byte that is a digit, a grouping or a decimal separator; from these the
/// shape is checked without looking at single bytes. As groups have three digits, where each digit stands follows from the number's end and
/// from the number of decimals alone, so that a shuffle from a table moves the digits together.
/// </remarks>
internal sealed class ShortNumberScanner
{
    /// <summary>The longest text that is scanned.</summary>
    public const int MaxLength = Digits.MaxLength;

    // Of a number that ends before byte 16: its separators would be bytes 12, 8 and 4.
    private const uint GroupsBefore16 = 0x1110;

    private static readonly Vector128<byte>[] Plain = [.. Enumerable.Range(0, MaxLength + 1).Select(tail => DigitsBeforeEnd(tail, isGrouped: false))];
    private static readonly Vector128<byte>[] Grouped = [.. Enumerable.Range(0, MaxLength + 1).Select(tail => DigitsBeforeEnd(tail, isGrouped: true))];

    private readonly Vector128<byte> _decimal;
    private readonly Vector128<byte> _group;
    private readonly uint _groupMask;
    private readonly ulong _currency;
    private readonly ulong _currencyMask;
    private readonly int _currencyLength;
    private readonly int _percent;

    private ShortNumberScanner(byte separator, byte? group, byte[] currency, byte[] percent)
    {
        _decimal = Vector128.Create(separator);
        _group = Vector128.Create(group ?? 0);
        _groupMask = group is null ? 0 : uint.MaxValue;
        _percent = percent.Length == 1 ? percent[0] : -1;
        // A longer symbol, or none, is left to the general way.
        if (currency.Length is 0 or > 6) return;
        _currencyLength = currency.Length;
        _currencyMask = (1ul << (8 * currency.Length)) - 1;
        for (var i = 0; i < currency.Length; i++) _currency |= (ulong)currency[i] << (8 * i);
    }

    /// <summary>Compiles the symbols; null where the decimal separator is not ASCII, or the machine does not suit.</summary>
    public static ShortNumberScanner? TryCreate(string decimalSeparator, string groupingSeparator, string currencySymbol, string percentSymbol)
    {
        if (!Digits.IsSupported || decimalSeparator.Length != 1 || decimalSeparator == groupingSeparator || !char.IsAscii(decimalSeparator[0])) return null;
        byte? group = groupingSeparator switch
        {
            [var one] when char.IsAscii(one) => (byte)one,
            "\u00A0" or "\u202F" => (byte)' ',
            "\u2019" => (byte)'\'',
            _ => null,
        };
        return new ShortNumberScanner((byte)decimalSeparator[0], group, Encoding.UTF8.GetBytes(currencySymbol), Encoding.UTF8.GetBytes(percentSymbol));
    }

    /// <summary>Scans a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mantissa">All digits as one integer.</param>
    /// <param name="exponent">The power of ten that they are multiplied by.</param>
    /// <param name="isNegative">Whether the number has a minus sign.</param>
    /// <returns>False where the text has another shape.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryScan(ReadOnlySpan<byte> text, out ulong mantissa, out int exponent, out bool isNegative)
    {
        mantissa = 0;
        exponent = 0;
        isNegative = false;
        var length = text.Length;
        if ((uint)(length - 1) >= MaxLength) return false;
        var bytes = Digits.Load(text);
        var low = bytes.AsUInt64().ToScalar();
        var first = 0;
        if ((byte)low == '-')
        {
            isNegative = true;
            first = 1;
        }

        var sign = first;
        if (_currencyLength > 0 && (((low >> (8 * first)) ^ _currency) & _currencyMask) == 0)
        {
            first += _currencyLength;
            if (first < 8 && (byte)(low >> (8 * first)) == ' ') first++;
        }

        var values = Digits.Values(bytes, out var areDigits);
        var digits = areDigits.ExtractMostSignificantBits();
        var groups = Vector128.Equals(bytes, _group).ExtractMostSignificantBits() & _groupMask;
        var points = Vector128.Equals(bytes, _decimal).ExtractMostSignificantBits();

        // The number goes on to the first byte that is none of these; the bits above 16 are zero.
        var end = first + BitOperations.TrailingZeroCount(~((digits | groups | points) >> first));
        if (end != length)
        {
            if (end == length - 1 && first == sign && text[end] == _percent) exponent = -2;
            else if (first != sign || !IsCurrencyBehind(text[end..])) return false;
        }

        var behind = uint.MaxValue << first;
        groups &= behind;
        points &= behind;
        if ((points & (points - 1)) != 0 || (digits & behind) == 0) return false;
        var wholeEnd = points == 0 ? end : BitOperations.TrailingZeroCount(points);
        var tail = end - wholeEnd;
        var shuffles = Plain;
        if (groups != 0)
        {
            // A separator stands at every fourth byte before the end of the whole part, and a digit before the first.
            if (groups != ((GroupsBefore16 >> (MaxLength - wholeEnd)) & behind) || (digits >> first & 1) == 0) return false;
            shuffles = Grouped;
        }

        exponent -= tail - (points == 0 ? 0 : 1);
        mantissa = Digits.ToNumber(Vector128.ShuffleNative(values & areDigits, Vector128.Create((byte)end) - shuffles[tail]));
        return true;
    }

    private bool IsCurrencyBehind(ReadOnlySpan<byte> text)
    {
        if (text[0] == ' ') text = text[1..];
        else if (text.StartsWith("\u00A0"u8)) text = text[2..];
        else if (text.StartsWith("\u202F"u8)) text = text[3..];
        if (text.Length != _currencyLength || text.IsEmpty) return false;
        var word = 0ul;
        for (var i = 0; i < text.Length; i++) word |= (ulong)text[i] << (8 * i);
        return word == _currency;
    }

    /// <summary>How far before the number's end its digits stand, the last one last.</summary>
    /// <param name="tail">Bytes of the decimal separator and the decimals.</param>
    /// <param name="isGrouped">Whether each three digits before the tail are a group.</param>
    private static Vector128<byte> DigitsBeforeEnd(int tail, bool isGrouped)
    {
        Span<byte> distances = stackalloc byte[16];
        for (var (digit, distance) = (0, 1); digit < 16; digit++, distance++)
        {
            // Behind the decimals comes their separator, behind three digits that of the group.
            if (tail > 0 && distance == tail) distance++;
            if (isGrouped && distance > tail && (distance - tail) % 4 == 0) distance++;
            // Distances beyond the text lead to no byte of it.
            distances[15 - digit] = (byte)distance;
        }

        return Vector128.Create<byte>(distances);
    }
}
