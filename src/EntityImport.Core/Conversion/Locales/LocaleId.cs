namespace EntityImport.Conversion.Locales;

/// <summary>What of a locale's id matters here: its language, script and region, in the letter case of BCP 47.</summary>
/// <param name="Language">Two or three lower-case letters.</param>
/// <param name="Script">Four letters, or empty.</param>
/// <param name="Region">Two upper-case letters or three digits, or empty.</param>
internal readonly record struct LocaleId(string Language, string Script, string Region)
{
    /// <summary>Reads a JDK locale or BCP 47 tag; variants and extensions are dropped.</summary>
    public static bool TryParse(string text, out LocaleId id)
    {
        id = default;
        var parts = text.Split('-', '_');
        var language = parts[0];
        if (language.Length is < 2 or > 3 || !language.All(char.IsAsciiLetter)) return false;
        language = language.ToLowerInvariant();
        string script = "", region = "";
        foreach (var marked in parts.Skip(1))
        {
            // The JDK writes the script last and marks it; elsewhere four letters after the region are a variant.
            var part = marked.TrimStart('#');
            if (part.Length == 1) break;
            if (!part.All(char.IsAsciiLetterOrDigit)) return false;
            var mayBeScript = region.Length == 0 || marked.Length > part.Length;
            if (mayBeScript && script.Length == 0 && part.Length == 4 && part.All(char.IsAsciiLetter))
                script = char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant();
            else if (region.Length == 0 && IsRegion(part))
                region = part.ToUpperInvariant();
        }

        id = new LocaleId(language, script, region).Modernize(parts);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('-', new[] { Language, Script, Region }.Where(part => part.Length > 0));

    private static bool IsRegion(string part) =>
        (part.Length == 2 && part.All(char.IsAsciiLetter)) || (part.Length == 3 && part.All(char.IsAsciiDigit));

    // The JDK keeps the language codes that ISO 639 has withdrawn.
    private LocaleId Modernize(string[] parts) => Language switch
    {
        "iw" => this with { Language = "he" },
        "in" => this with { Language = "id" },
        "ji" => this with { Language = "yi" },
        "no" => this with { Language = parts.Contains("NY", StringComparer.OrdinalIgnoreCase) ? "nn" : "nb" },
        _ => this,
    };
}
