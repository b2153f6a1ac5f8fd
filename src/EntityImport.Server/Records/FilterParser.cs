using System.Text.RegularExpressions;
using EntityImport.Entities;
using EntityImport.Records;
using EntityImport.Server.Http;
using Microsoft.OData;
using Microsoft.OData.UriParser;

namespace EntityImport.Server.Records;

/// <summary>Reads OData conditions: <see cref="FilterGuard"/>, then the OData library, then <see cref="FilterTranslator"/>.</summary>
internal static partial class FilterParser
{
    /// <summary>What filters may contain, for people.</summary>
    public const string Supported =
        "Supported: eq, ne, lt, le, gt, ge, in (…), and, or, not, parentheses, contains, startswith, endswith, tolower, toupper, trim, length, "
        + "year, month, day, hour, minute, second.";

    /// <summary>The most characters of a message of the library, which repeats what it was given.</summary>
    private const int MaxMessageLength = 400;

    /// <summary>The condition that a <c>$filter</c> states.</summary>
    /// <exception cref="RequestException">It is malformed.</exception>
    public static Condition ParseFilter(EntityDefinition entity, string text)
    {
        return Refusing("$filter", () => new FilterTranslator(entity).ToCondition(Read().Expression));

        FilterClause Read() => Bind("$filter", entity, text, parser => parser.ParseFilter(), "Expected a condition. " + Supported);
    }

    /// <summary>The order that a <c>$orderby</c> states.</summary>
    /// <exception cref="RequestException">It is malformed.</exception>
    public static IReadOnlyList<(Operand By, bool Descending)> ParseOrderBy(EntityDefinition entity, string text)
    {
        return Refusing("$orderby", () => new FilterTranslator(entity).ToOrder(Read()));

        OrderByClause Read() =>
            Bind("$orderby", entity, text, parser => parser.ParseOrderBy(), "Expected fields, or functions of fields, each with asc or desc.");
    }

    private static T Refusing<T>(string option, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException e)
        {
            throw Refusal.Parameter(option, e.Message);
        }
    }

    /// <summary>What the library makes of a text.</summary>
    private static T Bind<T>(string option, EntityDefinition entity, string text, Func<ODataQueryOptionParser, T> parse, string expected)
    {
        FilterGuard.Check(text);
        var (model, type) = FilterModel.Of(entity);
        var options = new Dictionary<string, string> { [option] = Spelled(text) };
        var parser = new ODataQueryOptionParser(model, type, null, options) { Resolver = new FilterResolver(entity) };
        try
        {
            return parse(parser);
        }
        catch (ODataException e)
        {
            throw new FormatException($"{Worded(e.Message)} {expected}", e);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            // The library does not check the arguments of cast and isof, nor that a number fits its type, nor that a list of times has no empty one.
            throw new FormatException(expected, e);
        }
    }

    /// <summary>
    /// A text with what the library does not read: a number's plus, a time without an offset, and an offset whose plus became a space in a URL.
    /// </summary>
    private static string Spelled(string text) => Spelling().Replace(text, match => match.Value switch
    {
        ['\'', ..] => match.Value,
        "+" => "",
        [.. var time, ' '] => time + "+",
        var time => time + "Z",
    });

    /// <summary>A message of the library, with our names of types.</summary>
    private static string Worded(string message)
    {
        var worded = EdmType().Replace(message, match => match.Groups["name"].Value switch
        {
            "DateTimeOffset" => "DATETIME",
            "Double" or "Single" or "Decimal" or "Int64" or "Int32" => "number",
            var name => name.ToUpperInvariant(),
        });
        var printable = string.Concat(worded.Select(c => char.IsControl(c) ? ' ' : c));
        return printable.Length <= MaxMessageLength ? printable : string.Concat(printable.AsSpan(0, MaxMessageLength), "…");
    }

    [GeneratedRegex(@"\bEdm\.(?<name>[A-Z][A-Za-z0-9]+)(?: Nullable=(?:true|True))?", RegexOptions.CultureInvariant)]
    private static partial Regex EdmType();

    // Texts in quotes match as well, so that nothing in them does.
    [GeneratedRegex(
        """
        '[^']*'
        | (?<![A-Za-z0-9_]) \+ (?=[0-9])
        | (?<![A-Za-z0-9_]) [0-9]{4}-[0-9]{2}-[0-9]{2} T[0-9]{2}:[0-9]{2} (?: :[0-9]{2} (?:\.[0-9]+)? )? (?! [0-9:.+Z-] ) (?: \ (?=[0-9]{2}:[0-9]{2}) )?
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Spelling();
}
