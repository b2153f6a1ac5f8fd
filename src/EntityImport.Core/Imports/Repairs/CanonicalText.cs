using System.Text;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Imports.Repairs;

/// <summary>Writes values as texts that a mapping reads. Whether it reads them as the same is for its converter to say.</summary>
internal sealed class CanonicalText
{
    private readonly FieldDefinition _field;
    private readonly string _decimalSeparator;
    private readonly string _true;
    private readonly string _false;
    private readonly IDateFormat? _dates;

    /// <summary>Prepares to write values of a field.</summary>
    /// <param name="field">The field.</param>
    /// <param name="definition">How the file is written.</param>
    /// <param name="twoDigitYearStart">The first day that a two-digit year stands for.</param>
    public CanonicalText(FieldDefinition field, ImportDefinition definition, DateOnly twoDigitYearStart)
    {
        var format = definition.CreateValueFormat(twoDigitYearStart);
        var mapping = definition.Fields.FirstOrDefault(mapped => string.Equals(mapped.SystemName, field.SystemName, StringComparison.OrdinalIgnoreCase));
        _field = field;
        _decimalSeparator = format.DecimalSeparator;
        _true = format.TrueValues is [var yes, ..] ? yes : "true";
        _false = format.FalseValues is [var no, ..] ? no : "false";
        if (field.DataType is DataType.Date or DataType.DateTime)
            _dates = DateFormatSet.Compile(mapping?.Format ?? (field.DataType == DataType.Date ? format.DateFormat : format.DateTimeFormat), format, needsDate: field.DataType == DataType.Date).Formats[0];
    }

    /// <summary>The text of a value.</summary>
    public string Write(RecordBatch batch, ColumnVector column, int record)
    {
        if (column.IsNull(record)) return "";
        switch (_field.DataType)
        {
            case DataType.String:
                return Encoding.UTF8.GetString(StoredValue.TextOf(batch, column, record));
            case DataType.Boolean:
                return column.Values<byte>()[record] != 0 ? _true : _false;
            case DataType.Date:
                return _dates!.Format(column.Values<int>()[record] * CivilDate.MicrosecondsPerDay);
            case DataType.DateTime:
                return _dates!.Format(column.Values<long>()[record]);
            default:
                return StoredValue.Show(column, record).Replace(".", _decimalSeparator, StringComparison.Ordinal);
        }
    }
}
