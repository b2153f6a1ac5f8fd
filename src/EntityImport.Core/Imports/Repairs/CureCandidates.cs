using System.Globalization;
using System.Text.Json.Nodes;
using EntityImport.Catalog;
using EntityImport.Conversion;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;
using EntityImport.Inference;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Imports.Repairs;

/// <summary>Cures that are worth a try for a cause. Whether they cure anything is found out by running them.</summary>
internal sealed class CureCandidates
{
    /// <summary>How many of a cause's different values suggest words, symbols and patterns.</summary>
    private const int MaxWords = 5;

    /// <summary>From how many patterns dates may be read.</summary>
    private const int MaxPatterns = 12;

    private const string DropText = "leave these rows out";
    private const string TrimText = "cut white space at both ends";

    private readonly List<(Cure Cure, string Text)> _found = [];
    private readonly ImportDefinition _definition;
    private readonly FieldMapping? _mapping;
    private readonly CauseProfile _profile;
    private readonly BoundField? _field;
    private readonly (string Before, string After)? _edit;

    private CureCandidates(RepairBasis basis, RejectionCause cause, CauseProfile profile, (string Before, string After)? edit)
    {
        _definition = basis.Definition;
        _field = basis.FindField(cause.Field);
        _mapping = _definition.Fields.FirstOrDefault(mapped => string.Equals(mapped.SystemName, cause.Field, StringComparison.OrdinalIgnoreCase));
        _profile = profile;
        _edit = edit;
    }

    /// <summary>Finds them.</summary>
    /// <param name="basis">What they are to be tried on.</param>
    /// <param name="cause">The cause.</param>
    /// <param name="profile">What its values are.</param>
    /// <param name="edit">What somebody made of one of these; null where nobody did.</param>
    public static IReadOnlyList<(Cure Cure, string Text)> Find(RepairBasis basis, RejectionCause cause, CauseProfile profile, (string Before, string After)? edit)
    {
        var candidates = new CureCandidates(basis, cause, profile, edit);
        candidates.Find(cause);
        return candidates._found;
    }

    /// <summary>What a cure does, as a phrase: the one by which it would be found, or what it says.</summary>
    /// <param name="basis">What it is to be tried on.</param>
    /// <param name="cause">The cause that it is for.</param>
    /// <param name="profile">What the cause's values are.</param>
    /// <param name="cure">The cure.</param>
    public static string Describe(RepairBasis basis, RejectionCause cause, CauseProfile profile, Cure cure) =>
        Find(basis, cause, profile, edit: null).FirstOrDefault(found => found.Cure == cure).Text ?? string.Join(", ", Parts(cure));

    private static IEnumerable<string> Parts(Cure cure)
    {
        if (cure.Drop) yield return DropText;
        if (cure.Text is { } change)
        {
            if (change.Trim) yield return TrimText;
            if (change.Strip is { } symbol) yield return StripText(symbol);
            if (change is { PadTo: { } length, PadWith: { } character }) yield return PadText(length, character);
        }

        foreach (var members in new[] { cure.Definition, cure.Field, cure.Entity })
            if (members is not null)
                foreach (var (name, value) in JsonNode.Parse(members)!.AsObject()) yield return $"{name} {ShownText.Cut(value?.ToJsonString() ?? "null")}";
    }

    private static string StripText(string symbol) => $"strip '{ShownText.Cut(symbol)}'";

    private static string PadText(int length, string character) => string.Create(CultureInfo.InvariantCulture, $"bring texts to {length} characters with '{character}' in front");

    private void Find(RejectionCause cause)
    {
        if (_field is null)
        {
            FindForRecords(cause);
            return;
        }

        var field = _field.Field;
        if (_edit is { } edit) FindForEdit(edit);
        if (field.IsNumber) FindForNumbers(field);
        if (field.DataType is DataType.Date or DataType.DateTime) FindForDates(field);
        if (field.DataType == DataType.Boolean) FindForBooleans();
        if (cause.Code == FaultCode.StringLength.Name() && field.Length is not null)
            _found.Add((new Cure { Entity = Json(("length", _profile.LongestValue)) }, string.Create(CultureInfo.InvariantCulture, $"let {field.SystemName} hold {_profile.LongestValue} characters")));
        _found.Add((OfField("normalize", new JsonArray("TRIM", "INVISIBLE")), "cut white space, and characters that nobody can see"));
        foreach (var (value, _) in Words())
        {
            var nulls = new JsonArray([.. (_mapping?.Texts.NullValues ?? _definition.NullValues).Append(value).Distinct().Select(text => (JsonNode)text)]);
            _found.Add((OfField("nullValues", nulls), $"read '{ShownText.Cut(value)}' as null"));
        }
    }

