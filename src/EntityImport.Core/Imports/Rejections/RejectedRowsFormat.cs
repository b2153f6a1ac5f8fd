namespace EntityImport.Imports.Rejections;

/// <summary>What the rows of a rejected-rows file are written in.</summary>
/// <param name="Preamble">The lines before the header, in UTF-8.</param>
/// <param name="Header">The header as it stands in the input, without error columns, in UTF-8; empty where the input has none.</param>
/// <param name="Columns">The names of the input's own columns.</param>
/// <param name="Delimiter">The delimiter.</param>
/// <param name="Quote">The quote.</param>
/// <param name="Escape">The escape character.</param>
/// <param name="TrimSpaces">Whether spaces around fields are no part of them.</param>
/// <param name="LineEnd">What ends lines.</param>
/// <param name="CodePage">The input's encoding.</param>
/// <param name="HasByteOrderMark">Whether the input begins with a byte order mark.</param>
internal sealed record RejectedRowsFormat(
    byte[] Preamble,
    byte[] Header,
    IReadOnlyList<string> Columns,
    string Delimiter,
    char Quote,
    char Escape,
    bool TrimSpaces,
    string LineEnd,
    int CodePage,
    bool HasByteOrderMark);

/// <summary>One row of a rejected-rows file.</summary>
/// <param name="Row">The row, from 1.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Reasons">Why.</param>
/// <param name="Text">Its text in UTF-8: exactly the input's columns, or, where it has none, all of it.</param>
/// <param name="HasColumns">Whether the text has the input's columns.</param>
internal sealed record StoredRejectedRow(long Row, long Line, IReadOnlyList<RejectionReason> Reasons, byte[] Text, bool HasColumns);
