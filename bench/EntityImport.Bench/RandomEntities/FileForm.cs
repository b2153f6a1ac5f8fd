namespace EntityImport.Bench.RandomEntities;

/// <summary>How a file is written.</summary>
internal sealed record FileForm
{
    public required char Delimiter { get; init; }

    public required string LineEnd { get; init; }

    public required bool HasHeader { get; init; }

    public required bool HasMark { get; init; }

    public required bool EndsWithLineEnd { get; init; }

    /// <summary>Dates begin with the day.</summary>
    public required bool DayFirst { get; init; }

    public required IReadOnlyList<string> NullWords { get; init; }

    public string DateForm => DayFirst ? "dd.MM.yyyy" : FieldValue.DateForm;

    public string TimeForm => DayFirst ? "dd.MM.yyyy'T'HH:mm:ss.ffffff" : FieldValue.TimeForm;

    /// <summary>The pattern of times as a mapping has it.</summary>
    public string TimePattern => TimeForm.Replace("ffffff", "SSSSSS", StringComparison.Ordinal);

    public static FileForm Draw(Random random) => new()
    {
        Delimiter = ",;\t|"[random.Next(4)],
        LineEnd = random.Next(4) switch { 0 => "\r\n", 1 => "\r", _ => "\n" },
        HasHeader = random.Next(5) > 0,
        HasMark = random.Next(6) == 0,
        EndsWithLineEnd = random.Next(4) > 0,
        DayFirst = random.Next(3) == 0,
        NullWords = random.Next(3) == 0 ? [.. FieldValue.NullWords.Take(random.Next(1, 5))] : [],
    };

    /// <summary>A field's text in the file, quoted where it must be, and now and then where it need not.</summary>
    public string Quote(Random random, string text) =>
        text.Length > 0 && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])) || text.Contains(Delimiter, StringComparison.Ordinal) || text.AsSpan().IndexOfAny("\"\r\n\uFEFF\u001A") >= 0 || random.Next(10) == 0
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;
}
