using EntityImport.Records;

namespace EntityImport.Server.Records;

/// <summary>What a constant looks like.</summary>
internal enum LiteralKind
{
    /// <summary>Nothing.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A text in quotes.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A date, or a date and time.</summary>
    Time,

    /// <summary>Something that no field holds, such as a duration.</summary>
    Other,
}

/// <summary>A constant as written, before it is known what it is compared with. It never leaves the filter's reading.</summary>
/// <param name="Kind">What it looks like.</param>
/// <param name="Text">Its text; of a text in quotes, what it stands for.</param>
internal sealed record Literal(LiteralKind Kind, string Text) : Operand;
