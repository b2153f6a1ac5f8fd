using System.Runtime.CompilerServices;
using System.Text;

namespace EntityImport.Conversion.Numbers;

/// <summary>How numbers are written: the separators and symbols, compiled for UTF-8. Immutable and thread-safe.</summary>
/// <remarks>
/// The grammar, in which the whole text must match and nothing is trimmed:
/// <code>
/// text      = [sign] number | [sign] number [space] symbol | [sign] symbol [space] number | CURRENCY [space] sign number | "(" unsigned ")"
///           | behind
/// unsigned  = any of the forms before that without a sign
/// behind    = number minus [[space] symbol] | unsigned minus            only where a minus sign may stand behind
/// minus     = [space] ("-" | U+2212)
/// symbol    = CURRENCY | PERCENT              PERCENT divides by 100
/// sign      = "+" | "-" | U+2212
/// space     = U+0020 | U+00A0 | U+202F
/// number    = (integer [DECIMAL {digit}] | DECIMAL digit {digit}) [("e" | "E") [sign] digit [digit [digit]]]
/// integer   = digit {digit} | groups of three digits | groups of two digits and a last one of three; the first group has 1 to 3
/// </code>
/// </remarks>
internal sealed class NumberSyntax
{
    private const int MaxExponent = 308;
    private const int MaxShortDigits = 19;

    private readonly byte _decimalByte;
    private readonly byte[] _decimal;
    private readonly byte _groupByte;
    private readonly byte[][] _groups;
    private readonly byte[][] _currencies;
    private readonly byte[] _percent;
    private readonly bool _areSymbolsAmbiguous;
    private readonly NumberShapes? _shapes;

    /// <summary>Compiles the symbols.</summary>
    /// <param name="decimalSeparator">One character.</param>
    /// <param name="groupingSeparator">One character; empty where digits are not grouped.</param>
    /// <param name="currencySymbol">Any text; empty where there is none.</param>
    /// <param name="percentSymbol">Any text; empty where there is none.</param>
    /// <param name="otherCurrencySymbols">Further currency symbols, none of them empty; null where there are none.</param>
    /// <param name="trailingMinus">Whether a minus sign may stand behind the number; no symbol ends in one then.</param>
    public NumberSyntax(
        string decimalSeparator, string groupingSeparator, string currencySymbol, string percentSymbol, IReadOnlyList<string>? otherCurrencySymbols = null, bool trailingMinus = false)
    {
        DecimalSeparator = decimalSeparator;
        GroupingSeparator = groupingSeparator;
        CurrencySymbol = currencySymbol;
        PercentSymbol = percentSymbol;
        OtherCurrencySymbols = otherCurrencySymbols ?? [];
        TrailingMinus = trailingMinus;
        string[] currencies = [.. currencySymbol.Length > 0 ? [currencySymbol] : Array.Empty<string>(), .. OtherCurrencySymbols];
        _decimal = Encoding.UTF8.GetBytes(decimalSeparator);
        _groups = [.. SameAs(groupingSeparator).Select(Encoding.UTF8.GetBytes)];
        _currencies = Array.ConvertAll(currencies, Encoding.UTF8.GetBytes);
        _percent = Encoding.UTF8.GetBytes(percentSymbol);
        _decimalByte = _decimal.Length == 1 ? _decimal[0] : (byte)0;
        _groupByte = _groups.FirstOrDefault(group => group.Length == 1)?[0] ?? 0;
        _areSymbolsAmbiguous = currencies.Any(IsAmbiguous) || IsAmbiguous(percentSymbol);
        var hasDigits = string.Concat([decimalSeparator, groupingSeparator, percentSymbol, .. currencies]).Any(char.IsAsciiDigit);
        _shapes = _areSymbolsAmbiguous || hasDigits || !Digits.IsSupported ? null : new NumberShapes();
    }

    /// <summary>What separates the whole part from the decimals.</summary>
    public string DecimalSeparator { get; }

    /// <summary>What groups the digits of the whole part; empty where they are not grouped.</summary>
    public string GroupingSeparator { get; }

    /// <summary>The currency symbol.</summary>
    public string CurrencySymbol { get; }

    /// <summary>Further currency symbols.</summary>
    public IReadOnlyList<string> OtherCurrencySymbols { get; }

