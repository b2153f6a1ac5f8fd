namespace EntityImport.Core.Tests.Conversion;

/// <summary>A table of inputs and expected answers in <c>shared/vectors</c>: tab-separated, with a header, escapes <c>\t \n \\</c>.</summary>
internal static class VectorFile
{
    private const int ShownDisagreements = 20;

    /// <summary>The rows as dictionaries by column; skips the test where the file is absent.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string>> Rows(string name)
    {
        var path = SharedFiles.Find($"vectors/{name}");
        Xunit.Assert.SkipWhen(path is null, $"shared/vectors/{name} is absent.");
        var lines = File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var columns = lines[0].Split('\t');
        return lines.Skip(1).Select(line => columns.Zip(line.Split('\t').Select(Unescape)).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    /// <summary>Fails with the first disagreements where there are any.</summary>
    public static void AssertNone(IReadOnlyCollection<string> disagreements) =>
        Xunit.Assert.True(
            disagreements.Count == 0,
            $"{disagreements.Count} rows disagree:{Environment.NewLine}{string.Join(Environment.NewLine, disagreements.Take(ShownDisagreements))}");

    private static string Unescape(string field) =>
        field.Replace("\\\\", "\0", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal)
            .Replace("\\n", "\n", StringComparison.Ordinal).Replace("\0", "\\", StringComparison.Ordinal);
}
