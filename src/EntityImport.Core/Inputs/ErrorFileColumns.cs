namespace EntityImport.Inputs;

/// <summary>The columns that an error file has behind those of its input, by which it is told when it is uploaded again.</summary>
internal static class ErrorFileColumns
{
    /// <summary>Their names. The last one, the text of records that had no columns, is there only where there are such.</summary>
    public static IReadOnlyList<string> Names { get; } = ["errorRow", "errorLine", "errorReasons", "errorRecord"];

    /// <summary>Those of a safe copy, which has all of them, and one more, by which it is told from other files.</summary>
    public static IReadOnlyList<string> SafeNames { get; } = [.. Names, "errorSafe"];

    /// <summary>
    /// Whether a file with these columns is a safe copy of an error file. The names of the input's own columns are all protected there, so that no mapping finds them where the
    /// error columns were removed, and its protected texts are taken for values.
    /// </summary>
    public static bool AreOfSafeCopy(IReadOnlyList<string> columns) =>
        columns.Count > SafeNames.Count
        && columns.TakeLast(SafeNames.Count).SequenceEqual(SafeNames)
        && columns.SkipLast(SafeNames.Count).All(name => name.StartsWith((char)SafeText.Mark));

    /// <summary>How many of a file's columns are an error file's. An input may have columns of these names; its error file's own are only those at the end.</summary>
    public static int CountIn(IReadOnlyList<string> columns)
    {
        for (var count = Names.Count; count >= Names.Count - 1; count--)
            if (columns.Count > count && columns.TakeLast(count).SequenceEqual(Names.Take(count))) return count;
        return 0;
    }

    /// <summary>Index of the column with the text of records that had no columns; -1 where there is none.</summary>
    /// <param name="columns">All columns.</param>
    /// <param name="own">How many of them are the input's own.</param>
    public static int RecordTextColumn(int columns, int own) => columns - own == Names.Count ? columns - 1 : -1;
}
