using System.Globalization;

namespace EntityImport.Inference;

/// <summary>What digits say about being codes rather than numbers to count with: check digits, and texts that are different as such, but equal as numbers.</summary>
internal sealed class CodeEvidence
{
    /// <summary>As many different numbers of a few digits as are kept; a column of more is none of versions.</summary>
    private const int MaxShort = 4096;

    /// <summary>Digits before and behind the separator of a short number.</summary>
    private const int MaxShortDigits = 3;

    private Dictionary<int, ShortNumber>? _short = [];
    private (Sighting First, Sighting Second)? _equalTexts;
    private long _values;
    private bool _haveCheckDigits = true;

    /// <summary>Two values that are equal as numbers, but not as texts, such as 1.1 and 1.10, in a column of short numbers alone; else null.</summary>
    public (Sighting First, Sighting Second)? EqualTexts => _short is null ? null : _equalTexts;

    /// <summary>Whether each of so many values ends with the check digit of a GTIN (EAN, UPC) or an ISBN that it can hardly be by chance.</summary>
    public bool HaveCheckDigits => _haveCheckDigits && _values >= 3;

    /// <summary>Whether it may still matter which number this is: where the others end with check digits, or are short, unless it is of at most three digits alone.</summary>
    public bool HasToSee(ReadOnlySpan<byte> text) => _haveCheckDigits || (_short is not null && (text.Length > MaxShortDigits || text.ContainsAnyExceptInRange((byte)'0', (byte)'9')));

    /// <summary>Looks at a number without exponent.</summary>
    public void Add(NumberText number, ReadOnlySpan<char> text, RecordPlace place)
    {
        _values++;
        if (_haveCheckDigits) _haveCheckDigits = !number.HasSign && number.Body.Length == text.Length && HasCheckDigit(number.Body);
        if (_short is not null && _equalTexts is null) AddShort(number, text, place);
        else if (_short is not null && !IsShort(number, text, out _, out _)) _short = null;
    }

    private void AddShort(NumberText number, ReadOnlySpan<char> text, RecordPlace place)
    {
        if (_short!.Count == MaxShort || !IsShort(number, text, out var value, out var decimals))
        {
            _short = null;
            return;
        }

        if (decimals == 0) return;
        if (!_short.TryGetValue(value, out var known)) _short.Add(value, new ShortNumber(decimals, place.Row, place.Line));
        else if (known.Decimals != decimals) _equalTexts = (new Sighting(Write(value, known.Decimals, text), known.Row, known.Line), new Sighting(text.ToString(), place.Row, place.Line));
    }

    /// <summary>Whether it is digits, at most three before and behind a point or comma, as versions are.</summary>
    private static bool IsShort(NumberText number, ReadOnlySpan<char> text, out int value, out int decimals)
    {
        (value, decimals) = (0, 0);
        var body = number.Body;
        if (body.Length != text.Length || body.Length > MaxShortDigits * 2 + 1) return false;
        var point = body.IndexOfAny('.', ',');
        var whole = point < 0 ? body : body[..point];
        var behind = point < 0 ? [] : body[(point + 1)..];
        if (whole.Length is 0 or > MaxShortDigits || behind.Length > MaxShortDigits || (point >= 0 && behind.IsEmpty)) return false;
        foreach (var digit in whole)
        {
            if (!char.IsAsciiDigit(digit)) return false;
            value = value * 10 + digit - '0';
        }

        for (var i = 0; i < MaxShortDigits; i++)
        {
            if (i < behind.Length && !char.IsAsciiDigit(behind[i])) return false;
            value = value * 10 + (i < behind.Length ? behind[i] - '0' : 0);
        }

        decimals = behind.Length;
        return true;
    }

    private static string Write(int value, int decimals, ReadOnlySpan<char> like)
    {
        var (whole, behind) = Math.DivRem(value, 1000);
        var separator = like.Contains(',') ? ',' : '.';
        return string.Create(CultureInfo.InvariantCulture, $"{whole}{separator}{behind:000}")[..^(MaxShortDigits - decimals)];
    }

    private static bool HasCheckDigit(ReadOnlySpan<char> digits) => digits.Length switch
    {
        8 or 12 or 13 or 14 => Sum(digits, static place => place % 2 == 0 ? 1 : 3) % 10 == 0,
        10 => Sum(digits, static place => place + 1) % 11 == 0,
        _ => false,
    };

    /// <summary>The digits, each multiplied by the weight of its place counted from the end; -1 where there is another character.</summary>
    private static int Sum(ReadOnlySpan<char> digits, Func<int, int> weight)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            if (!char.IsAsciiDigit(digits[i])) return -1;
            sum += (digits[i] - '0') * weight(digits.Length - 1 - i);
        }

        return sum;
    }

    /// <summary>A short number that was seen.</summary>
    private readonly record struct ShortNumber(int Decimals, long Row, long Line);
}
