namespace EntityImport.Mappings;

/// <summary>What an import does to the records of its entity.</summary>
public enum ImportMode
{
    /// <summary>New keys are inserted, existing ones updated; the last row of a key wins.</summary>
    Upsert,

    /// <summary>New keys are inserted; a key that exists or came earlier in the file is a rejected row.</summary>
    Insert,

    /// <summary>The entity holds exactly the file's good rows afterwards; a repeated key is a rejected row.</summary>
    Replace,
}

/// <summary>What becomes of records whose number of fields is not that of the columns.</summary>
public enum RaggedRows
{
    /// <summary>They are rejected.</summary>
    Reject,

    /// <summary>Missing fields are null; records with surplus fields are rejected.</summary>
    Pad,

    /// <summary>Missing fields are null, and surplus fields are dropped where they are empty.</summary>
    Fit,
}

/// <summary>What becomes of records of delimiters alone, in a file of several columns.</summary>
public enum EmptyRows
{
    /// <summary>They are rejected, with a code of their own.</summary>
    Reject,

    /// <summary>They are passed over and counted.</summary>
    Skip,
}

/// <summary>What an empty field does to an existing record when rows are upserted.</summary>
public enum EmptyValues
{
    /// <summary>It makes the field null.</summary>
    Clear,

    /// <summary>It leaves the field as it is.</summary>
    Keep,
}
