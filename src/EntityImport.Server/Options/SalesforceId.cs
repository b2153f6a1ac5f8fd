namespace EntityImport.Server.Options;

/// <summary>
/// Ids of Salesforce: 15 letters and digits whose case matters, or the same with three more characters behind them that tell the case once more. Both are the same id, so the first 15 are what counts.
/// </summary>
internal static class SalesforceId
{
    private const int ShortLength = 15;
    private const int LongLength = 18;

    /// <summary>Whether a text has the form of an id.</summary>
    public static bool IsValid(string text) => text.Length is ShortLength or LongLength && text.All(char.IsAsciiLetterOrDigit);

    /// <summary>The characters of an id that count.</summary>
    public static string Short(string id) => id[..ShortLength];
}
