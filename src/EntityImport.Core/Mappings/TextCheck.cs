using System.Globalization;
using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Numbers;
using EntityImport.Conversion.Texts;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Mappings;

/// <summary>Refuses rules for texts by which one text would be two things, or could never be what is said of it.</summary>
internal static class TextCheck
{
    private const string EmptyIsNull = "The empty text is null, whatever is said of it.";

    /// <summary>Notes the rules that are refused; those of fields whose type is not known are not looked at.</summary>
    public static void FindFaults(ImportDefinition definition, ValueFormat format, EntityDefinition? entity, RequestFaults faults)
    {
        var syntax = new NumberSyntax(
            format.DecimalSeparator, format.GroupingSeparator, format.CurrencySymbol, format.PercentSymbol, format.OtherCurrencySymbols, format.TrailingMinus);
        if (definition.TrailingMinus && ((IEnumerable<string>)[format.CurrencySymbol, .. format.OtherCurrencySymbols, format.PercentSymbol]).FirstOrDefault(EndsInMinus) is { } symbol)
            faults.Add("definition.trailingMinus", $"The minus sign behind a number could be the end of the symbol '{ShownText.Cut(symbol)}'.");
        CheckZeros("definition.zeroValues", definition.ZeroValues, syntax, faults);
        var number = new FieldDefinition { SystemName = "number", DataType = DataType.Integer };
        if (TextSteps.Compile(number, format with { UnwrapsSpreadsheetText = false }, TextRules.None) is { } zeros) CheckNulls("definition.nullValues", definition.NullValues, zeros, faults);

        for (var i = 0; i < definition.Fields.Count && !faults.IsFull; i++)
        {
            if (entity?.FindField(definition.Fields[i].SystemName) is { } field)
                CheckField(string.Create(CultureInfo.InvariantCulture, $"definition.fields[{i}]"), field, definition, format, definition.Fields[i], syntax, faults);
        }
    }

    private static void CheckField(
        string path, FieldDefinition field, ImportDefinition definition, ValueFormat format, FieldMapping mapped, NumberSyntax syntax, RequestFaults faults)
    {
        var rules = mapped.Texts;
        if (rules == TextRules.None) return;
        if (rules.Normalize.Contains(TextNormalization.Nfc) && !TextPreparation.CanCompose)
            faults.Add($"{path}.normalize", "NFC needs Unicode's data (ICU), which the service's operating system has not.");
        if (rules.ZeroValues is not null && !field.IsNumber) faults.Add($"{path}.zeroValues", $"Only numbers have zeroValues, not {EntityReader.Name(field.DataType)}.");
        else CheckZeros($"{path}.zeroValues", rules.ZeroValues ?? [], syntax, faults);
        if (field.DataType == DataType.Boolean) CheckWords($"{path}.nullValues", rules.NullValues ?? [], definition, faults);
        if (TextSteps.Compile(field, format, rules) is not { } steps) return;
        if (rules.NullValues is not null) CheckNulls($"{path}.nullValues", rules.NullValues, steps, faults);
        else if (rules.ZeroValues is not null || rules.Normalize.Count > 0) CheckNulls($"{path}.zeroValues", format.NullValues, steps, faults, isOfField: false);
        CheckMap($"{path}.valueMap", field, format, mapped, steps, faults);
    }

    private static void CheckZeros(string path, WordList zeros, NumberSyntax syntax, RequestFaults faults)
    {
        for (var i = 0; i < zeros.Count; i++)
        {
            if (zeros[i].Length == 0) Add(EmptyIsNull);
            else if (syntax.TryScan(Encoding.UTF8.GetBytes(zeros[i]), out _)) Add($"'{ShownText.Cut(zeros[i])}' is a number already.");

            void Add(string message) => faults.Add(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), message);
        }
    }

    /// <summary>Notes words for null that are zero, too.</summary>
    private static void CheckNulls(string path, WordList nulls, TextSteps steps, RequestFaults faults, bool isOfField = true)
    {
        for (var i = 0; i < nulls.Count; i++)
        {
            if (!steps.IsZero(steps.Prepare(nulls[i]))) continue;
            if (isOfField) faults.Add(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), $"'{ShownText.Cut(nulls[i])}' is zero by zeroValues, too.");
            else faults.Add(path, $"'{ShownText.Cut(nulls[i])}' is one of the definition's nullValues, too.");
        }
    }

    private static void CheckWords(string path, WordList nulls, ImportDefinition definition, RequestFaults faults)
    {
        for (var i = 0; i < nulls.Count; i++)
        {
            var list = definition.TrueValues.Contains(nulls[i]) ? "trueValues" : definition.FalseValues.Contains(nulls[i]) ? "falseValues" : null;
            if (list is not null) faults.Add(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), $"'{ShownText.Cut(nulls[i])}' is one of the {list}, too.");
        }
    }

    private static void CheckMap(string path, FieldDefinition field, ValueFormat format, FieldMapping mapped, TextSteps steps, RequestFaults faults)
    {
        if (mapped.Texts.ValueMap.Count == 0 || CreateReader(field, format, mapped.Format) is not { } reader) return;
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (text, value) in mapped.Texts.ValueMap)
        {
            var prepared = steps.Prepare(text);
            if (prepared.Length == 0) Add(EmptyIsNull);
            else if (steps.IsNull(prepared)) Add("The text is null by nullValues, too.");
            else if (steps.IsZero(prepared)) Add("The text is zero by zeroValues, too.");
            else if (!seen.TryAdd(prepared, text)) Add($"The text is the same as '{ShownText.Cut(seen[prepared])}' once both are normalized.");
            else if (value is { Length: 0 }) Add("The empty text is null; expected null or another text.");
            else if (value is not null && Refuses(value)) Add($"'{ShownText.Cut(value)}' cannot be read: expected {ShownText.Fit(reader.Expected, Limits.ExpectedCharacters)}.");

            void Add(string message) => faults.Add($"{path}.{ShownText.Cut(text)}", message);
        }

        bool Refuses(string value) => reader.Check(Encoding.UTF8.GetBytes(value)) != FaultCode.None;
    }

    /// <summary>What reads the texts that others stand for, to which nothing happens any more; null where the field's pattern is at fault, which is told elsewhere.</summary>
    private static FieldConverter? CreateReader(FieldDefinition field, ValueFormat format, DateFormats? pattern)
    {
        try
        {
            return FieldConverters.Create(field, format with { NullValues = [], ZeroValues = [], UnwrapsSpreadsheetText = false }, pattern);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool EndsInMinus(string symbol) => symbol is [.., '-' or '\u2212'];
}
