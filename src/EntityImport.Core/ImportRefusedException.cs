using EntityImport.Catalog;

namespace EntityImport;

/// <summary>The file as a whole cannot be imported as its mapping describes it: the client's fault, told in the import's code and message.</summary>
/// <param name="code">One of <see cref="EndCode"/>.</param>
/// <param name="message">Why, as a sentence.</param>
internal sealed class ImportRefusedException(string code, string message) : Exception(ShownText.Fit(message, MaxCharacters))
{
    /// <summary>The most characters of its message: that of the import says besides of which file and entity it speaks.</summary>
    public const int MaxCharacters = Limits.MessageCharacters - 200;

    /// <summary>Why, for programs.</summary>
    public string Code { get; } = code;
}
