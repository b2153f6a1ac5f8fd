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
    private readonly RequestFaults _faults;

    public JsonObjectReader(JsonElement element, string path, RequestFaults faults)
    {
        _path = path;
        _faults = faults;
        if (element.ValueKind != JsonValueKind.Object)
        {
            faults.Add(path, $"Expected a JSON object, not {Describe(element)}.");
            return;
        }

        foreach (var member in element.EnumerateObject())
            if (!_members.TryAdd(member.Name, member.Value)) Fault(ShownText.Cut(member.Name), "The member occurs twice.");
    }

    public string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public void Fault(string name, string message) => _faults.Add(PathOf(name), message);

    /// <summary>The member, or null where it is absent or JSON null.</summary>
    public JsonElement? Member(string name)
    {
        _known.Add(name);
        return _members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A string; null where the member is absent or at fault.</summary>
    /// <param name="name">The member.</param>
    /// <param name="required">Whether it may not be absent.</param>
    /// <param name="most">The most characters that it may have; null means any number.</param>
    public string? String(string name, bool required = false, int? most = null)
    {
        var member = Member(name);
        if (member is not { } value)
        {
            if (required) Fault(name, "The member is required.");
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Fault(name, $"Expected a string, not {Describe(value)}.");
            return null;
        }

        var text = value.GetString()!;
        if (text.Length <= (most ?? int.MaxValue)) return text;
        Fault(name, string.Create(CultureInfo.InvariantCulture, $"Expected at most {most} characters, not {text.Length}."));
        return null;
    }

    public bool Boolean(string name, bool absent)
    {
        if (Member(name) is not { } value) return absent;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Fault(name, $"Expected true or false, not {Describe(value)}.");
        return absent;
    }

    /// <summary>A whole number; null where the member is absent or at fault.</summary>
    public int? Integer(string name, int min, int max, bool required = false)
    {
        if (Member(name) is not { } value)
        {
            if (required) Fault(name, "The member is required.");
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max) return number;
        Fault(name, string.Create(CultureInfo.InvariantCulture, $"Expected a whole number from {min} to {max}, not {Describe(value)}."));
        return null;
    }

    /// <summary>A number of at most four decimals; null where the member is absent or at fault.</summary>
    public decimal? Number(string name, int min, int max, bool required = false)
    {
        if (Member(name) is not { } value)
        {
            if (required) Fault(name, "The member is required.");
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number >= min && number <= max && decimal.Round(number, 4) == number) return number;
        Fault(name, string.Create(CultureInfo.InvariantCulture, $"Expected a number from {min} to {max} of at most four decimals, not {Describe(value)}."));
        return null;
    }

    /// <summary>One of the given words, ignoring case, as its index; null where the member is absent or another word.</summary>
    public int? Word(string name, params ReadOnlySpan<string> words)
    {
        if (String(name) is not { } text) return null;
        for (var i = 0; i < words.Length; i++)
            if (words[i].Equals(text, StringComparison.OrdinalIgnoreCase)) return i;
        Fault(name, $"Expected one of {string.Join(", ", words)}, not '{ShownText.Cut(text)}'.");
        return null;
    }

    /// <summary>An array of strings, without those that are at fault; empty where the member is absent.</summary>
    /// <param name="name">The member.</param>
    /// <param name="most">The most strings that there may be; more are one fault. Null means any number.</param>
    /// <param name="mostCharacters">The most characters of each; null means any number.</param>
    public IReadOnlyList<string> Strings(string name, int? most = null, int? mostCharacters = null)
    {
        var strings = new List<string>();
        foreach (var (path, element) in Array(name, most) ?? [])
        {
            if (element.ValueKind != JsonValueKind.String) _faults.Add(path, $"Expected a string, not {Describe(element)}.");
            else if (element.GetString()! is var text && text.Length > mostCharacters)
                _faults.Add(path, string.Create(CultureInfo.InvariantCulture, $"Expected at most {mostCharacters} characters, not {text.Length}."));
            else strings.Add(text);
        }

        return strings;
    }

    /// <summary>An array of some of the given words, ignoring case, as their indexes, each once; without those that are other words, and empty where the member is absent.</summary>
    public IReadOnlyList<int> Words(string name, string[] words)
    {
        var indexes = new List<int>();
        foreach (var (path, element) in Array(name, words.Length) ?? [])
        {
            var index = element.ValueKind == JsonValueKind.String ? System.Array.FindIndex(words, word => word.Equals(element.GetString(), StringComparison.OrdinalIgnoreCase)) : -1;
            if (index < 0) _faults.Add(path, $"Expected one of {string.Join(", ", words)}, not {Describe(element)}.");
            else if (!indexes.Contains(index)) indexes.Add(index);
        }

        return indexes;
    }

    /// <summary>An object whose values are strings or null, in its order, without members that are at fault; empty where the member is absent.</summary>
    /// <param name="name">The member.</param>
    /// <param name="most">The most members that there may be; more are one fault. Null means any number.</param>
    /// <param name="mostCharacters">The most characters of each name and value; null means any number.</param>
    public IReadOnlyDictionary<string, string?> Texts(string name, int? most = null, int? mostCharacters = null)
    {
        var texts = new OrderedDictionary<string, string?>(StringComparer.Ordinal);
        if (Member(name) is not { } value) return texts;
        if (value.ValueKind != JsonValueKind.Object)
        {
            Fault(name, $"Expected an object of texts, not {Describe(value)}.");
            return texts;
        }

        if (value.GetPropertyCount() is var count && count > most)
        {
            Fault(name, string.Create(CultureInfo.InvariantCulture, $"At most {most} are possible, not {count}."));
            return texts;
        }

        foreach (var member in value.EnumerateObject())
        {
            var path = $"{name}.{ShownText.Cut(member.Name)}";
            if (member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)) Fault(path, $"Expected a string or null, not {Describe(member.Value)}.");
            else if (Math.Max(member.Name.Length, member.Value.GetString()?.Length ?? 0) > mostCharacters)
                Fault(path, string.Create(CultureInfo.InvariantCulture, $"Expected at most {mostCharacters} characters."));
            else if (!texts.TryAdd(member.Name, member.Value.GetString())) Fault(path, "The member occurs twice.");
        }

        return texts;
    }

    /// <summary>The elements of an array with their paths; empty where the member is absent, null where it is at fault.</summary>
    /// <param name="name">The member.</param>
    /// <param name="most">The most elements that there may be; more are one fault, whatever they are. Null means any number.</param>
    public IEnumerable<(string Path, JsonElement Element)>? Array(string name, int? most = null)
    {
        if (Member(name) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault(name, $"Expected an array, not {Describe(value)}.");
            return null;
        }

        if (value.GetArrayLength() is var count && count > most)
        {
            Fault(name, string.Create(CultureInfo.InvariantCulture, $"At most {most} are possible, not {count}."));
            return null;
        }

        return value.EnumerateArray().Select((item, i) => (string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)}[{i}]"), item));
    }

    /// <summary>Whether the elements of an array can be read: it is absent, or an array that is not too long.</summary>
    public bool IsReadable(string name, int most) => Member(name) is not { } value || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= most);

    /// <summary>Notes all members that were not asked for.</summary>
    public void End()
    {
        foreach (var name in _members.Keys.Where(name => !_known.Contains(name)))
        {
            if (_faults.IsFull)
            {
                _faults.AddUntold();
                continue;
            }

            var meant = _known.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
            Fault(ShownText.Cut(name), meant is null
                ? $"Unknown member. Known are {string.Join(", ", _known)}."
                : $"Unknown member; names are case-sensitive: {meant}.");
        }
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"the string '{ShownText.Cut(value.GetString()!)}'",
        JsonValueKind.Null => "null",
        JsonValueKind.Undefined => "nothing",
        _ => ShownText.Cut(value.GetRawText()),
    };
}