    /// <summary>Whether a minus sign may stand behind the number.</summary>
    public bool TrailingMinus { get; }

    /// <summary>The percent symbol.</summary>
    public string PercentSymbol { get; }

    /// <summary>Scans a number of a shape that occurred before, fast; what it passes over may be a number nevertheless.</summary>
    /// <inheritdoc cref="NumberShapes.TryScan"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryScanKnown(ReadOnlySpan<byte> text, out ulong mantissa, out int exponent, out bool isNegative)
    {
        if (_shapes is not null) return _shapes.TryScan(text, out mantissa, out exponent, out isNegative);
        mantissa = 0;
        exponent = 0;
        isNegative = false;
        return false;
    }

    /// <summary>Scans a number of any shape.</summary>
    /// <returns>False where the text is not of the grammar.</returns>
    public bool TryScan(ReadOnlySpan<byte> text, out ScannedNumber number)
    {
        number = default;
        if (text.IsEmpty || !TryScanText(text, ref number)) return false;
        _shapes?.Learn(text, number);
        return true;
    }

    private bool TryScanText(ReadOnlySpan<byte> text, ref ScannedNumber number)
    {
        if (text[0] != '(')
            return TryScanForm(text, 0, text.Length, allowsSign: true, ref number) || (_areSymbolsAmbiguous && TryScanAmbiguous(text, 0, text.Length, true, ref number));
        if (text[^1] != ')') return false;
        if (!TryScanForm(text, 1, text.Length - 1, allowsSign: false, ref number)
            && !(_areSymbolsAmbiguous && TryScanAmbiguous(text, 1, text.Length - 1, false, ref number))) return false;
        number.IsNegative = true;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryScanForm(ReadOnlySpan<byte> text, int position, int end, bool allowsSign, ref ScannedNumber number)
    {
        var sign = allowsSign ? ReadSign(text, position, end, ref number) : 0;
        position += sign;
        if (position >= end) return false;
        if ((uint)(text[position] - '0') <= 9 || DecimalLength(text, position, end) > 0)
        {
            return TryScanNumber(text, ref position, end, ref number)
                && (position == end || TryScanSuffix(text[position..end], allowsMinus: sign == 0 && allowsSign, ref number));
        }

        var rest = text[position..end];
        foreach (var currency in _currencies)
        {
            if (!rest.StartsWith(currency)) continue;
            var start = position + currency.Length;
            start += SpaceLength(text, start, end);
            var inner = sign == 0 && allowsSign ? ReadSign(text, start, end, ref number) : 0;
            start += inner;
            if (TryScanNumber(text, ref start, end, ref number) && (start == end || TryScanMinus(text[start..end], sign == 0 && inner == 0 && allowsSign, ref number))) return true;
            if (sign == 0) number.IsNegative = false;
        }

        if (_percent.Length == 0 || !rest.StartsWith(_percent)) return false;
        if (sign == 0) number.IsNegative = false;
        position += _percent.Length;
        position += SpaceLength(text, position, end);
        if (!TryScanNumber(text, ref position, end, ref number)
            || (position != end && !TryScanMinus(text[position..end], sign == 0 && allowsSign, ref number))) return false;
        number.Exponent -= 2;
        return true;
    }

    private bool TryScanSuffix(ReadOnlySpan<byte> suffix, bool allowsMinus, ref ScannedNumber number)
    {
        if (TryScanSymbol(suffix, ref number)) return true;
        if (!TrailingMinus || !allowsMinus) return false;
        var minus = MinusLength(suffix);
        if (minus > 0 && (minus == suffix.Length || TryScanSymbol(suffix[minus..], ref number))) return number.IsNegative = true;
        minus = MinusLengthBefore(suffix);
        return minus > 0 && TryScanSymbol(suffix[..^minus], ref number) && (number.IsNegative = true);
    }

    private bool TryScanSymbol(ReadOnlySpan<byte> symbol, ref ScannedNumber number)
    {
        if (IsSymbol(symbol, ref number)) return true;
        var space = SpaceLength(symbol, 0, symbol.Length);
        return space > 0 && space < symbol.Length && IsSymbol(symbol[space..], ref number);
    }

    private bool IsSymbol(ReadOnlySpan<byte> symbol, ref ScannedNumber number)
    {
        if (symbol.SequenceEqual(_percent))
        {
            number.Exponent -= 2;
            return true;
        }

        foreach (var currency in _currencies)
            if (symbol.SequenceEqual(currency)) return true;
        return false;
    }

    /// <summary>Reads a minus sign behind a number, and nothing else.</summary>
    private bool TryScanMinus(ReadOnlySpan<byte> text, bool allowsMinus, ref ScannedNumber number) =>
        TrailingMinus && allowsMinus && MinusLength(text) == text.Length && (number.IsNegative = true);

    /// <summary>The length of a minus sign at the beginning, with a space before it; 0 where there is none.</summary>
    private static int MinusLength(ReadOnlySpan<byte> text)
    {
        var space = SpaceLength(text, 0, text.Length);
        var rest = text[space..];
        return rest.StartsWith("-"u8) ? space + 1 : rest.StartsWith("\u2212"u8) ? space + 3 : 0;
    }

    /// <summary>The same at the end.</summary>
    private static int MinusLengthBefore(ReadOnlySpan<byte> text)
    {
        var minus = text.EndsWith("-"u8) ? 1 : text.EndsWith("\u2212"u8) ? 3 : 0;
        return minus == 0 ? 0 : minus + SpaceLengthBefore(text[..^minus]);
    }

    // For symbols that begin as a number could go on, such as ",-": they are cut off before the number is read.
    private bool TryScanAmbiguous(ReadOnlySpan<byte> text, int begin, int end, bool allowsSign, ref ScannedNumber number)
    {
        foreach (var symbol in (ReadOnlySpan<byte[]>)[.. _currencies, _percent])
        {
            var shift = symbol == _percent ? -2 : 0;
            if (symbol.Length == 0) continue;
            number = default;
            var position = begin + (allowsSign ? ReadSign(text, begin, end, ref number) : 0);
            var body = text[position..end];
            if (body.EndsWith(symbol))
            {
                var last = end - symbol.Length;
                var space = SpaceLengthBefore(text[position..last]);
                var start = position;
                if (TryScanNumber(text, ref start, last - space, ref number) && start == last - space)
                {
                    number.Exponent += shift;
                    return true;
                }
            }

            if (body.StartsWith(symbol))
            {
                var start = position + symbol.Length;
                start += SpaceLength(text, start, end);
                if (shift == 0 && allowsSign && position == begin) start += ReadSign(text, start, end, ref number);
                if (TryScanNumber(text, ref start, end, ref number) && start == end)
                {
                    number.Exponent += shift;
                    return true;
                }
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryScanNumber(ReadOnlySpan<byte> text, ref int position, int end, ref ScannedNumber number)
    {
        text = text[..end];
        var at = position;
        var mantissa = 0ul;
        uint digit;
        while (at < text.Length && (digit = (uint)(text[at] - '0')) <= 9)
        {
            mantissa = mantissa * 10 + digit;
            at++;
        }

        var digits = at - position;
        number.Start = position;
        if (digits is 1 or 2 or 3 && at < text.Length && !TryScanGroups(text, ref at, ref mantissa, ref digits)) return false;

        var decimals = 0;
        if (at < text.Length && DecimalLength(text, at, end) is > 0 and var length)
        {
            var first = at += length;
            while (at < text.Length && (digit = (uint)(text[at] - '0')) <= 9)
            {
                mantissa = mantissa * 10 + digit;
                at++;
            }

            decimals = at - first;
            digits += decimals;
        }

        if (digits == 0) return false;
        number.End = at;
        number.Mantissa = mantissa;
        number.IsLong = digits > MaxShortDigits;
        number.Exponent = -decimals;
        if (at < text.Length && (text[at] | 0x20) == 'e' && !TryScanExponent(text, ref at, ref number)) return false;
        position = at;
        return true;
    }

    /// <summary>Reads what follows the first group; nothing where no group follows.</summary>
    /// <returns>False where the groups are not of the right lengths.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryScanGroups(ReadOnlySpan<byte> text, ref int position, ref ulong mantissa, ref int digits)
    {
        // The shape that matters: groups of three behind a single byte.
        var at = position;
        while (at + 3 < text.Length && text[at] == _groupByte && _groupByte != 0)
        {
            var group = Digits.ReadThree(text, at + 1);
            if (group > 999) break;
            mantissa = mantissa * 1000 + group;
            digits += 3;
            at += 4;
        }

        var isGrouped = at != position;
        position = at;
        return at == text.Length || text[at] == _decimalByte
            || TryScanOtherGroups(text, ref position, ref mantissa, ref digits, isGrouped);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryScanOtherGroups(ReadOnlySpan<byte> text, ref int position, ref ulong mantissa, ref int digits, bool hasThree)
    {
        var hasTwo = false;
        var isLastThree = hasThree;
        while (true)
        {
            if (position < text.Length && (uint)(text[position] - '0') <= 9) return false;
            var separator = GroupLength(text, position);
            var at = position + separator;
            var count = 0;
            var group = 0ul;
            while (separator > 0 && at + count < text.Length && count < 4 && (uint)(text[at + count] - '0') <= 9)
                group = group * 10 + (uint)(text[at + count++] - '0');
            // A separator without digits belongs to what follows the number, where that may begin with a space.
            if (count == 0) return !hasTwo || isLastThree;
            if (count == 2 && !hasThree) hasTwo = true;
            else if (count == 3 && !(hasTwo && isLastThree)) isLastThree = hasThree = true;
            else return false;
            mantissa = mantissa * PowersOfTen.Of(count) + group;
            digits += count;
            position = at + count;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryScanExponent(ReadOnlySpan<byte> text, ref int position, ref ScannedNumber number)
    {
        var ignored = default(ScannedNumber);
        var at = position + 1;
        at += ReadSign(text, at, text.Length, ref ignored);
        var first = at;
        var exponent = 0;
        while (at < text.Length && at - first < 4 && (uint)(text[at] - '0') <= 9) exponent = exponent * 10 + (text[at++] - '0');
        // An "e" without digits may be the beginning of a currency symbol.
        if (at == first) return true;
        if (at - first > 3 || exponent > MaxExponent) return false;
        number.Exponent += ignored.IsNegative ? -exponent : exponent;
        position = at;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadSign(ReadOnlySpan<byte> text, int position, int end, ref ScannedNumber number)
    {
        if (position >= end) return 0;
        var first = text[position];
        if (first == '-')
        {
            number.IsNegative = true;
            return 1;
        }

        if (first == '+') return 1;
        if (first != 0xE2 || !text[position..end].StartsWith("\u2212"u8)) return 0;
        number.IsNegative = true;
        return 3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int DecimalLength(ReadOnlySpan<byte> text, int position, int end)
    {
        if (_decimalByte != 0) return text[position] == _decimalByte ? 1 : 0;
        return text[position..end].StartsWith(_decimal) ? _decimal.Length : 0;
    }

    private int GroupLength(ReadOnlySpan<byte> text, int position)
    {
        foreach (var group in _groups)
            if (text[position..].StartsWith(group)) return group.Length;
        return 0;
    }

    private static int SpaceLength(ReadOnlySpan<byte> text, int position, int end)
    {
        if (position >= end) return 0;
        if (text[position] == ' ') return 1;
        if (text[position] < 0x80) return 0;
        var rest = text[position..end];
        return rest.StartsWith("\u00A0"u8) ? 2 : rest.StartsWith("\u202F"u8) ? 3 : 0;
    }

    private static int SpaceLengthBefore(ReadOnlySpan<byte> text) =>
        text.EndsWith(" "u8) ? 1 : text.EndsWith("\u00A0"u8) ? 2 : text.EndsWith("\u202F"u8) ? 3 : 0;

    // Files use these spaces, and these apostrophes, for one another.
    internal static string[] SameAs(string groupingSeparator) => groupingSeparator switch
    {
        "" => [],
        " " or "\u00A0" or "\u202F" => [" ", "\u00A0", "\u202F"],
        "'" or "\u2019" => ["'", "\u2019"],
        _ => [groupingSeparator],
    };

    private bool IsAmbiguous(string symbol) =>
        symbol.Length > 0 && (char.IsAsciiDigit(symbol[0]) || symbol[0] is 'e' or 'E' or '+' or '-' or '\u2212' or ' ' or '\u00A0' or '\u202F' or '('
            || symbol.StartsWith(DecimalSeparator, StringComparison.Ordinal)
            || SameAs(GroupingSeparator).Any(group => symbol.StartsWith(group, StringComparison.Ordinal)));
}
