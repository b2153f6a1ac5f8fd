namespace EntityImport.Conversion.Texts;

/// <summary>Whether a column's texts go through steps before they are converted: said by a type, so that the loops of columns without steps are compiled without them.</summary>
internal interface ITextReading
{
    /// <summary>Whether there are steps, which leave nothing of texts that are null.</summary>
    static abstract bool HasSteps { get; }
}

/// <summary>Texts are converted as they stand in the file.</summary>
internal readonly struct AsWritten : ITextReading
{
    public static bool HasSteps => false;
}

/// <summary>Texts go through a column's steps.</summary>
internal readonly struct ThroughSteps : ITextReading
{
    public static bool HasSteps => true;
}
