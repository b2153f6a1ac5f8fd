using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>This project's tokenizer over bytes in memory.</summary>
/// <param name="name">The scenario's name.</param>
/// <param name="title">What it does.</param>
/// <param name="texts">Whether each field's text is asked for, too, escapes resolved, and not only its place.</param>
internal sealed class ProjectTokenizing(string name, string title, bool texts) : Tokenizing(name, title)
{
    private byte[] _file = [];

    protected override void Load(string path) => _file = File.ReadAllBytes(path);

    protected override Task<TokenizingPass> PassAsync(string path) => Task.FromResult(Pass());

    private TokenizingPass Pass()
    {
        var tokenizer = new CsvTokenizer(CsvDialect.Default);
        var batch = new RecordBatch(CsvDialect.Default);
        tokenizer.SetBuffer(_file, bufferOffset: 0, end: _file.Length, final: true);
        var (records, fields, length) = (0L, 0L, 0L);
        TokenizerStop stop;
        do
        {
            stop = tokenizer.Read(batch);
            records += batch.Count;
            fields += batch.FieldCount;
            if (texts) length += LengthOf(batch);
        }
        while (stop == TokenizerStop.BatchFull);

        return new TokenizingPass(records, fields, texts ? length : null);
    }

    private static long LengthOf(RecordBatch batch)
    {
        var length = 0L;
        foreach (var record in batch)
        {
            for (var column = 0; column < record.FieldCount; column++) length += record[column].Length;
        }

        return length;
    }
}
