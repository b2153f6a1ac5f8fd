namespace EntityImport.Inference;

/// <summary>A text that may be a number, taken apart as far as that is possible without knowing its separators.</summary>
internal readonly ref struct NumberText
{
    /// <summary>A digit, the decimal separator and the five decimals that spreadsheets show at most.</summary>
    private const int LongestShortened = 7;

    /// <summary>Digits and separators, exponent not included.</summary>
    public ReadOnlySpan<char> Body { get; private init; }

    /// <summary>The currency symbol; empty where there is none.</summary>
    public ReadOnlySpan<char> Currency { get; private init; }

    /// <summary>Whether it has a percent symbol.</summary>
    public bool IsPercent { get; private init; }

    /// <summary>Whether a plus sign is before it, as phone numbers have.</summary>
    public bool HasPlus { get; private init; }

    /// <summary>Whether it has a sign, or parentheses in place of one.</summary>
    public bool HasSign { get; private init; }

    /// <summary>Whether its minus stands behind it, as in lists of SAP.</summary>
    public bool HasTrailingMinus { get; private init; }

    /// <summary>Whether it has an exponent.</summary>
    public bool HasExponent { get; private init; }

    /// <summary>Whether the exponent has a sign, as in <c>1e+05</c>.</summary>
    public bool ExponentHasSign { get; private init; }

    /// <summary>Whether it is written as a spreadsheet shows a long whole number in a narrow cell: <c>4.00638E+12</c>.</summary>
    public bool LooksShortened { get; private init; }

    /// <summary>Takes a text apart; false where it is no number whatever the separators are.</summary>
    /// <param name="text">The text.</param>
    /// <param name="symbols">The symbols that it may have.</param>
    /// <param name="number">The parts.</param>
    public static bool TryRead(ReadOnlySpan<char> text, NumberSymbols symbols, out NumberText number)
    {
        number = default;
        var inParentheses = text is ['(', .., ')'];
        if (inParentheses) text = text[1..^1];
        var plus = false;
        var signed = false;
        if (text.Length > 0 && IsSign(text[0])) TakeSign(ref text, atEnd: false);
        var first = text.IndexOfAnyInRange('0', '9');
        if (first < 0) return false;
        if (first > 0 && text[first - 1] is '.' or ',') first--;
        var end = text.LastIndexOfAnyInRange('0', '9') + 1;
        if (end == text.Length - 1 && text[end] is '.' or ',') end++;
        var before = text[..first];
        var after = text[end..];
        var trailingMinus = after is ['-' or '\u2212'] && !signed && !inParentheses && before.Length == 0;
        if (trailingMinus) after = [];
        if (before.Length > 0 && IsSign(before[^1])) TakeSign(ref before, atEnd: true);
        if (signed && inParentheses) return false;
        if (before.Length > 0 && IsSpace(before[^1])) before = before[..^1];
        if (after.Length > 0 && IsSpace(after[0])) after = after[1..];
        if (before.Length > 0 && after.Length > 0) return false;
        var symbol = before.Length > 0 ? before : after;
        var isPercent = symbol.Length > 0 && symbol.SequenceEqual(symbols.Percent);
        if (symbol.Length > 0 && !isPercent && !symbols.IsCurrency(symbol)) return false;

        var body = text[first..end];
        var exponent = body.IndexOfAny('e', 'E');
        var exponentHasSign = false;
        var shortened = false;
        if (exponent >= 0)
        {
            var digits = body[(exponent + 1)..];
            exponentHasSign = digits.Length > 0 && IsSign(digits[0]);
            if (exponentHasSign) digits = digits[1..];
            if (digits.Length is 0 or > 3 || digits.ContainsAnyExceptInRange('0', '9')) return false;
            shortened = body[exponent] == 'E' && body[exponent + 1] == '+' && digits is ['1', not '0'] && symbol.Length == 0
                && body[..exponent] is [not '0'] or [not '0', '.' or ',', _, ..] && exponent <= LongestShortened;
            body = body[..exponent];
        }

        number = new NumberText
        {
            Body = body,
            Currency = isPercent ? default : symbol,
            IsPercent = isPercent,
            HasPlus = plus,
            HasSign = signed || inParentheses || trailingMinus,
            HasTrailingMinus = trailingMinus,
            LooksShortened = shortened,
            HasExponent = exponent >= 0,
            ExponentHasSign = exponentHasSign,
        };
        return true;

        void TakeSign(ref ReadOnlySpan<char> rest, bool atEnd)
        {
            plus = rest[atEnd ? ^1 : 0] == '+';
            signed = true;
            rest = atEnd ? rest[..^1] : rest[1..];
        }
    }

    private static bool IsSign(char c) => c is '+' or '-' or '\u2212';

    private static bool IsSpace(char c) => c is ' ' or '\u00A0' or '\u202F';
}
