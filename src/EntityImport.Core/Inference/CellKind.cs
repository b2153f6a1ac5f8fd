using System.Buffers;

namespace EntityImport.Inference;

/// <summary>What a field looks like, as far as that tells headers, titles and totals from data. The exact types are for the evidence of columns to find.</summary>
internal enum CellKind
{
    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>Anything else than the others.</summary>
    Text,

    /// <summary>Digits with the marks of numbers, whichever they are.</summary>
    Number,

    /// <summary>Digits with the marks of dates and times.</summary>
    Date,
}

/// <summary>Looks at single fields.</summary>
internal static class Cell
{
    private const int LongestTyped = 40;

    /// <summary>Bytes of €, £, ¥, −, and of the spaces that group digits.</summary>
    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create([0xE2, 0x82, 0xAC, 0xC2, 0xA3, 0xA5, 0xA0, 0x88, 0x92, 0x80, 0xAF, .. ".,' $%()"u8]);

    private static readonly SearchValues<byte> TimeBytes = SearchValues.Create("0123456789:.,+- TZAPMapm"u8);

    public static CellKind KindOf(ReadOnlySpan<byte> text)
    {
        text = text.Trim((byte)' ');
        if (text.IsEmpty) return CellKind.Empty;
        if (text.Length > LongestTyped || !text.ContainsAnyInRange((byte)'0', (byte)'9')) return CellKind.Text;
        return IsDate(text) ? CellKind.Date : IsNumber(text) ? CellKind.Number : CellKind.Text;
    }

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (IsDigit(c) || NumberBytes.Contains(c)) continue;
            var next = i + 1 < text.Length ? text[i + 1] : (byte)0;
            var isSign = c is (byte)'-' or (byte)'+' && (i == 0 || i == text.Length - 1 || !IsDigit(text[i - 1]));
            var isExponent = c is (byte)'e' or (byte)'E' && i > 0 && IsDigit(text[i - 1]) && (IsDigit(next) || next is (byte)'-' or (byte)'+');
            if (!isSign && !isExponent) return false;
        }

        return true;
    }

    /// <summary>Three groups of digits with one mark between them, or hours and minutes, and behind them whatever a time may have.</summary>
    private static bool IsDate(ReadOnlySpan<byte> text)
    {
        var first = Digits(text);
        if (first is 0 or > 4 || first == text.Length) return false;
        var mark = text[first];
        var rest = text[(first + 1)..];
        var second = Digits(rest);
        if (mark == (byte)':') return first <= 2 && second == 2 && IsTime(rest);
        if (mark is not ((byte)'-' or (byte)'/' or (byte)'.') || second is 0 or > 2 || second == rest.Length || rest[second] != mark) return false;
        rest = rest[(second + 1)..];
        var third = Digits(rest);
        return third is > 0 and <= 4 && IsTime(rest[third..]);
    }

    private static bool IsTime(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(TimeBytes);

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? text.Length : end;
    }

    private static bool IsDigit(byte c) => c is >= (byte)'0' and <= (byte)'9';
}
