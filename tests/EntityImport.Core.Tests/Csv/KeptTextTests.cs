using System.Text;
using EntityImport.Csv;
using EntityImport.Rows;
using Xunit;

namespace EntityImport.Core.Tests.Csv;

public sealed class KeptTextTests
{
    [Fact]
    public void Kept_texts_stay_where_they_are_said_to_be()
    {
        var dialect = CsvDialect.Default;
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, RecordBatch.Capacity).Select(i => $"{i},\"a\"\"{i}\",\"b{i}\"\n")));
        var batch = new RecordBatch(dialect);
        var tokenizer = new CsvTokenizer(dialect);
        tokenizer.SetBuffer(text, 0, text.Length, final: true);
        tokenizer.Read(batch);

        var kept = new List<(int Start, int Length, bool Unescaped)>();
        for (var record = 0; record < batch.Count; record++)
        {
            for (var column = 0; column < 4; column++)
            {
                var value = batch.Text(record, column);
                kept.Add((batch.KeepText(value, out var unescaped), value.Length, unescaped));
                // Reading a text in between must not move what is kept.
                _ = batch.Text(batch.Count - 1, 1);
            }
        }

        var texts = kept.Select(k => Encoding.UTF8.GetString((k.Unescaped ? batch.UnescapedText : batch.Buffer).Span.Slice(k.Start, k.Length)));
        Assert.Equal(Enumerable.Range(0, RecordBatch.Capacity).SelectMany(i => new[] { $"{i}", $"a\"{i}", $"b{i}", "" }), texts);
    }
}
