using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Api;
using Microsoft.Extensions.Primitives;

namespace EntityImport.Web.Reading;

/// <summary>What a person has said about how a file is read: parameters of the page's address, so that going back, reloading and sharing keep it. What is not said is found out.</summary>
public sealed class StatedReading
{
    /// <summary>Members of the definition that have a control of their own, by their parameters.</summary>
    public static readonly string[] Controls = ["encoding", "fieldDelimiter", "quoteCharacter", "header", "skipLines", "skipFooterLines", "locale", "dateFormat", "dateTimeFormat", "raggedRows", "emptyRows", NullWords];

    /// <summary>The member with the texts that are null, of which the control takes several, with spaces between them.</summary>
    public const string NullWords = "nullValues";

    /// <summary>The parameter that names the entity that a plan of these pages has made.</summary>
    public const string MadeKey = "made";

    private StatedReading(JsonObject definition, IReadOnlyList<KeyValuePair<string, StringValues>> query) => (Definition, Query) = (definition, query);

    /// <summary>The part of the definition that is stated.</summary>
    public JsonObject Definition { get; }

    /// <summary>The parameters that say so, for links to the next step.</summary>
    public IReadOnlyList<KeyValuePair<string, StringValues>> Query { get; }

    /// <summary>The entity that the file goes into; null for a new one.</summary>
    public string? Entity => Stated("entity");

    /// <summary>The entity that an earlier plan for the file has made, and that is made otherwise as long as nothing went into it; null where none was.</summary>
    public string? Made => Entity is null ? Stated(MadeKey) : null;

    /// <summary>Answers to questions, each a part of a definition as JSON.</summary>
    public IEnumerable<string> Said => Query.Where(pair => pair.Key == "say").SelectMany(pair => pair.Value).OfType<string>();

    /// <summary>Whether a person has said anything of a member.</summary>
    public string? Stated(string member) => Query.FirstOrDefault(pair => pair.Key == member).Value.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>The questions about how the file is read that nobody has answered: nothing is imported as long as there is one. An answer that was stated closes its question, whatever is found out with it; which columns are the key is no part of a definition, and said by their boxes.</summary>
    public IReadOnlyList<InferenceQuestion> Open(InferredSchema schema) =>
        [.. schema.Questions.Where(question => question.Answers.Any(answer => answer.Definition.EnumerateObject().Any()) && !question.Answers.Any(IsStated))];

    /// <summary>The parameters with an answer, in place of what was stated of the same members.</summary>
    public IEnumerable<KeyValuePair<string, StringValues>> With(InferenceAnswer answer) =>
        Query.Where(pair => !(Controls.Contains(pair.Key) && answer.Definition.TryGetProperty(pair.Key, out _))).Append(new("say", answer.Definition.GetRawText()));

    private bool IsStated(InferenceAnswer answer) =>
        answer.Definition.EnumerateObject().Any() && answer.Definition.EnumerateObject().All(member => JsonNode.DeepEquals(Definition[member.Name], JsonNode.Parse(member.Value.GetRawText())));

    public static StatedReading Of(IEnumerable<KeyValuePair<string, StringValues>> parameters)
    {
        var kept = parameters.Where(pair => pair.Key is "entity" or MadeKey or "say" || Controls.Contains(pair.Key)).ToList();
        var definition = new JsonObject();
        foreach (var said in kept.Where(pair => pair.Key == "say").SelectMany(pair => pair.Value)) Merge(definition, said);
        foreach (var (name, values) in kept.Where(pair => Controls.Contains(pair.Key) && pair.Value.ToString().Length > 0))
        {
            var text = values.ToString();
            definition[name] = name switch
            {
                "header" => JsonValue.Create(text == "true"),
                "skipLines" or "skipFooterLines" when int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var lines) => JsonValue.Create(lines),
                NullWords => new JsonArray([.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().Select(word => JsonValue.Create(word))]),
                _ => JsonValue.Create(text),
            };
        }

        return new StatedReading(definition, kept);
    }

    /// <summary>Takes an answer in. One that is no JSON object was not written by these pages, and says nothing.</summary>
    private static void Merge(JsonObject definition, string? said)
    {
        try
        {
            if (JsonNode.Parse(said ?? "") is not JsonObject parts) return;
            foreach (var (name, value) in parts.ToList())
            {
                if (name == "fields" && value is JsonArray added && definition["fields"] is JsonArray known)
                {
                    foreach (var field in added) known.Add(field?.DeepClone());
                    continue;
                }

                definition[name] = value?.DeepClone();
            }
        }
        catch (JsonException)
        {
            // Nothing is said.
        }
    }
}
