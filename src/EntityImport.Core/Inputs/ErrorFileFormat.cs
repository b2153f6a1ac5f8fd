using EntityImport.Csv;

namespace EntityImport.Inputs;

/// <summary>What the rows of an error file are written in. It is CSV, whatever the input is, and has the input's own columns and the <see cref="ErrorFileColumns"/>. Stored as JSON.</summary>
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
internal sealed record ErrorFileFormat(
    byte[] Preamble,
    byte[] Header,
    IReadOnlyList<string> Columns,
    string Delimiter,
    char Quote,
    char Escape,
    bool TrimSpaces,
    string LineEnd,
    int CodePage,
    bool HasByteOrderMark)
{
    /// <summary>The format where nothing is known of the input but how it should be laid out.</summary>
    public static ErrorFileFormat Of(FileLayout layout) =>
        new([], [], [], layout.Delimiter, layout.Quote, layout.Escape, layout.TrimSpaces, "\n", FileEncoding.Utf8.CodePage, HasByteOrderMark: false);
}
