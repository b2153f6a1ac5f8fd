namespace EntityImport.Inference;

/// <summary>A pair of decimal and grouping separators.</summary>
/// <param name="Decimal">What begins the decimals.</param>
/// <param name="Grouping">What groups the digits before them; NUL where nothing does.</param>
internal readonly record struct NumberSeparators(char Decimal, char Grouping)
{
    /// <summary>The pairs that are in use in the world, the most frequent first.</summary>
    public static readonly NumberSeparators[] Common = [new('.', ','), new(',', '.'), new(',', ' '), new('.', '\''), new('.', ' ')];

    /// <summary>Measures digits and separators; false where they are no number with these separators.</summary>
    /// <remarks>
    /// Grouped digits with a leading zero (<c>0,125</c>) are accepted by the import, but they are hardly meant as groups, so that they speak against
    /// these separators.
    /// </remarks>
    public bool TryMeasure(ReadOnlySpan<char> body, out NumberMeasure measure)
    {
        measure = default;
        var point = body.IndexOf(Decimal);
        var whole = point < 0 ? body : body[..point];
        var decimals = point < 0 ? [] : body[(point + 1)..];
        if (decimals.ContainsAnyExceptInRange('0', '9') || whole.Length + decimals.Length == 0) return false;
        var grouped = whole.ContainsAnyExceptInRange('0', '9');
        var digits = whole.Length;
        if (grouped && (whole[0] == '0' || !TryCountGroups(whole, out digits))) return false;
        measure = new NumberMeasure(digits, decimals.Length, point >= 0, grouped, digits > 1 && whole[0] == '0');
        return true;
    }

    private bool TryCountGroups(ReadOnlySpan<char> whole, out int digits)
    {
        digits = 0;
        var group = 0;
        var groups = 0;
        var middle = 0;
        for (var i = 0; i <= whole.Length; i++)
        {
            if (i < whole.Length && char.IsAsciiDigit(whole[i]))
            {
                group++;
                continue;
            }

            if (i < whole.Length && !IsGrouping(whole[i])) return false;
            var isLast = i == whole.Length;
            var fits = groups == 0 ? group is >= 1 and <= 3 : isLast ? group == 3 : group is 2 or 3 && (middle == 0 || middle == group);
            if (!fits) return false;
            if (groups > 0 && !isLast) middle = group;
            digits += group;
            groups++;
            group = 0;
        }

        return true;
    }

    private bool IsGrouping(char c) => Grouping switch
    {
        ' ' or '\u00A0' or '\u202F' => c is ' ' or '\u00A0' or '\u202F',
        '\'' or '\u2019' => c is '\'' or '\u2019',
        _ => c == Grouping && c != '\0',
    };
}

/// <summary>What a number consists of.</summary>
/// <param name="WholeDigits">Digits before the decimal separator.</param>
/// <param name="Decimals">Digits behind it, zeros at the end included.</param>
/// <param name="HasDecimalSeparator">Whether it has one.</param>
/// <param name="IsGrouped">Whether its digits are grouped.</param>
/// <param name="HasLeadingZero">Whether it begins with a zero that a number would lose.</param>
internal readonly record struct NumberMeasure(int WholeDigits, int Decimals, bool HasDecimalSeparator, bool IsGrouped, bool HasLeadingZero);
