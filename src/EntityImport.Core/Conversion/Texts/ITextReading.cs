using System.Runtime.CompilerServices;

namespace EntityImport.Conversion.Texts;

/// <summary>Whether a column's texts go through steps before they are converted: said by a type, so that the loops of columns without steps are compiled without them.</summary>
internal interface ITextReading
{
    /// <summary>The text that is converted; one that is null is empty, or null by the rule that the loop asks.</summary>
    static abstract ReadOnlySpan<byte> Read(ReadOnlySpan<byte> text, TextSteps? steps, TextRoom? room);
}

/// <summary>Texts are converted as they stand in the file.</summary>
internal readonly struct AsWritten : ITextReading
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> text, TextSteps? steps, TextRoom? room) => text;
}

/// <summary>Texts go through a column's steps.</summary>
internal readonly struct ThroughSteps : ITextReading
{
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> text, TextSteps? steps, TextRoom? room) => steps!.Read(text, room!);
}
