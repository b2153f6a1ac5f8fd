namespace EntityImport.Rows;

/// <summary>The stable names of <see cref="FaultCode"/>s, as API and docs show them. A name never changes its meaning.</summary>
public static class FaultCodes
{
    /// <summary>The stable name of a code.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The code is <see cref="FaultCode.None"/> or unknown.</exception>
    public static string Name(this FaultCode code) => code switch
    {
        FaultCode.KeyNull => "key.null",
        FaultCode.RequiredNull => "required.null",
        FaultCode.NumberFormat => "number.format",
        FaultCode.NumberRange => "number.range",
        FaultCode.NumberScale => "number.scale",
        FaultCode.DateFormat => "date.format",
        FaultCode.BooleanFormat => "boolean.format",
        FaultCode.StringLength => "string.length",
        FaultCode.StringEncoding => "string.encoding",
        FaultCode.StringNul => "string.nul",
        FaultCode.RecordFields => "record.fields",
        FaultCode.RecordTextAfterQuote => "record.textAfterQuote",
        FaultCode.RecordUnclosedQuote => "record.unclosedQuote",
        FaultCode.RecordTooLong => "record.tooLong",
        FaultCode.RecordUncorrected => "record.uncorrected",
        FaultCode.KeyRepeated => "key.repeated",
        FaultCode.KeyExists => "key.exists",
        FaultCode.RequiredUnmapped => "required.unmapped",
        FaultCode.KeyTooLong => "key.tooLong",
        FaultCode.RecordTooLarge => "record.tooLarge",
        FaultCode.RecordEmpty => "record.empty",
        FaultCode.RecordHeader => "record.header",
        FaultCode.DateTwoReadings => "date.twoReadings",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Not a fault."),
    };
}
