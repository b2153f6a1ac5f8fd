using EntityImport.Catalog;
using EntityImport.Changes;
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
    Task<ILoad> BeginLoadAsync(LoadOrder order, CancellationToken cancellationToken);

    /// <summary>Finds what undoing an import would do to the entity's records: a delta whose counts are <see cref="DeltaCounts.Reversed"/> and <see cref="DeltaCounts.Kept"/>.</summary>
    /// <returns>The delta; null where what the records were before the import is not kept, or no longer.</returns>
    Task<IDelta?> FindUndoAsync(UndoOrder order, CancellationToken cancellationToken);

    /// <summary>Of which imports it is kept what the records were before, oldest first, and about how much space that takes.</summary>
    Task<IReadOnlyList<StoredBefore>> ListBeforeAsync(CancellationToken cancellationToken);

    /// <summary>Drops what the records were before an import, which cannot be undone any more then.</summary>
    Task DropBeforeAsync(StoredBefore before, CancellationToken cancellationToken);

    /// <summary>What is known of a record: as it is, and as it was before each import that changed it, as far as that is kept.</summary>
    /// <param name="entity">The entity, which has a key.</param>
    /// <param name="key">The condition that names the record.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<StoredHistory> ReadHistoryAsync(EntityDefinition entity, Condition key, CancellationToken cancellationToken);

    /// <summary>Opens what a plan keeps as the delta that it is of, to be applied to the entity as it was then.</summary>
    /// <param name="order">What was loaded for the plan, by <see cref="LoadOrder.PlanId"/>. The kept values are those that records get: <see cref="LoadOrder.KeepEmpty"/> is false.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="LedgerException">What is kept is not what the plan counted.</exception>
    Task<IDelta> OpenKeptDeltaAsync(LoadOrder order, Plan plan, CancellationToken cancellationToken);

    /// <summary>Reads what a plan keeps, in the order that the query says.</summary>
    /// <param name="plan">The plan, not expired.</param>
    /// <param name="query">Which changes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<ChangePage> ReadChangesAsync(Plan plan, ChangeQuery query, CancellationToken cancellationToken);

    /// <summary>Reads what an import did to records, in the order that the query says.</summary>
    /// <param name="import">The import.</param>
    /// <param name="query">Which changes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The changes, with the values of all fields of the entity; null where what the records were is not kept, or no longer.</returns>
    Task<ChangePage?> ReadChangesAsync(ImportedChanges import, ChangeQuery query, CancellationToken cancellationToken);
}

/// <summary>What is kept of the records that an import changed.</summary>
/// <param name="Import">The import's number.</param>
/// <param name="EntitySystemName">The entity, in any case.</param>
/// <param name="Records">How many records.</param>
/// <param name="Bytes">About how many bytes they take in the store; 0 where they wait in its log.</param>
public sealed record StoredBefore(long Import, string EntitySystemName, long Records, long Bytes);

/// <summary>What a store knows of a record.</summary>
/// <param name="Now">The record as it is; null where there is none.</param>
/// <param name="Before">By the number of an import, newest first, the record as it was before: null where there was none. Imports that replaced all records are there also where they did not touch this one.</param>
/// <param name="KeptSince">The number of the first import into the entity of which it is kept what the records were; null where there is none.</param>
public sealed record StoredHistory(RecordVersion? Now, IReadOnlyList<(long Import, RecordVersion? Record)> Before, long? KeptSince);

/// <summary>A record as an import made it.</summary>
/// <param name="Import">The import's number; 0 where that was before records had versions.</param>
/// <param name="Values">The values of all fields in the entity's order, as <see cref="RecordPage.Records"/> has them.</param>
public sealed record RecordVersion(long Import, string?[] Values);

/// <summary>What is undone, and by which import.</summary>
public sealed record UndoOrder
{
    /// <summary>The import that undoes; empty where it is only asked what one would do.</summary>
    public Guid ImportId { get; init; }

