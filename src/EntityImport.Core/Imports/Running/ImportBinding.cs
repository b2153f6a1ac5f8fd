using System.Globalization;
using System.Text;
using EntityImport.Catalog;
using EntityImport.Conversion.Ambiguity;
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
    private const int YearsBeforeInvocation = 80;

    private ImportBinding(IInput input, EntityDefinition entity, ImportDefinition definition, IReadOnlyList<BoundField> fields, RejectionCap cap)
    {
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

    /// <summary>Which records are rows.</summary>
    public RecordShape Shape { get; }

    /// <summary>How many rejected rows are kept.</summary>
    public RejectionCap Cap { get; }

    /// <summary>The required fields that no column fills, so that rows can only change existing records.</summary>
    public IReadOnlyList<string> Unfilled { get; }

    /// <summary>Binds an opened input to an entity.</summary>
    /// <exception cref="ImportRefusedException">The columns do not fit the mapping.</exception>
    /// <exception cref="OperationCanceledException">The call was ended.</exception>
    public static ImportBinding Create(
        IInput input, EntityDefinition entity, ImportDefinition definition, Import import, RejectionCap cap, CancellationToken cancellationToken)
    {
        var invoked = DateOnly.FromDateTime(import.StartedAt.UtcDateTime);
        var fields = BoundField.Bind(input, entity, definition, invoked.AddYears(-YearsBeforeInvocation), cancellationToken);
        return new ImportBinding(input, entity, definition, fields, cap);
    }

    /// <summary>What the store must know.</summary>
    public LoadOrder CreateLoadOrder(Guid importId) => new()
    {
        ImportId = importId,
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

    /// <summary>What somebody should look at: first what is about the file, then its columns that could have been read in another way, too, in file order. Complete once all parts are loaded.</summary>
    public IReadOnlyList<ImportWarning> DescribeWarnings() =>
        [.. Input.Warnings, .. Fields.OrderBy(f => f.Column).Select(f => f.Alternative?.Describe(f.Field.SystemName, f.ColumnName!)).OfType<ImportWarning>()];

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
