namespace EntityImport.Bench.Tables;

/// <summary>What people keep in a column.</summary>
internal enum Kind
{
    /// <summary>Whole numbers.</summary>
    Count,

    /// <summary>Decimals, negative ones among them.</summary>
    Amount,

    /// <summary>Days.</summary>
    Day,

    /// <summary>Times to the minute.</summary>
    Time,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>Texts of a language.</summary>
    Text,

    /// <summary>Digits that are no number: they may begin with zeros.</summary>
    Code,

    /// <summary>Versions such as 1.10.</summary>
    Version,

    /// <summary>Words that mean something else elsewhere: NA, NO, NULL, true.</summary>
    Word,
}

/// <summary>A column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What is in it.</param>
internal sealed record Column(string Name, Kind Kind);

/// <summary>A table as somebody has it, before anything writes it into a file. A value is a <see cref="long"/>, <see cref="decimal"/>, <see cref="DateOnly"/>, <see cref="DateTime"/> (UTC), <see cref="bool"/>, <see cref="string"/>, or null.</summary>
/// <param name="Number">Its number in its seed.</param>
/// <param name="Language">What its texts are written in.</param>
/// <param name="Columns">Its columns. No value of the first one is there twice.</param>
/// <param name="Rows">Its rows.</param>
internal sealed record Table(int Number, Language Language, IReadOnlyList<Column> Columns, IReadOnlyList<object?[]> Rows)
{
    /// <summary>The table's name.</summary>
    public string Name => $"table_{Number}";
}