    /// <summary>The number of the import that undoes.</summary>
    public required long Sequence { get; init; }

    /// <summary>The entity.</summary>
    public required EntityDefinition Entity { get; init; }

    /// <summary>The import that is undone, which succeeded.</summary>
    public required Import Undone { get; init; }

    /// <summary>Whether no import has written into the entity since, so that all records are as it left them.</summary>
    public required bool IsLast { get; init; }

    /// <summary>Whether all of the import's changes can be found: no import since then has changed records without keeping what they were.</summary>
    public required bool IsCounted { get; init; }

    /// <summary>Where that is the undo of a REPLACE, or of such an undo: how it is found what it left.</summary>
    public LaterTables Tables { get; init; } = LaterTables.None;
}

/// <summary>The imports since another one that put a table of other records in the place of the entity's: by a REPLACE, or by an undo that brought back what one had taken out.</summary>
/// <param name="First">The number of the first one that stands: what it found is what was left, but for what imports before it have changed. Null where none stands: then it is the entity's table, likewise.</param>
/// <param name="TakenBack">Those that do not stand, each with the number of the import that has taken it back. What records were after the one, up to the other, says nothing of what was left.</param>
public sealed record LaterTables(long? First, IReadOnlyList<(long Import, long Undo)> TakenBack)
{
    /// <summary>There are none.</summary>
    public static LaterTables None { get; } = new(null, []);
}

/// <summary>An import whose changes are read.</summary>
/// <param name="Entity">The entity as it is now.</param>
/// <param name="Import">The import, which succeeded.</param>
/// <param name="IsComplete">Whether all of its changes can be found: no import since then has changed records without keeping what they were. Where it is false, a record that is nowhere as a REPLACE left it may have been removed by that, or changed.</param>
public sealed record ImportedChanges(EntityDefinition Entity, Import Import, bool IsComplete)
{
    /// <inheritdoc cref="UndoOrder.Tables"/>
    public LaterTables Tables { get; init; } = LaterTables.None;
}

/// <summary>Which changes to read: the largest first where a field of numbers or dates is asked for, else in an order of the store's.</summary>
/// <param name="Limit">The most to return; there may be fewer where they are long, but at least one where there is one.</param>
public sealed record ChangeQuery(int Limit)
{
    /// <summary>Only those of this kind; null means all.</summary>
    public ChangeKind? Kind { get; init; }

    /// <summary>Only those whose value of this field is another one afterwards, or is not known afterwards; null means all.</summary>
    public FieldDefinition? Field { get; init; }

    /// <summary>Only those behind this one; null means all.</summary>
    public ChangePlace? After { get; init; }
}

/// <summary>Where a change stands in its order.</summary>
/// <param name="Move">By how much the field that was asked for moves: a number, half of one where it is a DOUBLE, days, or microseconds; null where that is no number, or no field was asked for.</param>
/// <param name="Number">The store's number of the change.</param>
public sealed record ChangePlace(double? Move, long Number);

/// <summary>Changes that were read.</summary>
/// <param name="Changes">The changes.</param>
/// <param name="HasMore">Whether there are others behind them.</param>
public sealed record ChangePage(IReadOnlyList<RecordChange> Changes, bool HasMore);

/// <summary>What a plan or an import does to a record.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="RecordNumber">The row that does it, from 1; null where the record goes, and of imports, of which that is not kept.</param>
/// <param name="Before">The record's values before, in the order of <see cref="KeptChanges.Fields"/>, or of the entity's fields, as <see cref="RecordPage.Records"/> has them; null where it comes.</param>
/// <param name="After">Its values afterwards; null where it goes.</param>
/// <param name="Place">Where it stands.</param>
public sealed record RecordChange(ChangeKind Kind, long? RecordNumber, string?[]? Before, string?[]? After, ChangePlace Place)
{
    /// <summary>Whether the values afterwards are kept no longer: <see cref="After"/> is null, or where the record came, its key alone.</summary>
    public bool AfterUnknown { get; init; }
}

