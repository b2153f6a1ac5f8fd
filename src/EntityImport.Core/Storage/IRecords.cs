using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Mappings;
using EntityImport.Records;
using EntityImport.Rows;

namespace EntityImport.Storage;

/// <summary>The port to the records of entities. Thread-safe.</summary>
public interface IRecords
{
    /// <summary>How many records an entity holds.</summary>
    Task<long> CountRecordsAsync(EntityDefinition entity, CancellationToken cancellationToken);

    /// <summary>Reads records, all of them as they were at one time.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="take">Takes the values of each record in the query's order, as <see cref="RecordPage.Records"/> has them; called by one thread at a time, and should not wait long.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many records fulfil the condition; null where the query does not ask.</returns>
    Task<long?> ReadRecordsAsync(RecordQuery query, Action<string?[]> take, CancellationToken cancellationToken);

    /// <summary>Makes room for an import's rows, apart from the entity's records and gone with the process.</summary>
    Task<ILoad> BeginLoadAsync(LoadOrder plan, CancellationToken cancellationToken);
}

/// <summary>What is staged, and how it is to be merged.</summary>
public sealed record LoadOrder
{
    /// <summary>The import that the rows are of.</summary>
    public required Guid ImportId { get; init; }

    /// <summary>The entity that they go into.</summary>
    public required EntityDefinition Entity { get; init; }

    /// <summary>What the merge does to existing records.</summary>
    public required ImportMode Mode { get; init; }

    /// <summary>The fields that rows have values for, in the order of the column vectors.</summary>
    public required IReadOnlyList<LoadedField> Fields { get; init; }

    /// <summary>Whether a null leaves an existing record's field as it is.</summary>
    public required bool KeepEmpty { get; init; }

    /// <summary>Whether a row with a new key is to be rejected, because a required field is not filled by the mapping.</summary>
    public required bool RejectNewKeys { get; init; }

    /// <summary>Whether rows change existing records, which have the same key.</summary>
    public bool ChangesRecords => Mode == ImportMode.Upsert && Entity.Key.Any();

    /// <summary>Whether each row is all of its record.</summary>
    public bool HasWholeRecords => !KeepEmpty && Fields.Count == Entity.Fields.Count;
}

/// <summary>A field that rows have values for.</summary>
/// <param name="Field">The field.</param>
/// <param name="Default">Where nulls keep what is there: the value that a null becomes in a new record, as the vector's first; null where it stays null.</param>
public sealed record LoadedField(FieldDefinition Field, ColumnVector? Default);

/// <summary>The rows of one import, apart from the entity's records. Disposing it drops them.</summary>
public interface ILoad : IAsyncDisposable
{
    /// <summary>Takes in all good rows, in as many threads as suit the store.</summary>
    /// <exception cref="ImportRefusedException">More rows were rejected than the mapping allows.</exception>
    /// <exception cref="OperationCanceledException">The call was ended.</exception>
    Task LoadAsync(IRowFeed rows, CancellationToken cancellationToken);

    /// <summary>Finds the rows that the entity's key forbids, once the rows are loaded. They take no part in the merge.</summary>
    /// <returns>The rows, in file order, each once.</returns>
    IAsyncEnumerable<KeyConflict> FindConflictsAsync(CancellationToken cancellationToken);

    /// <summary>Merges the rows into the entity in a transaction that nobody else sees before it is committed.</summary>
    Task<IMerge> MergeAsync(CancellationToken cancellationToken);
}

/// <summary>A row that the entity's key forbids.</summary>
/// <param name="RecordNumber">The row, from 1.</param>
/// <param name="Code"><see cref="FaultCode.KeyRepeated"/>, <see cref="FaultCode.KeyExists"/> or <see cref="FaultCode.RequiredUnmapped"/>.</param>
/// <param name="FirstRecordNumber">For a repeated key: the row that had it first.</param>
public readonly record struct KeyConflict(long RecordNumber, FaultCode Code, long FirstRecordNumber);

/// <summary>A merge that is not committed yet. Disposing it undoes it.</summary>
public interface IMerge : IAsyncDisposable
{
    /// <summary>What the store did, as it counted it.</summary>
    MergeCounts Counts { get; }

    /// <summary>Makes the merge durable and visible, together with what the catalog is to know then: the import's last state, and what belongs to it.</summary>
    Task CommitAsync(CatalogCommit commit, CancellationToken cancellationToken);
}

/// <summary>What a store did with an import's rows. Each figure is counted where it arises, and none is the difference of others: only so can they prove that no row was lost.</summary>
public sealed record MergeCounts
{
    /// <summary>Rows that reached the store.</summary>
    public long Received { get; init; }

    /// <inheritdoc cref="Ledger.Inserted"/>
    public long Inserted { get; init; }

    /// <inheritdoc cref="Ledger.Updated"/>
    public long Updated { get; init; }

    /// <inheritdoc cref="Ledger.Unchanged"/>
    public long Unchanged { get; init; }

    /// <inheritdoc cref="Ledger.Superseded"/>
    public long Superseded { get; init; }

    /// <inheritdoc cref="Ledger.Removed"/>
    public long Removed { get; init; }
}
