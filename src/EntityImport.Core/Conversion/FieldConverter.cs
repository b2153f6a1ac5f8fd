using System.Runtime.CompilerServices;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Texts;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Conversion;

/// <summary>
/// Turns one column of a file into values of one field, a batch at a time. Compiled once per import from the field and the definition;
/// immutable and thread-safe.
/// </summary>
public abstract class FieldConverter
{
    private protected FieldConverter(FieldDefinition field, NullRule nulls, TextSteps? steps)
    {
        Field = field;
        Nulls = nulls;
        Steps = steps;
    }

    /// <summary>The field that the values are for.</summary>
    public FieldDefinition Field { get; }

    /// <summary>What is null, and what becomes of it.</summary>
    public NullRule Nulls { get; }

    /// <summary>What happens to texts before they are converted; null where nothing does.</summary>
    internal TextSteps? Steps { get; }

    /// <summary>What the converter accepts, as the end of a sentence that begins with "expected": "a date like 31-12-2024 (dd-MM-yyyy)".</summary>
    public abstract string Expected { get; }

    /// <summary>Converts a column of a batch.</summary>
    /// <param name="batch">The records.</param>
    /// <param name="column">Index of the column in the file; -1 where the field is filled with its default alone.</param>
    /// <param name="binding">Index of the bound column, which faults name.</param>
    /// <param name="target">Where the values go. Values of rejected records are left as they are.</param>
    /// <param name="faults">Where refused values are noted. Unreadable records are passed over.</param>
    public abstract void Convert(RecordBatch batch, int column, int binding, ColumnVector target, RecordFaults faults);

    /// <summary>Converts one text into the first value of a vector, whatever texts are null.</summary>
    /// <param name="text">The text, escapes resolved.</param>
    /// <param name="target">Where the value goes; all others are lost.</param>
    /// <returns>Why the text was refused; <see cref="FaultCode.None"/> where it was not.</returns>
    public abstract FaultCode ConvertText(ReadOnlySpan<byte> text, ColumnVector target);

    /// <summary>Whether the text would be converted, and if not, why.</summary>
    public abstract FaultCode Check(ReadOnlySpan<byte> text);

    /// <summary>What the writer of a refused text may have meant; null where nothing better than <see cref="Expected"/> can be said.</summary>
    /// <param name="text">The refused text, escapes resolved.</param>
    /// <param name="code">Why it was refused.</param>
    public virtual string? Hint(ReadOnlySpan<byte> text, FaultCode code) => null;

    /// <summary>The text of a field as reasons show it: as it was read, without spaces that are no part of it, after what was to happen to it.</summary>
    internal ReadOnlySpan<byte> TextAsRead(RecordBatch batch, int record, int column)
    {
        var texts = new ColumnText(batch, column);
        var text = Field.DataType == DataType.String ? texts[record] : texts.WithoutSpaces(record);
        return Steps is null ? text : Steps.ReadShown(text, new TextRoom());
    }

    /// <summary>The text that is converted; empty where it is null.</summary>
    private protected ReadOnlySpan<byte> Read(ReadOnlySpan<byte> text) =>
        Steps is not null ? Steps.Read(text, new TextRoom()) : Nulls.IsNull(text) ? default : text;

    /// <summary>What compares this converter's values with those of another one of the same field; null for types that have one reading only.</summary>
    /// <param name="other">The other converter.</param>
    /// <param name="readings">How the two read.</param>
    internal virtual AlternativeReading? CompareWith(FieldConverter other, ReadingPair readings) => null;
}

/// <summary>Which texts are null for a field, and what becomes of a null.</summary>
/// <param name="nullValues">Texts that are null besides the empty one.</param>
/// <param name="defaultText">The text that is converted in place of null; null where there is none.</param>
/// <param name="keepNulls">Whether a null is passed on as null although there is a default, because the store applies it.</param>
public sealed class NullRule(WordList nullValues, string? defaultText = null, bool keepNulls = false)
{
    private readonly WordList? _nullValues = nullValues.Count > 0 ? nullValues : null;

    /// <summary>The empty text alone is null, and stays it.</summary>
    internal static NullRule Empty { get; } = new([]);

    /// <summary>The text that is converted in place of null; null where there is none.</summary>
    public string? DefaultText { get; } = defaultText;

    /// <summary>Whether a null is passed on as null although there is a default, because the store applies it.</summary>
    public bool KeepNulls { get; } = keepNulls;

    /// <summary>Whether the text is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(ReadOnlySpan<byte> text) => text.IsEmpty || (_nullValues is not null && _nullValues.Contains(text));
}