/// <summary>What is loaded, and what is wanted of it and forbidden to it. Modes are decided here: a store goes by these statements alone.</summary>
public sealed record LoadOrder
{
    /// <summary>The import that the rows are of.</summary>
    public required Guid ImportId { get; init; }

    /// <summary>The import's number in the order of invocation: the version that records get which it changes.</summary>
    public required long Sequence { get; init; }

    /// <summary>Whether what the records were before is kept, so that it can be undone.</summary>
    public required bool KeepsBefore { get; init; }

    /// <summary>The plan that the delta is kept as, in place of being done to the records; null where there is none.</summary>
    public Guid? PlanId { get; init; }

    /// <summary>The entity that they go into.</summary>
    public required EntityDefinition Entity { get; init; }

    /// <summary>What the mapping wants done to existing records.</summary>
    public required ImportMode Mode { private get; init; }

    /// <summary>The fields that rows have values for, in the order of the column vectors.</summary>
    public required IReadOnlyList<LoadedField> Fields { get; init; }

    /// <summary>Whether a null leaves an existing record's field as it is.</summary>
    public required bool KeepEmpty { get; init; }

    /// <summary>Whether there is a required field that the mapping does not fill, which only existing records have.</summary>
    public required bool LacksRequired { private get; init; }

    /// <summary>Whether the entity has a key. Without one, each row is a new record.</summary>
    public bool HasKey => Entity.Key.Any();

    /// <summary>Whether the rows take the place of all records that are there.</summary>
    public bool ReplacesAll => Mode == ImportMode.Replace;

    /// <summary>Whether rows change existing records, which have the same key. Else all rows that are not forbidden are new records.</summary>
    public bool ChangesRecords => Mode == ImportMode.Upsert && HasKey;

    /// <summary>Whether a row whose key a record has is rejected: <see cref="FaultCode.KeyExists"/>.</summary>
    public bool ForbidsExisting => Mode == ImportMode.Insert && HasKey;

    /// <summary>Whether a row whose key no record has is rejected: <see cref="FaultCode.RequiredUnmapped"/>.</summary>
    public bool ForbidsNew => ChangesRecords && LacksRequired;

    /// <summary>Whether a row whose key an earlier row has is rejected: <see cref="FaultCode.KeyRepeated"/>. Rows that are rejected for another reason do not count.</summary>
    public bool ForbidsRepeated => !ChangesRecords && HasKey;

    /// <summary>Whether of rows with one key the last wins, as if all were applied in file order: with <see cref="KeepEmpty"/>, the last that has a value, field by field. The others are superseded.</summary>
    public bool LastWins => ChangesRecords;

    /// <summary>Whether each row is all of its record.</summary>
    public bool HasWholeRecords => !KeepEmpty && Fields.Count == Entity.Fields.Count;
}

/// <summary>A field that rows have values for.</summary>
/// <param name="Field">The field.</param>
/// <param name="Default">Where nulls keep what is there: the value that a null becomes in a new record, as the vector's first; null where it stays null.</param>
public sealed record LoadedField(FieldDefinition Field, ColumnVector? Default);

/// <summary>The rows of one import, on their way from the file to what they change. Disposing it drops them; the delta is to be disposed before.</summary>
public interface ILoad : IAsyncDisposable
{
    /// <summary>Takes in all good rows, in as many threads as suit the store.</summary>
    /// <remarks>Where it finds that the key forbids none of them, a store may bring them as far as into the transaction of the delta, as long as nobody else can see that.</remarks>
    /// <exception cref="ImportRefusedException">More rows were rejected than the mapping allows.</exception>
    /// <exception cref="OperationCanceledException">The call was ended.</exception>
    Task LoadAsync(IRowFeed rows, CancellationToken cancellationToken);

