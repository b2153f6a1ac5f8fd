using System.Globalization;
using EntityImport.Conversion;

namespace EntityImport.Mappings;

/// <summary>Refuses lists of words of which a value would be read in one of two ways that both are stated.</summary>
internal static class WordCheck
{
    /// <summary>Notes the words that stand in two lists, as they are written: words that differ in letter case are told apart.</summary>
    public static void FindFaults(ImportDefinition definition, RequestFaults faults)
    {
        var nulls = definition.NullValues.ToHashSet(StringComparer.Ordinal);
        var trues = definition.TrueValues.ToHashSet(StringComparer.Ordinal);
        Check("trueValues", definition.TrueValues, isTrue: _ => false);
        Check("falseValues", definition.FalseValues, trues.Contains);

        void Check(string name, WordList words, Func<string, bool> isTrue)
        {
            for (var i = 0; i < words.Count; i++)
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"definition.{name}[{i}]");
                if (words[i].Length == 0) faults.Add(path, "The empty text is null, and no word.");
                else if (nulls.Contains(words[i])) faults.Add(path, $"'{ShownText.Cut(words[i])}' is one of the nullValues, too.");
                else if (isTrue(words[i])) faults.Add(path, $"'{ShownText.Cut(words[i])}' is one of the trueValues, too.");
            }
        }
    }
}
