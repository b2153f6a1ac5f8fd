using System.Globalization;
using System.Text.Json;

namespace EntityImport;

/// <summary>
/// Reads the members of a JSON object and notes every fault with its path, so that a caller learns of all at once. Members that nobody asked for
/// are faults, too: a typo must not change data.
/// </summary>
internal sealed class JsonObjectReader
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly List<RequestFault> _faults;

    public JsonObjectReader(JsonElement element, string path, List<RequestFault> faults)
    {
        _path = path;
        _faults = faults;
        if (element.ValueKind != JsonValueKind.Object)
        {
            faults.Add(new RequestFault(path, $"Expected a JSON object, not {Describe(element)}."));
            return;
        }

        foreach (var member in element.EnumerateObject())
            if (!_members.TryAdd(member.Name, member.Value)) Fault(member.Name, "The member occurs twice.");
    }

    public string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public void Fault(string name, string message) => _faults.Add(new RequestFault(PathOf(name), message));

    /// <summary>The member, or null where it is absent or JSON null.</summary>
    public JsonElement? Member(string name)
    {
        _known.Add(name);
        return _members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public string? String(string name, bool required = false)
    {
        var member = Member(name);
        if (member is not { } value)
        {
            if (required) Fault(name, "The member is required.");
            return null;
        }

        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        Fault(name, $"Expected a string, not {Describe(value)}.");
        return null;
    }

    public bool Boolean(string name, bool absent)
    {
        if (Member(name) is not { } value) return absent;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Fault(name, $"Expected true or false, not {Describe(value)}.");
        return absent;
    }

    public int? Integer(string name, int min, int max)
    {
        if (Member(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max) return number;
        Fault(name, string.Create(CultureInfo.InvariantCulture, $"Expected a whole number from {min} to {max}, not {Describe(value)}."));
        return null;
    }

    /// <summary>One of the given words, ignoring case, as its index; null where the member is absent or another word.</summary>
    public int? Word(string name, params ReadOnlySpan<string> words)
    {
        if (String(name) is not { } text) return null;
        for (var i = 0; i < words.Length; i++)
            if (words[i].Equals(text, StringComparison.OrdinalIgnoreCase)) return i;
        Fault(name, $"Expected one of {string.Join(", ", words)}, not '{Cut(text)}'.");
        return null;
    }

    public IReadOnlyList<string> Strings(string name)
    {
        if (Member(name) is not { } value) return [];
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        Fault(name, $"Expected an array of strings, not {Describe(value)}.");
        return [];
    }

    /// <summary>The elements of an array with their paths; empty where the member is absent.</summary>
    public IReadOnlyList<(string Path, JsonElement Element)> Array(string name)
    {
        if (Member(name) is not { } value) return [];
        if (value.ValueKind == JsonValueKind.Array)
            return [.. value.EnumerateArray().Select((item, i) => (string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)}[{i}]"), item))];
        Fault(name, $"Expected an array, not {Describe(value)}.");
        return [];
    }

    /// <summary>Notes all members that were not asked for.</summary>
    public void End()
    {
        foreach (var name in _members.Keys.Where(name => !_known.Contains(name)))
        {
            var meant = _known.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
            Fault(Cut(name), meant is null
                ? $"Unknown member. Known are {string.Join(", ", _known)}."
                : $"Unknown member; names are case-sensitive: {meant}.");
        }
    }

    public static string Cut(string text) => ShownText.Cut(text);

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"the string '{Cut(value.GetString()!)}'",
        JsonValueKind.Null => "null",
        JsonValueKind.Undefined => "nothing",
        _ => Cut(value.GetRawText()),
    };
}
