using System.Globalization;
using EntityImport.Entities;

namespace EntityImport.Cli.Output;

/// <summary>A field's type in short.</summary>
internal static class FieldType
{
    /// <summary>The type as the contract names it, with its size: <c>DECIMAL(18,2)</c>, <c>STRING(40)</c>, <c>DATE</c>.</summary>
    public static string Describe(FieldDefinition field)
    {
        var name = field.DataType.ToString().ToUpperInvariant();
        if (field.IsDecimal) return string.Create(CultureInfo.InvariantCulture, $"{name}({field.Precision},{field.Scale})");
        return field.Length is { } length ? string.Create(CultureInfo.InvariantCulture, $"{name}({length})") : name;
    }
}
