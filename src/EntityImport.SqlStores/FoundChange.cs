using EntityImport.Changes;
using EntityImport.Storage;

namespace EntityImport.SqlStores;

/// <summary>A change whose values are not read yet.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="RecordNumber">The row that does it; null where that is not kept.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Before">Where the record is as it was; null where it was not there.</param>
/// <param name="After">Where the record is as it became; null where it is nowhere.</param>
internal sealed record FoundChange(ChangeKind Kind, long? RecordNumber, ChangePlace Place, FoundRecord? Before, FoundRecord? After)
{
    /// <summary>What the values of a page should take.</summary>
    public const long PageBytes = 8 << 20;

    /// <summary>Where its values are: both sides can be one record of a table.</summary>
    public IEnumerable<FoundRecord> Records => new[] { Before, After }.OfType<FoundRecord>().Distinct();

    /// <summary>How many of some changes, one at least, are a page that is not too large. Those of one place stay together.</summary>
    /// <param name="found">The changes, in their order.</param>
    /// <param name="limit">The most that the page may have.</param>
    /// <param name="bytes">What the values of a record take, of all records of these.</param>
    public static int Fit(IReadOnlyList<FoundChange> found, int limit, IReadOnlyDictionary<FoundRecord, long> bytes)
    {
        var all = 0L;
        for (var i = 0; i < limit; i++)
        {
            all += found[i].Records.Sum(record => bytes[record]);
            if (all > PageBytes && i > 0 && found[i].Place != found[i - 1].Place) return i;
        }

        return limit;
    }
}

/// <summary>A record in a table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Id">The number by which the store itself knows the record there.</param>
internal sealed record FoundRecord(string Table, long Id);