/// <summary>Reads one value of a type from UTF-8 text. A struct, so that the loop around it is compiled for it.</summary>
/// <typeparam name="T">What a value is in a <see cref="ColumnVector"/>.</typeparam>
internal interface IValueParser<T> where T : unmanaged
{
    /// <summary>Reads the whole text; never throws.</summary>
    FaultCode Parse(ReadOnlySpan<byte> text, out T value);

    /// <inheritdoc cref="FieldConverter.Expected"/>
    string Expected { get; }

    /// <inheritdoc cref="FieldConverter.Hint"/>
    string? Hint(ReadOnlySpan<byte> text, FaultCode code);
}

/// <summary>The loop over a column for values of a fixed size.</summary>
internal sealed class FieldConverter<T, TParser> : FieldConverter
    where T : unmanaged
    where TParser : struct, IValueParser<T>
{
    private readonly TParser _parser;
    private readonly T _default;
    private readonly FaultCode _nullFault;
    private readonly bool _hasDefault;
    private string? _expected;

    /// <summary>Compiles the converter.</summary>
    /// <exception cref="FormatException">The default value is not a value of the field.</exception>
    public FieldConverter(FieldDefinition field, NullRule nulls, TextSteps? steps, TParser parser)
        : base(field, nulls, steps)
    {
        _parser = parser;
        if (nulls.DefaultText is { } text)
        {
            var fault = parser.Parse(System.Text.Encoding.UTF8.GetBytes(text), out _default);
            if (fault != FaultCode.None)
                throw new FormatException($"The default '{ShownText.Cut(text)}' cannot be read: expected {ShownText.Fit(parser.Expected, Limits.ExpectedCharacters)}.");
            _hasDefault = !nulls.KeepNulls;
        }
        else if (field.IsRequired)
        {
            _nullFault = field.PrimaryKey ? FaultCode.KeyNull : FaultCode.RequiredNull;
        }
    }

    // Composed on demand, as most columns refuse nothing; two threads compose the same.
    public override string Expected => _expected ??= _parser.Expected;

    public override FaultCode ConvertText(ReadOnlySpan<byte> text, ColumnVector target)
    {
        target.Clear();
        return _parser.Parse(text, out target.Values<T>()[0]);
    }

    public override FaultCode Check(ReadOnlySpan<byte> text) => Read(text) is { IsEmpty: false } read ? _parser.Parse(read, out _) : _nullFault;

    public override string? Hint(ReadOnlySpan<byte> text, FaultCode code) => code switch
    {
        // A reason that says that nothing is there has said it all.
        FaultCode.KeyNull or FaultCode.RequiredNull => null,
        FaultCode.NumberFormat or FaultCode.DateFormat or FaultCode.BooleanFormat => _parser.Hint(text, code) ?? TextHints.Find(text, Reads),
        _ => _parser.Hint(text, code),
    };

    private bool Reads(ReadOnlySpan<byte> text) => _parser.Parse(text, out _) == FaultCode.None;

    internal override AlternativeReading? CompareWith(FieldConverter other, ReadingPair readings) =>
        new AlternativeReading<T, TParser>(readings, this, _parser, ((FieldConverter<T, TParser>)other)._parser);

    public override void Convert(RecordBatch batch, int column, int binding, ColumnVector target, RecordFaults faults)
    {
        if (Steps is null) Convert<AsWritten>(batch, column, binding, target, faults);
        else Convert<ThroughSteps>(batch, column, binding, target, faults);
    }

    // Compiled at once as well as can be: what profiles would add is said by attributes along the way, and they come when much of an import is done.
    // Inlined into what calls it, once that is compiled anew, it would exceed what the compiler inlines into one method, and the parser were left out.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Convert<TReading>(RecordBatch batch, int column, int binding, ColumnVector target, RecordFaults faults)
        where TReading : struct, ITextReading
    {
        target.Clear();
        var parser = _parser;
        var nulls = TReading.HasSteps ? NullRule.Empty : Nulls;
        var steps = Steps;
        var room = TReading.HasSteps ? new TextRoom() : null;
        var values = target.Values<T>();
        var texts = new ColumnText(batch, column);
        for (var record = 0; record < batch.Count; record++)
        {
            if (faults.IsUnreadable(record)) continue;
            var text = texts.WithoutSpaces(record);
            if (TReading.HasSteps) text = steps!.Read(text, room!);
            if (nulls.IsNull(text))
            {
                if (_hasDefault) values[record] = _default;
                else if (_nullFault == FaultCode.None) target.SetNull(record);
                else faults.Add(record, binding, _nullFault);
                continue;
            }

            var fault = parser.Parse(text, out values[record]);
            if (fault != FaultCode.None) faults.Add(record, binding, fault);
        }
    }
}
