namespace EntityImport.Inference;

/// <summary>What a column's values say about it being one of numbers, for each pair of separators that may be the file's.</summary>
internal sealed class NumberEvidence
{
    private const int MaxCurrencies = 4;
    private const int ShortestPhoneNumber = 7;

    private readonly NumberSeparators[] _separators;
    private readonly NumberSymbols _symbols;
    private readonly NumberReading[] _readings;
    private readonly List<string> _currencies = [];
    private readonly NumberShapes _shapes = new();
    private long _counted;

    public NumberEvidence(NumberSeparators[] separators, NumberSymbols symbols)
    {
        _separators = separators;
        _symbols = symbols;
        _readings = [.. separators.Select(_ => new NumberReading())];
    }

    /// <summary>What each pair of separators makes of the values, in the order of the pairs.</summary>
    public IReadOnlyList<NumberReading> Readings
    {
        get
        {
            AddCounted();
            return _readings;
        }
    }

    /// <summary>The different currency symbols, in the order in which they came.</summary>
    public IReadOnlyList<string> Currencies => _currencies;

    /// <summary>Values with a percent symbol.</summary>
    public long Percentages { get; private set; }

    /// <summary>Values without a percent symbol that are not zero.</summary>
    public long OthersThanPercentages { get; private set; }

    /// <summary>Values with an exponent.</summary>
    public long Exponents { get; private set; }

    /// <summary>Those of them that are written as a spreadsheet shows a long whole number in a narrow cell, its last digits lost.</summary>
    public Sightings Shortened { get; } = new();

    /// <summary>Whether an exponent stands in a value that cannot be a code such as <c>12E4</c>.</summary>
    public bool HasPlainExponent { get; private set; }

    /// <summary>Values that begin with a plus sign and are as long as a phone number.</summary>
    public Sightings LongPlus { get; } = new();

    /// <summary>Values whose minus stands behind them.</summary>
    public Sightings TrailingMinus { get; } = new();

    /// <summary>Whether a value has a sign.</summary>
    public bool HasSign { get; private set; }

    /// <summary>Whether the values end with the check digits of EAN, GTIN or ISBN, as far as was looked.</summary>
    public CodeEvidence Codes { get; } = new();

    /// <summary>Whether no pair of separators can be right.</summary>
    public bool IsHopeless { get; private set; }

    /// <summary>Counts a value like others before; false where <see cref="Add"/> has to look at it.</summary>
    public bool TryCount(ReadOnlySpan<byte> text)
    {
        if (Codes.HasToSee(text) || !_shapes.TryCount(text)) return false;
        HasSign |= text[0] == '-';
        return true;
    }

    public void Add(ReadOnlySpan<char> text, RecordPlace place)
    {
        if (!NumberText.TryRead(text, _symbols, out var number))
        {
            AddOther(text, place);
            return;
        }

        if (number.IsPercent) Percentages++;
        else if (number.Body.ContainsAnyInRange('1', '9')) OthersThanPercentages++;
        if (number.HasExponent)
        {
            Exponents++;
            HasPlainExponent |= number.ExponentHasSign || number.Body.ContainsAnyExceptInRange('0', '9');
            if (number.LooksShortened) Shortened.Add(text, place);
        }
        else
        {
            Codes.Add(number, text, place);
        }

        HasSign |= number.HasSign;
        if (number.HasTrailingMinus) TrailingMinus.Add(text, place);
        if (number.HasPlus && number.Body.Length >= ShortestPhoneNumber) LongPlus.Add(text, place);
        if (number.Currency.Length > 0 && _currencies.Count < MaxCurrencies) AddCurrency(number.Currency);
        AddManyCounted();
        var isHopeless = true;
        for (var i = 0; i < _readings.Length; i++)
        {
            if (_readings[i].Evidence.IsHopeless) continue;
            isHopeless = false;
            if (_separators[i].TryMeasure(number.Body, out var measure)) _readings[i].Hit(measure, number.HasExponent, text, place);
            else _readings[i].Evidence.Miss(text, place);
        }

        IsHopeless = isHopeless;
    }

    /// <summary>Notes a value that is no number.</summary>
    public void AddOther(ReadOnlySpan<char> text, RecordPlace place)
    {
        AddManyCounted();
        foreach (var reading in _readings) reading.Evidence.Miss(text, place);
        IsHopeless = Array.TrueForAll(_readings, reading => reading.Evidence.IsHopeless);
    }

    /// <summary>Brings the counts up to date where so many are missing that a reading could be given up for want of them.</summary>
    private void AddManyCounted()
    {
        if (_shapes.Pending > 64 && _shapes.Pending * 4 > _counted) AddCounted();
    }

    private void AddCounted()
    {
        if (_shapes.Pending == 0) return;
        _counted += _shapes.Pending;
        foreach (var (body, count) in _shapes.TakeCounts())
        {
            for (var i = 0; i < _readings.Length; i++)
            {
                if (_readings[i].Evidence.IsHopeless) continue;
                if (_separators[i].TryMeasure(body, out var measure)) _readings[i].HitAgain(measure, count);
                else _readings[i].Evidence.MissAgain(count);
            }
        }
    }

    private void AddCurrency(ReadOnlySpan<char> symbol)
    {
        foreach (var known in _currencies)
            if (symbol.SequenceEqual(known)) return;
        _currencies.Add(symbol.ToString());
    }
}

/// <summary>What one pair of separators makes of a column.</summary>
internal sealed class NumberReading
{
    public Evidence Evidence { get; } = new();

    /// <summary>The most digits before the decimal separator.</summary>
    public int MaxWholeDigits { get; private set; }

    /// <summary>The most digits behind it.</summary>
    public int MaxDecimals { get; private set; }

    /// <summary>The most digits of one value.</summary>
    public int MaxDigits { get; private set; }

    /// <summary>Whether a value has the decimal separator.</summary>
    public bool HasDecimalSeparator { get; private set; }

    /// <summary>Whether a value without an exponent has it.</summary>
    public bool HasPlainDecimals { get; private set; }

    /// <summary>Whether a value is grouped.</summary>
    public bool HasGroups { get; private set; }

    /// <summary>Values that begin with a zero that a number would lose.</summary>
    public Sightings LeadingZeros { get; } = new();

    /// <summary>The fewest digits before the decimal separator, of values without an exponent.</summary>
    public int MinWholeDigits { get; private set; } = int.MaxValue;

    /// <summary>The most of them.</summary>
    public int MaxPlainDigits { get; private set; }

    public void Hit(NumberMeasure measure, bool hasExponent, ReadOnlySpan<char> text, RecordPlace place)
    {
        Evidence.Hit();
        if (!hasExponent)
        {
            MinWholeDigits = Math.Min(MinWholeDigits, measure.WholeDigits);
            MaxPlainDigits = Math.Max(MaxPlainDigits, measure.WholeDigits);
            HasPlainDecimals |= measure.HasDecimalSeparator;
        }

        MaxWholeDigits = Math.Max(MaxWholeDigits, measure.WholeDigits);
        MaxDecimals = Math.Max(MaxDecimals, measure.Decimals);
        MaxDigits = Math.Max(MaxDigits, measure.WholeDigits + measure.Decimals);
        HasDecimalSeparator |= measure.HasDecimalSeparator;
        HasGroups |= measure.IsGrouped;
        if (measure.HasLeadingZero) LeadingZeros.Add(text, place);
    }

    /// <summary>Counts further values like one that was looked at.</summary>
    public void HitAgain(NumberMeasure measure, long values)
    {
        Evidence.HitAgain(values);
        if (measure.HasLeadingZero) LeadingZeros.AddAgain(values);
    }
}
