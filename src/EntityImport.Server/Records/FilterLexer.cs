using System.Text;
using System.Text.RegularExpressions;

namespace EntityImport.Server.Records;

/// <summary>Splits a filter into tokens.</summary>
internal static partial class FilterLexer
{
    /// <summary>The tokens, the last one the end.</summary>
    /// <exception cref="FormatException">A character belongs to no token.</exception>
    public static List<FilterToken> Read(string text)
    {
        var tokens = new List<FilterToken>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) break;
            var start = at;
            tokens.Add(text[at] switch
            {
                '\'' => new(FilterTokenKind.Text, Quoted(text, ref at), start + 1),
                '(' or ')' or ',' => new(FilterTokenKind.Mark, text[at++].ToString(), start + 1),
                _ => Matched(text, ref at),
            });
        }

        tokens.Add(new(FilterTokenKind.End, "the end", text.Length + 1));
        return tokens;
    }

    private static string Quoted(string text, ref int at)
    {
        var start = at++;
        var value = new StringBuilder();
        while (at < text.Length)
        {
            var c = text[at++];
            if (c != '\'') value.Append(c);
            else if (at < text.Length && text[at] == '\'') value.Append(text[at++]);
            else return value.ToString();
        }

        throw new FormatException($"The text that begins at position {start + 1} has no closing quote.");
    }

    private static FilterToken Matched(string text, ref int at)
    {
        var match = Token().Match(text, at);
        if (!match.Success) throw new FormatException($"Unexpected '{text[at]}' at position {at + 1}.");
        var kind = match.Groups["time"].Success ? FilterTokenKind.Time : match.Groups["number"].Success ? FilterTokenKind.Number : FilterTokenKind.Word;
        var token = new FilterToken(kind, match.Value, at + 1);
        at += match.Length;
        return token;
    }

    // What follows a token must not be able to continue it: 12abc is no number and a word.
    [GeneratedRegex(
        """
        \G
        (?: (?<time>   [0-9]{4}-[0-9]{2}-[0-9]{2} (?: T[0-9]{2}:[0-9]{2} (?: :[0-9]{2} (?:\.[0-9]+)? )? (?: Z | [+\ -][0-9]{2}:[0-9]{2} )? )? )
          | (?<number> [+-]?[0-9]+ (?:\.[0-9]+)? (?:[eE][+-]?[0-9]+)? )
          | (?<word>   [A-Za-z_][A-Za-z0-9_]* ) )
        (?! [A-Za-z0-9_.:] )
        """,
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();
}