    private void FindForRecords(RejectionCause cause)
    {
        if (cause.Code == FaultCode.RecordFields.Name())
        {
            if (_definition.RaggedRows == RaggedRows.Reject) _found.Add((new Cure { Definition = Json(("raggedRows", "PAD")) }, "read missing fields as null"));
            if (_definition.RaggedRows != RaggedRows.Fit) _found.Add((new Cure { Definition = Json(("raggedRows", "FIT")) }, "read missing fields as null, and leave out empty ones beyond the columns"));
        }

        if (cause.Code == FaultCode.RecordEmpty.Name() || cause.Code == FaultCode.RecordHeader.Name()) _found.Add((new Cure { Drop = true }, DropText));
    }

    private void FindForNumbers(FieldDefinition field)
    {
        var format = _definition.CreateValueFormat(DateOnly.FromDayNumber(0));
        foreach (var (point, grouping, text) in new[]
        {
            (",", ".", "read ',' as the decimal separator, and '.' as the grouping one"),
            (".", ",", "read '.' as the decimal separator, and ',' as the grouping one"),
            (",", "\u00a0", "read ',' as the decimal separator, and a no-break space as the grouping one"),
            (",", "\u202f", "read ',' as the decimal separator, and a narrow no-break space as the grouping one"),
            (",", " ", "read ',' as the decimal separator, and a space as the grouping one"),
            (".", " ", "read '.' as the decimal separator, and a space as the grouping one"),
            (".", "’", "read '.' as the decimal separator, and '’' as the grouping one"),
            (".", "'", "read '.' as the decimal separator, and ''' as the grouping one"),
        })
        {
            if (format.DecimalSeparator != point || format.GroupingSeparator != grouping)
                _found.Add((new Cure { Definition = Json(("decimalSeparator", point), ("groupingSeparator", grouping)) }, text));
        }

        if (!_definition.TrailingMinus) _found.Add((new Cure { Definition = Json(("trailingMinus", true)) }, "read a minus sign behind a number"));
        if (_definition.SpreadsheetText == Conversion.Texts.SpreadsheetText.Keep) _found.Add((new Cure { Definition = Json(("spreadsheetText", "UNWRAP")) }, "read the text of cells that a spreadsheet protected"));
        foreach (var symbol in Symbols().Take(MaxWords)) _found.Add((new Cure { Text = new TextChange { Strip = symbol } }, StripText(symbol)));
        foreach (var (value, _) in Words().Where(word => !word.Key.Any(char.IsAsciiDigit)))
            _found.Add((OfField("zeroValues", new JsonArray([.. (_mapping?.Texts.ZeroValues ?? _definition.ZeroValues).Append(value).Distinct().Select(text => (JsonNode)text)])), $"read '{ShownText.Cut(value)}' as 0"));
        if (!field.IsDecimal) return;
        var (before, behind) = Digits(format.DecimalSeparator[0]);
        var scale = Math.Max(field.Scale, behind);
        var precision = Math.Max(field.Precision - field.Scale, before) + scale;
        if (precision <= FieldDefinition.MaxPrecision && (scale > field.Scale || precision > field.Precision))
            _found.Add((new Cure { Entity = Json(("precision", precision), ("scale", scale)) }, string.Create(CultureInfo.InvariantCulture, $"let {field.SystemName} hold {precision} digits, {scale} of them decimals")));
    }

    private void FindForDates(FieldDefinition field)
    {
        var stated = _mapping?.Format ?? (field.DataType == DataType.Date ? _definition.DateFormat : _definition.DateTimeFormat);
        var patterns = _profile.Values.Take(MaxPatterns).SelectMany(value => DatePatternGuess.From(value.Key).SelectMany(guess => guess.Formats)).Distinct().Except(stated).Take(MaxPatterns).ToList();
        // The other reading of a day and a month.
        foreach (var pattern in stated.Where(pattern => !DateFormatSet.IsNamed(pattern)).Select(Swap).OfType<string>())
            if (!patterns.Contains(pattern)) patterns.Add(pattern);
        foreach (var pattern in patterns)
        {
            _found.Add((OfField("format", pattern), $"read this column as {pattern}"));
            if (stated.Count < DateFormats.MaxCount) _found.Add((OfField("format", new JsonArray([.. stated.Append(pattern).Select(text => (JsonNode)text)])), $"read this column as {string.Join(" or ", stated)} or {pattern}"));
        }

        if (field.DataType == DataType.DateTime && !_definition.ReadsEndOfDay) _found.Add((new Cure { Definition = Json(("endOfDay", "24:00")) }, "read 24:00 as the end of a day"));
    }

