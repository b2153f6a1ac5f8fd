namespace EntityImport.Catalog;

/// <summary>The stages of an import whose times are told: the keys of <see cref="Import.StageMilliseconds"/>, which are stored.</summary>
public static class ImportStage
{
    /// <summary>Opening the file and its index.</summary>
    public const string Open = "open";

    /// <summary>Reading the header and binding columns to fields.</summary>
    public const string Plan = "plan";

    /// <summary>Reading rows and bringing them into the store.</summary>
    public const string Load = "load";

    /// <summary>The part of <see cref="Load"/> that finds fields in bytes, added up over threads.</summary>
    public const string Tokenize = "tokenize";

    /// <summary>The part of <see cref="Load"/> that makes values of fields, added up over threads.</summary>
    public const string Convert = "convert";

    /// <summary>Finding rows that the entity's key forbids.</summary>
    public const string Keys = "keys";

    /// <summary>Changing the entity.</summary>
    public const string Merge = "merge";

    /// <summary>Committing.</summary>
    public const string Commit = "commit";

    /// <summary>All of them, in the order in which they happen.</summary>
    public static IReadOnlyList<string> All { get; } = [Open, Plan, Load, Tokenize, Convert, Keys, Merge, Commit];
}
