using System.Globalization;
using EntityImport.Catalog;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Mappings;
using EntityImport.Rows;
using EntityImport.Storage;

namespace EntityImport.Imports.Running.Warnings;

/// <summary>What an import's rows show that none of them is rejected for, but that somebody should look at. Thread-safe.</summary>
internal sealed class RowWarnings
{
    private readonly ImportBinding _binding;
    private readonly SwallowedRows _swallowed;
    private readonly IReadOnlyList<GuessedCenturies> _centuries;
    private readonly ValueLists _lists;
    private readonly SimilarKeys? _keys;

    /// <summary>Prepares for the rows of an import.</summary>
    /// <param name="binding">The plan.</param>
    /// <param name="fingerprints">The hashes of the rows' keys; null where the entity has no key.</param>
    public RowWarnings(ImportBinding binding, KeyFingerprints? fingerprints)
    {
        _binding = binding;
        _swallowed = new SwallowedRows(binding);
        _centuries = GuessedCenturies.Find(binding);
        _lists = new ValueLists(binding);
        _keys = fingerprints is null ? null : new SimilarKeys(binding, fingerprints);
    }

    /// <summary>Makes what looks at one thread's rows, which are in these vectors.</summary>
    public Watch CreateWatch(IReadOnlyList<ColumnVector> columns) => new(this, columns);

    /// <summary>Looks for what the keys are like, once all rows are read: the hashes of the rows' keys are not needed after.</summary>
    public Task CompleteAsync(IRecords records, CancellationToken cancellationToken) => _keys?.CompleteAsync(records, cancellationToken) ?? Task.CompletedTask;

    /// <summary>The values to keep with the import.</summary>
    public IReadOnlyDictionary<string, ValueList>? KeepLists() => _lists.Keep();

    /// <summary>What is to be said at the end: first what is about the file, then what is about columns, in file order.</summary>
    /// <param name="counts">What the import does to the records.</param>
    public IReadOnlyList<ImportWarning> Describe(DeltaCounts counts)
    {
        var replaces = _binding.Definition.Mode == ImportMode.Replace;
        var ofColumns = _binding.Fields.Index().Select(bound => (bound.Index, Warning: bound.Item.Alternative?.Describe(bound.Item.Field.SystemName, bound.Item.ColumnName!)))
            .Concat(_centuries.Select(dates => (dates.Index, Warning: dates.Describe())))
            .Concat(_lists.Describe(replaces).Select(changed => (changed.Index, Warning: (ImportWarning?)changed.Warning)));
        return
        [
            .. _binding.Input.Warnings,
            .. new[] { _swallowed.Describe(), replaces ? DescribeRows(counts) : null, _keys?.Describe() }.OfType<ImportWarning>(),
            // What is said of one column stays in the order above.
            .. ofColumns.OrderBy(found => _binding.Fields[found.Index].Column).Select(found => found.Warning).OfType<ImportWarning>(),
        ];
    }

    private ImportWarning? DescribeRows(DeltaCounts counts)
    {
        if (counts.Removed == 0 || (counts.Inserted >= counts.Removed / 2.0 && counts.Inserted <= counts.Removed * 2.0)) return null;
        return new ImportWarning
        {
            Code = ImportWarning.RowsChanged,
            Differing = Math.Abs(counts.Inserted - counts.Removed),
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"{_binding.Entity.SystemName} had {counts.Removed:N0} {(counts.Removed == 1 ? "record" : "records")}, and this file, which replaces them, has {counts.Inserted:N0}: {(counts.Inserted < counts.Removed ? "less than half" : "more than twice")} as many. Make sure that it is the whole file, and the right one."),
        };
    }

    /// <summary>Looks at one thread's rows. Not thread-safe.</summary>
    public sealed class Watch
    {
        private readonly RowWarnings _owner;
        private readonly IReadOnlyList<ColumnVector> _columns;
        private readonly ValueLists.Collector _lists;

        internal Watch(RowWarnings owner, IReadOnlyList<ColumnVector> columns)
        {
            _owner = owner;
            _columns = columns;
            _lists = owner._lists.CreateCollector(columns);
        }

        /// <summary>Looks at a batch whose columns are converted.</summary>
        public void Look(RecordBatch batch, RecordFaults faults)
        {
            _owner._swallowed.Look(batch);
            _owner._keys?.Look(batch, _columns, faults);
            foreach (var dates in _owner._centuries) dates.Look(_owner._binding, batch, _columns[dates.Index], faults);
            _lists.Look(batch, faults);
        }

        /// <summary>Ends it, once all of the thread's rows were looked at.</summary>
        public void Complete() => _lists.Complete();
    }
}
