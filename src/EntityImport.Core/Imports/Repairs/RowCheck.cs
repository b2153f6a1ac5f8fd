using EntityImport.Imports.Rejections;
using EntityImport.Imports.Running;
using EntityImport.Rows;

namespace EntityImport.Imports.Repairs;

/// <summary>Tells of single rows whether the import's own parts would accept them, and if not, why. Not thread-safe.</summary>
internal sealed class RowCheck
{
    private readonly OneRow _row;
    private readonly BatchConversion _conversion;
    private readonly RepairBasis _basis;

    public RowCheck(RepairBasis basis)
    {
        _basis = basis;
        _row = new OneRow(basis.Format);
        _conversion = new BatchConversion(basis.Shape, basis.Definition, basis.Fields);
    }

    /// <summary>The row that was looked at last.</summary>
    public RecordBatch Batch => _row.Batch;

    /// <summary>The values of the row that was looked at last, in the order of the bound fields.</summary>
    public ColumnVector[] Values => _conversion.Columns;

    /// <summary>Whether a row with these fields is accepted, but for its key.</summary>
    public bool Accepts(IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        if (!_row.Set(fields)) return false;
        _conversion.Convert(_row.Batch, cancellationToken);
        return _conversion.Faults.LeftOutRecords == 0;
    }

    /// <summary>Why the row that was looked at last is not accepted.</summary>
    public IReadOnlyList<RejectionReason> Explain()
    {
        var kinds = new ReasonKinds();
        var rejections = new RowRejections(_basis.Input, _basis.Shape, _basis.Fields, unfilled: [], kinds);
        using var rejected = new RejectedRowsBuffer();
        rejections.Describe(_row.Batch, _conversion.Faults, rejected, () => { });
        return [.. RejectedRowsReader.ReadAll(rejected.Rows, kinds.All).SelectMany(row => row.Reasons)];
    }
}