    /// <summary>Finds the rows that the entity's key forbids, and those that were not taken since they are larger than the store takes, once the rows are loaded. They take no part in the delta.</summary>
    /// <returns>The rows, in file order, each once.</returns>
    IAsyncEnumerable<KeyConflict> FindConflictsAsync(CancellationToken cancellationToken);

    /// <summary>Finds what the rows would do to the entity's records, once the conflicts were read. To be called once.</summary>
    Task<IDelta> FindDeltaAsync(CancellationToken cancellationToken);
}

/// <summary>A row that the entity's key forbids, or that the store could not take.</summary>
/// <param name="RecordNumber">The row, from 1.</param>
/// <param name="Code"><see cref="FaultCode.KeyRepeated"/>, <see cref="FaultCode.KeyExists"/>, <see cref="FaultCode.RequiredUnmapped"/>, <see cref="FaultCode.KeyTooLong"/> or <see cref="FaultCode.RecordTooLarge"/>.</param>
/// <param name="Figure">For a repeated key: the row that had it first. For what is too large: the most bytes that the store takes. Else 0.</param>
public readonly record struct KeyConflict(long RecordNumber, FaultCode Code, long Figure);

/// <summary>What an import would do to an entity's records. Nobody else sees any of it before it is committed; disposing it leaves no trace, applied or not.</summary>
/// <remarks>Whoever wants to know what would happen reads it and disposes it; whoever wants to forbid something looks at <see cref="Counts"/> before it is applied; what it replaces can be kept while it is applied.</remarks>
public interface IDelta : IAsyncDisposable
{
    /// <summary>How much it is, as the store counted it.</summary>
    DeltaCounts Counts { get; }

    /// <summary>Does to the records what the delta says, in its transaction; where the order names a plan, keeps it as that, and does nothing to the records. To be called once.</summary>
    /// <exception cref="LedgerException">What was done is not what <see cref="Counts"/> says.</exception>
    /// <exception cref="RecordsRefusedException">Whoever runs the database demands something of records that these do not fulfil.</exception>
    /// <exception cref="OperationCanceledException">The call was ended.</exception>
    Task<IMerge> ApplyAsync(CancellationToken cancellationToken);

    /// <summary>Reads the records of a plan: of one that was opened, or of one that <see cref="ApplyAsync"/> has kept.</summary>
    /// <param name="batch">What they are copied to, some at a time; its fields are some of <see cref="KeptChanges.Fields"/>.</param>
    /// <param name="withKeys">Whether the keys of records that come and go are read as well, and not only the records that change.</param>
    /// <param name="take">Looks at a batch before the next one takes its place.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task ReadChangesAsync(ChangeBatch batch, bool withKeys, Action take, CancellationToken cancellationToken);

    /// <summary>Does to the records what <see cref="ApplyAsync"/> has kept as a plan, in the same transaction, which keeps no plan then. To be called once.</summary>
    /// <exception cref="LedgerException">What was done is not what <see cref="Counts"/> says.</exception>
    /// <exception cref="OperationCanceledException">The call was ended.</exception>
    Task<IMerge> ApplyKeptAsync(CancellationToken cancellationToken);
}

/// <summary>A delta that is applied, or kept, and not committed yet. Disposing the delta undoes it.</summary>
public interface IMerge
{
    /// <summary>What is kept as a plan; null where it is done to the records.</summary>
    KeptChanges? Kept { get; }

    /// <summary>Makes it durable and visible, together with what the catalog is to know then: the import's last state, and what belongs to it.</summary>
    Task CommitAsync(CatalogCommit commit, CancellationToken cancellationToken);
}

/// <summary>What a store would do with an import's rows. Each figure is counted where it arises, and none is the difference of others: only so can they prove that no row was lost.</summary>
public sealed record DeltaCounts
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

    /// <inheritdoc cref="Ledger.Reversed"/>
    public long Reversed { get; init; }

    /// <inheritdoc cref="Ledger.Kept"/>
    public long Kept { get; init; }
}
