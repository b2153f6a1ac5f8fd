using EntityImport.Catalog;
using EntityImport.Rows;
using EntityImport.Storage.Tests.Durability;
using Xunit;

namespace EntityImport.Storage.Tests;

/// <summary>The embedded store reads a file of long rows again when it applies their delta.</summary>
public sealed class RepeatedReadTests
{
    /// <summary>Long rows are read once more when their delta is applied. Where fewer come then, the delta is not what is applied.</summary>
    [Fact]
    public async Task What_is_applied_must_be_what_the_delta_says()
    {
        await using var engine = await Engine.StartAsync(new EngineSetup { Records = inner => new InterceptedRecords(inner) { Feeding = rows => new ForgetfulFeed(rows) } });
        await DeltaTests.DeclareAsync(engine, hasKey: true);
        await engine.ImportAsync("e", $"id,a,b\n1,{DeltaTests.Long('a')},b\n2,{DeltaTests.Long('a')},b\n");

        var import = await engine.ImportAsync("e", $"id,a,b\n1,{DeltaTests.Long('x')},b\n2,{DeltaTests.Long('a')},b\n3,{DeltaTests.Long('c')},d\n");

        Assert.Equal((ImportState.Failed, "ledger-unbalanced"), (import.State, import.Code));
        Assert.Contains("1 records change and 1 are new, so 2 were to be put in, and 0 were.", import.Message, StringComparison.Ordinal);
        Assert.Equal("1Ab 2Ab", await DeltaTests.RecordsAsync(engine));
    }

    /// <summary>Rows of which nothing is left the second time.</summary>
    private sealed class ForgetfulFeed(IRowFeed inner) : IRowFeed
    {
        private bool _isRepeated;

        public IEnumerable<Entities.FieldDefinition> Fields => inner.Fields;

        public long RecordCount => inner.RecordCount;

        public long FileBytes => inner.FileBytes;

        public int MaxReaders => inner.MaxReaders;

        public bool KeysMayRepeat => inner.KeysMayRepeat;

        public IRowReader CreateReader() => new Reader(inner.CreateReader(), _isRepeated);

        public void Repeat()
        {
            _isRepeated = true;
            inner.Repeat();
        }

        private sealed class Reader(IRowReader inner, bool isEmpty) : IRowReader
        {
            public RecordBatch Batch => inner.Batch;

            public IReadOnlyList<ColumnVector> Columns => inner.Columns;

            public RecordFaults Faults => inner.Faults;

            public bool Read() => inner.Read() && !isEmpty;

            public void Dispose() => inner.Dispose();
        }
    }
}
