using EntityImport.Access;
using EntityImport.Records;
using EntityImport.Storage;

namespace EntityImport.Engine;

/// <summary>The records of entities. Thread-safe.</summary>
public sealed class RecordService
{
    private readonly IRecords _records;
    private readonly EntityReads _reads;

    internal RecordService(IStore store) => (_records, _reads) = (store.Records, new EntityReads(store.Catalog));

    /// <summary>Reads records of an entity into memory.</summary>
    /// <exception cref="RequestException">Too many queries are being worked on, or the caller may not read.</exception>
    public async Task<RecordPage> ReadAsync(Request request, RecordQuery query, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read);
        ArgumentNullException.ThrowIfNull(query);
        var records = new List<string?[]>();
        var total = await ReadAsync(request, query, records.Add, cancellationToken).ConfigureAwait(false);
        return new RecordPage(query.Select, records, total);
    }

    /// <summary>Reads records of an entity one by one.</summary>
    /// <param name="request">The request.</param>
    /// <param name="query">Which ones.</param>
    /// <param name="take">Takes the values of each record in the query's order, as <see cref="RecordPage.Records"/> has them; called by one thread at a time, and should not wait long.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many records fulfil the condition; null where the query does not ask.</returns>
    /// <exception cref="RequestException">Too many queries are being worked on, or the caller may not read.</exception>
    public Task<long?> ReadAsync(Request request, RecordQuery query, Action<string?[]> take, CancellationToken cancellationToken)
    {
        Admission.Check(request, Scope.Read);
        ArgumentNullException.ThrowIfNull(query);
        Admission.Check(request, Scope.Read, query.Entity.SystemName);
        var taken = false;
        return _reads.ReadAsync(query.Entity, () => _records.ReadRecordsAsync(query, Take, cancellationToken), () => !taken, cancellationToken);

        void Take(string?[] record)
        {
            taken = true;
            take(record);
        }
    }
}
