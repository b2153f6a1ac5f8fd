using System.Globalization;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Entities;
using EntityImport.Imports.Rejections;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.Imports.Running;

/// <summary>Everything that is settled before the first record is read. Thread-safe but for disposal.</summary>
internal sealed class ImportBinding : IDisposable
{
    /// <summary>The JDK's: two digits stand for a year from 80 years before the import was invoked on.</summary>
    internal const int YearsBeforeInvocation = 80;

    private ImportBinding(
        IInput input, EntityDefinition entity, ImportDefinition definition, IReadOnlyList<BoundField> fields, DateOnly twoDigitYearStart, RejectionCap cap)
    {
        TwoDigitYearStart = twoDigitYearStart;
        Input = input;
        Entity = entity;
        Definition = definition;
        Fields = fields;
        Cap = cap;
        Shape = new RecordShape(input.Columns, definition.Layout.HasHeader, definition.RaggedRows);
        Unfilled = [.. BoundField.Unfilled(entity, fields).Select(f => f.SystemName)];
    }

    /// <summary>The file.</summary>
    public IInput Input { get; }

    /// <summary>The entity.</summary>
    public EntityDefinition Entity { get; }

    /// <summary>The definition.</summary>
    public ImportDefinition Definition { get; }

    /// <summary>What goes where.</summary>
    public IReadOnlyList<BoundField> Fields { get; }

    /// <summary>The first day that a two-digit year stands for where the definition states no year.</summary>
    public DateOnly TwoDigitYearStart { get; }

    /// <summary>The values that the last import into the entity kept, see <see cref="Import.ValueLists"/>; null where there are none.</summary>
    public IReadOnlyDictionary<string, ValueList>? EarlierLists { get; init; }

    /// <summary>Which records are rows.</summary>
    public RecordShape Shape { get; }

    /// <summary>How many rejected rows are kept.</summary>
    public RejectionCap Cap { get; }

    /// <summary>The required fields that no column fills, so that rows can only change existing records.</summary>
    public IReadOnlyList<string> Unfilled { get; }

    /// <summary>Binds an opened input to an entity.</summary>
    /// <param name="input">The input.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="definition">How the input is read.</param>
    /// <param name="import">The import.</param>
    /// <param name="earlierLists">See <see cref="EarlierLists"/>.</param>
    /// <param name="cap">How many rejected rows are kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ImportRefusedException">The columns do not fit the mapping.</exception>
    /// <exception cref="OperationCanceledException">The call was ended.</exception>
    public static ImportBinding Create(
        IInput input, EntityDefinition entity, ImportDefinition definition, Import import, IReadOnlyDictionary<string, ValueList>? earlierLists, RejectionCap cap, CancellationToken cancellationToken)
    {
        var twoDigitYearStart = TwoDigitYearStartOf(import);
        var fields = BoundField.Bind(input, entity, definition, twoDigitYearStart, cancellationToken);
        return new ImportBinding(input, entity, definition, fields, twoDigitYearStart, cap) { EarlierLists = earlierLists };
    }

    /// <summary>The first day that a two-digit year of an import's file stands for where the definition states no year.</summary>
    public static DateOnly TwoDigitYearStartOf(Import import) => DateOnly.FromDateTime(import.StartedAt.UtcDateTime).AddYears(-YearsBeforeInvocation);

    /// <summary>What the store must know.</summary>
    public LoadOrder CreateLoadOrder(Import import) => new()
    {
        ImportId = import.Id,
        Sequence = import.Sequence,
        KeepsBefore = Entity.KeepsBefore,
        Entity = Entity,
        Mode = Definition.Mode,
        Fields = [.. Fields.Select(f => new LoadedField(f.Field, ConvertDefault(f)))],
        KeepEmpty = BoundField.KeepsEmpty(Definition),
        LacksRequired = Unfilled.Count > 0,
    };

    /// <summary>Ends the import as soon as more rows were rejected than the definition allows, or than are kept.</summary>
    /// <exception cref="ImportRefusedException">They are.</exception>
    public void ThrowIfTooManyRejected(long rejected)
    {
        Cap.CheckRows(rejected);
        if (Definition.MaxFailedRows is not { } limit || !limit.IsExceeded(rejected, Input.RecordCount)) return;
        var allowed = limit.Rows is { } rows
            ? string.Create(CultureInfo.InvariantCulture, $"{rows} rows")
            : string.Create(CultureInfo.InvariantCulture, $"{limit.Percent} % of the rows");
        throw new ImportRefusedException(EndCode.MaxFailedRows, $"More than {allowed} were rejected, which is as many as maxFailedRows allows.");
    }

    /// <inheritdoc/>
    public void Dispose() => Input.Dispose();

    /// <summary>The default of a field whose nulls the store replaces, as the first value of a vector.</summary>
    private static ColumnVector? ConvertDefault(BoundField bound)
    {
        if (!bound.Converter.Nulls.KeepNulls || bound.Converter.Nulls.DefaultText is not { } text) return null;
        var vector = new ColumnVector(bound.Field);
        // The converter was not made if it cannot read its default.
        bound.Converter.ConvertText(Encoding.UTF8.GetBytes(text), vector);
        return vector;
    }
}
