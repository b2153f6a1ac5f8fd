namespace EntityImport.Bench.Compare.Data;

/// <summary>One way of writing the very same products.</summary>
internal enum DataVariant
{
    /// <summary>Plain numbers, <c>yyyy-MM-dd</c>, <c>yyyy-MM-dd HH:mm:ss</c>, discounts as fractions.</summary>
    Iso,

    /// <summary>As <see cref="Iso"/>, with new values in 5 % of the rows.</summary>
    IsoChanged,

    /// <summary>As <see cref="Iso"/>, with new values in every row.</summary>
    IsoAllChanged,

    /// <summary><c>$1,234.56</c>, <c>12.5%</c>, <c>dd-MM-yyyy</c>, <c>dd-MM-yyyy HH:mm:ss</c>.</summary>
    Locale,

    /// <summary>As <see cref="Locale"/>, with new values in 5 % of the rows.</summary>
    LocaleChanged,

    /// <summary>As <see cref="Locale"/>, with new values in every row.</summary>
    LocaleAllChanged,

    /// <summary>As <see cref="Locale"/>, with one value in 1 % of the rows that is none of its field.</summary>
    LocaleFewBad,

    /// <summary>As <see cref="Locale"/>, with one value in every row that is none of its field.</summary>
    LocaleAllBad,
}
