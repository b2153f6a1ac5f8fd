using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using EntityImport.Conversion.Texts;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Conversion.Strings;

/// <summary>Reads strings: the exact bytes of the file, checked but not copied.</summary>
internal sealed class StringConverter : FieldConverter
{
    private readonly int _maxLength;
    private readonly byte[] _default = [];
    private readonly bool _hasDefault;
    private readonly FaultCode _nullFault;

    /// <summary>Compiles the converter.</summary>
    /// <exception cref="FormatException">The default value is not a value of the field.</exception>
    public StringConverter(FieldDefinition field, NullRule nulls, TextSteps? steps)
        : base(field, nulls, steps)
    {
        _maxLength = field.Length ?? int.MaxValue;
        if (nulls.DefaultText is { } text)
        {
            // Stores point at it, so it must not move.
            _default = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(text), pinned: true);
            Encoding.UTF8.GetBytes(text, _default);
            if (StringCheck.Check(_default, _maxLength) != FaultCode.None)
                throw new FormatException($"The default '{ShownText.Cut(text)}' cannot be read: expected {Expected}.");
            _hasDefault = !nulls.KeepNulls;
        }
        else if (field.IsRequired)
        {
            _nullFault = field.PrimaryKey ? FaultCode.KeyNull : FaultCode.RequiredNull;
        }
    }

    public override string Expected =>
        Field.Length is { } length ? string.Create(CultureInfo.InvariantCulture, $"a text of at most {length} characters") : "a text";

    public override FaultCode ConvertText(ReadOnlySpan<byte> text, ColumnVector target)
    {
        target.Clear();
        var kept = GC.AllocateUninitializedArray<byte>(text.Length, pinned: true);
        text.CopyTo(kept);
        target.DefaultText = kept;
        target.Values<TextSpan>()[0] = new TextSpan(0, kept.Length, TextSource.Default);
        return StringCheck.Check(text, _maxLength);
    }

    public override FaultCode Check(ReadOnlySpan<byte> text) => Read(text) is { IsEmpty: false } read ? StringCheck.Check(read, _maxLength) : _nullFault;

    public override string? Hint(ReadOnlySpan<byte> text, FaultCode code) => code switch
    {
        FaultCode.StringLength => string.Create(CultureInfo.InvariantCulture, $"it has {CountCharacters(text)}"),
        FaultCode.StringEncoding => DescribeBadByte(text),
        _ => null,
    };

    private static string DescribeBadByte(ReadOnlySpan<byte> text) => BadBytes.Find(text) switch
    {
        { IsMarked: true, Bad: var bad } => string.Create(CultureInfo.InvariantCulture, $"the byte 0x{bad:X2} is no character of it; is the encoding another one?"),
        { Bad: var bad } => string.Create(CultureInfo.InvariantCulture, $"the byte 0x{bad:X2} is no UTF-8 there; is the encoding another one?"),
        _ => "is the encoding another one?",
    };

    /// <summary>How many code points a text has; what is no text counts as well as it can.</summary>
    internal static long CountCharacters(ReadOnlySpan<byte> text)
    {
        var count = 0L;
        for (; !text.IsEmpty; count++)
        {
            _ = Rune.DecodeFromUtf8(text, out _, out var length);
            text = text[length..];
        }

        return count;
    }

    public override void Convert(RecordBatch batch, int column, int binding, ColumnVector target, RecordFaults faults)
    {
        if (Steps is null) Convert<AsWritten>(batch, column, binding, target, faults);
        else Convert<ThroughSteps>(batch, column, binding, target, faults);
    }

    // See FieldConverter: compiled at once as well as can be, and alone.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Convert<TReading>(RecordBatch batch, int column, int binding, ColumnVector target, RecordFaults faults)
        where TReading : struct, ITextReading
    {
        target.Clear();
        target.DefaultText = _default;
        var nulls = TReading.HasSteps ? NullRule.Empty : Nulls;
        var steps = Steps;
        var room = TReading.HasSteps ? new TextRoom() : null;
        var maxLength = _maxLength;
        var values = target.Values<TextSpan>();
        var texts = new ColumnText(batch, column);
        for (var record = 0; record < batch.Count; record++)
        {
            if (faults.IsUnreadable(record)) continue;
            var text = texts[record];
            if (TReading.HasSteps) text = steps!.Read(text, room!);
            if (nulls.IsNull(text))
            {
                if (_hasDefault) values[record] = new TextSpan(0, _default.Length, TextSource.Default);
                else if (_nullFault == FaultCode.None) target.SetNull(record);
                else faults.Add(record, binding, _nullFault);
                continue;
            }

            var fault = StringCheck.Check(text, maxLength);
            if (fault != FaultCode.None)
            {
                faults.Add(record, binding, fault);
                continue;
            }

            var start = batch.KeepText(text, out var unescaped);
            values[record] = new TextSpan(start, text.Length, unescaped ? TextSource.Unescaped : TextSource.Buffer);
        }
    }
}
