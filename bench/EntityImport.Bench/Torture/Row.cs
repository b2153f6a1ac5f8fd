namespace EntityImport.Bench.Torture;

/// <summary>A record of a tortured entity. All have the same fields.</summary>
internal sealed record Row(long Id, string Name, decimal? Price, long? Stock, string? Day)
{
    /// <summary>What becomes of this record when another row of its key is applied and empty values keep what is there.</summary>
    public Row Keeping(Row later) => new(Id, later.Name, later.Price ?? Price, later.Stock ?? Stock, later.Day ?? Day);
}

/// <summary>A row of a file.</summary>
/// <param name="Number">The row, from 1.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Values">Its values; null where it must be rejected.</param>
/// <param name="Faults">The codes of the reasons for which it must be rejected, in the order of the fields; empty where it is good.</param>
/// <param name="Text">Its text without the line's end.</param>
internal sealed record FileRow(long Number, long Line, Row? Values, IReadOnlyList<string> Faults, string Text)
{
    /// <summary>The code of rows of delimiters alone, which are passed over where the mapping says so.</summary>
    public const string Empty = "record.empty";

    /// <summary>Whether it has as many fields as the header.</summary>
    public bool HasColumns => !Faults.Contains("record.fields");
}
