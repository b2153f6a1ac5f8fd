using System.Globalization;
using System.Text.Json.Nodes;
using EntityImport.Conversion;
using EntityImport.Encodings;

namespace EntityImport.Inference;

/// <summary>The sentences about a file's encoding.</summary>
internal static class EncodingWording
{
    private const int MaxWords = 3;
    private const string HowToState = "To state it: encoding in the definition (--encoding).";

    /// <summary>Says that an encoding was taken because of what the file is in it.</summary>
    public static string Guessed(EncodingVerdict verdict) => verdict.Evidence switch
    {
        EncodingEvidence.ZeroBytes => $"The file has no byte order mark, but a zero byte beside each ASCII character: it is read as {verdict.Name}. {HowToState}",
        EncodingEvidence.Escapes => $"The file has the escape sequences of {verdict.Name} and is read so. {HowToState}",
        _ => $"The file is not UTF-8 and does not say what it is. It is read as {verdict.Name}, a guess by the words that this makes: {Words(verdict, verdict.Readings[0])}. {Alike(verdict.Readings[0])}{HowToState}",
    };

    /// <summary>Says that an encoding was taken because the file before was in it.</summary>
    public static string AsBefore(string encoding, Reading reading, EncodingVerdict verdict) =>
        $"The file is not UTF-8, and its words do not show what it is. It is read as {encoding}, as in the last import: {Words(verdict, reading)}. {HowToState}";

    /// <summary>Says that a file is UTF-8 but for some bytes.</summary>
    public static string BadBytes(Utf8Count count)
    {
        var shown = string.Join(", ", count.First.Select(bad => string.Create(CultureInfo.InvariantCulture, $"0x{bad.Byte:X2} in line {bad.Line:N0}")));
        var more = count.Bad > count.First.Count ? $", and {Wording.Number(count.Bad - count.First.Count)} more" : "";
        var characters = count.Valid == 1 ? "1 character beside ASCII shows" : $"{Wording.Number(count.Valid)} characters beside ASCII show";
        return count.Bad == 1
            ? $"The file is UTF-8, as {characters}, but for 1 byte: {shown}. The row that it is in is rejected."
            : $"The file is UTF-8, as {characters}, but for {Wording.Number(count.Bad)} bytes: {shown}{more}. The rows that they are in are rejected.";
    }

    /// <summary>Asks which encoding it is.</summary>
    public static OpenQuestion Ask(EncodingVerdict verdict)
    {
        var differing = Differing(verdict);
        var answers = verdict.Readings.Select(reading => Answer(reading.Encoding.Name, Quote(reading, verdict, differing))).ToList();
        if (verdict.Utf8.Valid > 0) answers.Insert(verdict.Utf8.Valid > verdict.Utf8.Bad ? 0 : answers.Count, Answer("UTF-8", Utf8(verdict.Utf8)));
        // A question has at least two answers, also where nothing fits.
        foreach (var name in (string[])["UTF-8", "windows-1252"])
            if (answers.Count < 2 && answers.TrueForAll(answer => answer.Definition["encoding"]!.GetValue<string>() != name)) answers.Add(Answer(name, "its bad bytes are rejected with their rows"));
        var message = $"The file is not UTF-8, and its bytes do not show which encoding it is. It can be {string.Join("; ", answers.Select(answer => answer.Meaning))}. "
            + "Nothing is imported before that is stated: encoding in the definition (--encoding).";
        return new OpenQuestion(QuestionKind.Encoding, null, message, answers);
    }

    private static PossibleAnswer Answer(string encoding, string meaning) => new($"{encoding}: {meaning}", new JsonObject { ["encoding"] = encoding }, []);

    private static string Utf8(Utf8Count count) => $"{Wording.Number(count.Valid)} characters fit, {Wording.Number(count.Bad)} bytes do not and are rejected with their rows";

    /// <summary>The first pieces, by their index, that the readings differ in.</summary>
    private static List<int> Differing(EncodingVerdict verdict) =>
    [
        .. Enumerable.Range(0, verdict.Pieces.Count)
            .OrderByDescending(i => verdict.Readings.Select(reading => reading.Texts[i]).Distinct(StringComparer.Ordinal).Count())
            .Take(MaxWords).Order(),
    ];

    private static string Words(EncodingVerdict verdict, Reading reading) =>
        Quote(reading, verdict, [.. Enumerable.Range(0, verdict.Pieces.Count).OrderByDescending(i => Math.Min(reading.Texts[i].Count(char.IsLetter), 6)).Take(MaxWords).Order()]);

    private static string Quote(Reading reading, EncodingVerdict verdict, List<int> pieces) => string.Join(", ", pieces.Select(i => string.Create(
        CultureInfo.InvariantCulture,
        $"'{RejectionReasons.Show(ShownText.Cut(reading.Texts[i].Replace(CandidateEncoding.Undefined, '\uFFFD')))}' in line {verdict.Pieces[i].Line:N0}")));

    private static string Alike(Reading reading) =>
        reading.Alike.Count == 0 ? "" : $"{string.Join(", ", reading.Alike.Select(encoding => encoding.Name))} would read it alike. ";
}
