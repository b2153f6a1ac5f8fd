namespace EntityImport.Catalog;

/// <summary>
/// What would make values good that were rejected for one cause: they are read otherwise, or changed before. What is not null holds together.
/// </summary>
public sealed record Cure
{
    /// <summary>Members of a mapping's <c>definition</c>, as a JSON object: what they say holds for the values of the cause alone.</summary>
    public string? Definition { get; init; }

    /// <summary>Members of the field in the definition's <c>fields</c>, likewise.</summary>
    public string? Field { get; init; }

    /// <summary>Of the entity's field, <c>length</c>, <c>precision</c> and <c>scale</c>, as a JSON object. It is carried out on the entity, after which the rows are good as they are.</summary>
    public string? Entity { get; init; }

    /// <summary>What is done to the texts before they are read.</summary>
    public TextChange? Text { get; init; }

    /// <summary>Whether the rows are left out.</summary>
    public bool Drop { get; init; }
}

/// <summary>What is done to texts. What is not null is done in the order of the members.</summary>
public sealed record TextChange
{
    /// <summary>Whether white space at both ends is cut, any that Unicode has.</summary>
    public bool Trim { get; init; }

    /// <summary>A text that is taken away at the beginning and at the end, with spaces beside it.</summary>
    public string? Strip { get; init; }

    /// <summary>How many characters a text is brought to.</summary>
    public int? PadTo { get; init; }

    /// <summary>By which character in front.</summary>
    public string? PadWith { get; init; }
}
