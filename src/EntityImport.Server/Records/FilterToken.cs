namespace EntityImport.Server.Records;

/// <summary>What a token of a filter is.</summary>
internal enum FilterTokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>A name or word: a field, a function, an operator, <c>true</c>, <c>false</c>, <c>null</c>.</summary>
    Word,

    /// <summary>A text in single quotes; the token's text is what it stands for.</summary>
    Text,

    /// <summary>A number, as written.</summary>
    Number,

    /// <summary>A date, or a date and time, as written.</summary>
    Time,

    /// <summary>A parenthesis or comma.</summary>
    Mark,
}

/// <summary>A token of a filter.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Position">Where it begins in the filter, from 1.</param>
internal readonly record struct FilterToken(FilterTokenKind Kind, string Text, int Position)
{
    /// <summary>Whether it is this word or mark, ignoring case.</summary>
    public bool Is(string word) => Kind is FilterTokenKind.Word or FilterTokenKind.Mark && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
