using System.Globalization;
using EntityImport.Storage;

namespace EntityImport.SqlStores;

/// <summary>Conditions on the imports that found versions of records, as every store's SQL has them.</summary>
internal static class VersionCondition
{
    /// <summary>The condition that an import came after another one and tells of what that left: it came before the first that put another table in the place of the entity's and stands, and not while one stood that was taken back.</summary>
    /// <param name="import">The other import.</param>
    /// <param name="tables">Those that put other tables in the place of the entity's.</param>
    /// <param name="version">The column of the import.</param>
    public static string TellsOf(long import, LaterTables tables, string version) => string.Create(
        CultureInfo.InvariantCulture,
        $"{version} > {import} AND {version} <= {tables.First ?? long.MaxValue}{string.Concat(tables.TakenBack.Select(pair => $" AND {version} NOT BETWEEN {pair.Import + 1} AND {pair.Undo}"))}");
}
