using System.Globalization;
using EntityImport.Entities;
using EntityImport.Records;
using Npgsql;

namespace EntityImport.Postgres.Records;

/// <summary>Reads values that were selected by <see cref="RecordSql.AsText(FieldDefinition, string)"/>.</summary>
internal static class RecordValues
{
    /// <summary>Decimal exponents from and up to which a DOUBLE is written without one.</summary>
    private const int LeastPlainExponent = -4;
    private const int MostPlainExponent = 15;

    /// <summary>The values of fields, as <see cref="RecordPage.Records"/> has them.</summary>
    /// <param name="row">The row.</param>
    /// <param name="fields">The fields, in the order of their columns.</param>
    /// <param name="first">The first one's column.</param>
    public static string?[] Of(NpgsqlDataReader row, IReadOnlyList<FieldDefinition> fields, int first = 0)
    {
        var values = new string?[fields.Count];
        for (var i = 0; i < values.Length; i++) values[i] = row.IsDBNull(first + i) ? null : fields[i].DataType == DataType.Double ? Show(row.GetDouble(first + i)) : row.GetString(first + i);
        return values;
    }

    /// <summary>A number with as few digits as tell it from all others: <c>1.0</c>, <c>0.0001</c>, <c>1e-05</c>, <c>1.5e+16</c>.</summary>
    public static string Show(double value)
    {
        var text = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = value == 0 ? 0 : Exponent(shortest, text);
        var sign = double.IsNegative(value) ? "-" : "";
        var digits = string.Concat(shortest.Split('E')[0].Where(char.IsAsciiDigit)).TrimStart('0').TrimEnd('0') is { Length: > 0 } some ? some : "0";
        if (exponent is >= LeastPlainExponent and <= MostPlainExponent)
        {
            var plain = exponent < 0 ? $"0.{new string('0', -exponent - 1)}{digits}"
                : digits.Length > exponent + 1 ? $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}"
                : $"{digits.PadRight(exponent + 1, '0')}.0";
            return sign + plain;
        }

        var power = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
        return $"{sign}{digits[0]}{(digits.Length > 1 ? $".{digits[1..]}" : "")}e{(exponent < 0 ? '-' : '+')}{power}";
    }

    /// <summary>The decimal exponent of a number's first digit; rounding to all digits may have raised it.</summary>
    private static int Exponent(string shortest, string scientific)
    {
        var stated = shortest.IndexOf('E', StringComparison.Ordinal);
        return stated >= 0
            ? int.Parse(shortest.AsSpan(stated + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : int.Parse(scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }
}
