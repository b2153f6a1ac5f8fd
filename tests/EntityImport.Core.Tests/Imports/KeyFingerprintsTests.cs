using System.Globalization;
using System.Text;
using EntityImport.Conversion;
using EntityImport.Conversion.Strings;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Imports.Running;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Imports;

/// <summary>Whether keys repeat is told alike for those in memory and those in the scratch file.</summary>
public sealed class KeyFingerprintsTests
{
    /// <summary>So many that each of the 256 partitions has full blocks of 1,024.</summary>
    private const int Keys = 600_000;

    private static readonly FieldDefinition Key = new() { SystemName = "id", DataType = DataType.String, PrimaryKey = true };

    private static readonly EntityDefinition Entity = new() { SystemName = "e", Fields = [Key] };

    [Theory]
    [InlineData(KeyFingerprints.MaxKeysInMemory, false)]
    [InlineData(100_000, true)]
    [InlineData(0, true)]
    public void Keys_that_occur_once_do_not_repeat_and_one_that_occurs_twice_does(int maxKeysInMemory, bool usesScratch)
    {
        foreach (var repeated in new int?[] { null, 0, Keys / 2, Keys - 1 })
        {
            using var scratch = new MemoryStream();
            using var fingerprints = new KeyFingerprints(Entity, () => scratch, maxKeysInMemory);
            // Two threads' shares; the key that is repeated comes in the other one.
            Collect(fingerprints, Enumerable.Range(0, Keys));
            Collect(fingerprints, repeated is { } key ? [Keys, key] : [Keys]);

            Assert.Equal(repeated is not null, fingerprints.MayRepeat);
            Assert.Equal(usesScratch, scratch.Length > 0);
        }
    }

    private static void Collect(KeyFingerprints fingerprints, IEnumerable<int> keys)
    {
        var column = new ColumnVector(Key);
        var collector = fingerprints.CreateCollector([column]);
        var converter = new StringConverter(Key, new NullRule([]), steps: null);
        var tokenizer = new CsvTokenizer(CsvDialect.Default) { BlankLinesAreRecords = true };
        var batch = new RecordBatch(CsvDialect.Default);
        var faults = new RecordFaults();
        foreach (var chunk in keys.Chunk(RecordBatch.Capacity))
        {
            var text = Encoding.UTF8.GetBytes(string.Concat(chunk.Select(key => string.Create(CultureInfo.InvariantCulture, $"{key}\n"))));
            tokenizer.SetBuffer(text, 0, text.Length, final: true);
            tokenizer.Read(batch);
            converter.Convert(batch, 0, 0, column, faults);
            collector.Add(batch, faults);
        }

        collector.Complete();
    }
}
