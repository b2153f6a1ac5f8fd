using EntityImport.Entities;
using EntityImport.Rows;

namespace EntityImport.Testing.Breaking;

/// <summary>The rows of an import, of which the first good one is lost, or comes twice, in each pass.</summary>
internal sealed class BrokenFeed(IRowFeed inner, bool doubles) : IRowFeed
{
    private int _isBroken;

    public IEnumerable<FieldDefinition> Fields => inner.Fields;

    public long RecordCount => inner.RecordCount;

    public long FileBytes => inner.FileBytes;

    public int MaxReaders => inner.MaxReaders;

    public bool KeysMayRepeat => inner.KeysMayRepeat;

    public IRowReader CreateReader() => new Reader(this, inner.CreateReader(), doubles);

    public void Repeat()
    {
        _isBroken = 0;
        inner.Repeat();
    }

    private sealed class Reader(BrokenFeed feed, IRowReader inner, bool doubles) : IRowReader
    {
        private RecordFaults? _faults;
        private bool _comesAgain;

        public RecordBatch Batch => inner.Batch;

        public IReadOnlyList<ColumnVector> Columns => inner.Columns;

        public RecordFaults Faults => _faults ?? inner.Faults;

        public bool Read()
        {
            if (_comesAgain)
            {
                // The same batch once more, with all rows but one taken for rejected.
                _comesAgain = false;
                _faults = Only(FirstGood());
                return true;
            }

            _faults = null;
            while (inner.Read())
            {
                if (Interlocked.Exchange(ref feed._isBroken, 1) == 1) return true;
                if (doubles) return _comesAgain = true;
                _faults = AllBut(FirstGood());
                if (_faults.RejectedRecords < Batch.Count) return true;
                _faults = null;
            }

            return false;
        }

        public void Dispose() => inner.Dispose();

        private int FirstGood() => Enumerable.Range(0, Batch.Count).First(record => !inner.Faults.IsRejected(record));

        private RecordFaults Only(int good) => Faulty(record => record != good);

        private RecordFaults AllBut(int lost) => Faulty(record => record == lost || inner.Faults.IsRejected(record));

        private RecordFaults Faulty(Func<int, bool> isRejected)
        {
            var faults = new RecordFaults();
            for (var record = 0; record < Batch.Count; record++)
                if (isRejected(record)) faults.Add(record, -1, FaultCode.RecordFields);
            return faults;
        }
    }
}