    private void FindForBooleans()
    {
        var yes = _definition.TrueValues is [var firstTrue, ..] ? firstTrue : "true";
        var no = _definition.FalseValues is [var firstFalse, ..] ? firstFalse : "false";
        foreach (var (value, _) in Words())
        {
            _found.Add((Map(value, yes), $"read '{ShownText.Cut(value)}' as true"));
            _found.Add((Map(value, no), $"read '{ShownText.Cut(value)}' as false"));
        }
    }

    private void FindForEdit((string Before, string After) edit)
    {
        var (before, after) = edit;
        if (after.Length == 0) _found.Add((OfField("nullValues", new JsonArray([.. (_mapping?.Texts.NullValues ?? _definition.NullValues).Append(before).Distinct().Select(text => (JsonNode)text)])), $"read '{ShownText.Cut(before)}' as null"));
        else if (before.Length == 0) _found.Add((OfField("defaultValue", after), $"read '{ShownText.Cut(after)}' where nothing is"));
        else _found.Add((Map(before, after), $"read '{ShownText.Cut(before)}' as {(_field!.Field.DataType == DataType.Boolean ? ShownText.Cut(after) : $"'{ShownText.Cut(after)}'")}"));
        if (after.Length == 0 || before.Length == 0) return;
        if (before.Trim() == after) _found.Add((new Cure { Text = new TextChange { Trim = true } }, TrimText));
        if (before.Length > after.Length && before.Contains(after, StringComparison.Ordinal))
        {
            var (front, back) = (before[..before.IndexOf(after, StringComparison.Ordinal)].Trim(), before[(before.IndexOf(after, StringComparison.Ordinal) + after.Length)..].Trim());
            foreach (var symbol in new[] { front, back }.Where(symbol => symbol.Length > 0)) _found.Add((new Cure { Text = new TextChange { Strip = symbol } }, StripText(symbol)));
        }

        if (after.Length > before.Length && after.Length <= TextChanges.MaxPadding && after.EndsWith(before, StringComparison.Ordinal) && after[..^before.Length].Distinct().Count() == 1)
            _found.Add((new Cure { Text = new TextChange { PadTo = after.Length, PadWith = after[..1] } }, PadText(after.Length, after[..1])));
    }

    /// <summary>The values that many rows have: words that somebody writes in place of a value.</summary>
    private IEnumerable<KeyValuePair<string, long>> Words() => _profile.Values.Where(value => value.Key.Length is > 0 and <= 40 && (value.Value > 1 || !value.Key.Any(char.IsAsciiDigit))).Take(MaxWords);

    /// <summary>What stands before the first digit of values, and behind the last one.</summary>
    private IEnumerable<string> Symbols() => _profile.Values.Take(100).SelectMany(value =>
    {
        var (first, last) = (value.Key.AsSpan().IndexOfAnyInRange('0', '9'), value.Key.AsSpan().LastIndexOfAnyInRange('0', '9'));
        return first < 0 ? [] : new[] { value.Key[..first].Trim(' ', '-', '+'), value.Key[(last + 1)..].Trim(' ', '-', '+') };
    }).Where(symbol => symbol.Length is > 0 and <= 20).GroupBy(symbol => symbol).OrderByDescending(group => group.Count()).Select(group => group.Key);

    /// <summary>How many digits the values have before the decimal separator, and behind it.</summary>
    private (int Before, int Behind) Digits(char separator)
    {
        var (before, behind) = (0, 0);
        foreach (var (value, _) in _profile.Values)
        {
            var at = value.LastIndexOf(separator);
            before = Math.Max(before, (at < 0 ? value : value[..at]).Count(char.IsAsciiDigit));
            if (at >= 0) behind = Math.Max(behind, value[(at + 1)..].Count(char.IsAsciiDigit));
        }

        return (before, behind);
    }

    private static string? Swap(string pattern)
    {
        if (!pattern.Contains("dd", StringComparison.Ordinal) || !pattern.Contains("MM", StringComparison.Ordinal) || pattern.Contains("MMM", StringComparison.Ordinal)) return null;
        return pattern.Replace("dd", "\0", StringComparison.Ordinal).Replace("MM", "dd", StringComparison.Ordinal).Replace("\0", "MM", StringComparison.Ordinal);
    }

    private Cure Map(string from, string to)
    {
        var map = new JsonObject();
        foreach (var (text, meaning) in _mapping?.Texts.ValueMap ?? new Dictionary<string, string?>()) map[text] = meaning;
        map[from] = to;
        return OfField("valueMap", map);
    }

    private static Cure OfField(string member, JsonNode value) => new() { Field = Json((member, value)) };

    private static string Json(params ReadOnlySpan<(string Name, JsonNode Value)> members)
    {
        var json = new JsonObject();
        foreach (var (name, value) in members) json[name] = value;
        return json.ToJsonString();
    }
}
