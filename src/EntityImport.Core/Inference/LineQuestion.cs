using System.Globalization;
using System.Text.Json.Nodes;
using EntityImport.Csv;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>
/// Asks whether quotes enclose line ends, where every record of several lines could as well be several records, a quote of the first of which was not meant to open a field: each of its lines has the fields of a row, and numbers and dates where the rows have them.
/// </summary>
/// <remarks>
/// Nothing can answer this but who knows the file: a text that somebody has pasted rows into looks the same, and read by lines it would write rows into the entity.
/// </remarks>
internal static class LineQuestion
{
    private const int MaxBytes = 4 << 20;

    /// <summary>The question; null where there is none.</summary>
    /// <param name="text">The sample in UTF-8.</param>
    /// <param name="layout">How it is read.</param>
    /// <param name="isWholeFile">Whether the sample is all of the file.</param>
    public static OpenQuestion? Find(ReadOnlyMemory<byte> text, FileLayout layout, bool isWholeFile)
    {
        var isCut = text.Length > MaxBytes;
        var beginning = isCut ? text[..MaxBytes] : text;
        var dialect = layout.CreateDialect();
        if (!layout.MultilineFields || beginning.Span.IndexOf(dialect.QuoteBytes) < 0) return null;
        var (tokenizer, batch) = Begin(beginning, layout, isWholeFile && !isCut);
        TokenizerStop stop;
        Rows? rows = null;
        (long Line, int Lines, int Records) found = default;
        do
        {
            stop = tokenizer.Read(batch);
            foreach (var record in batch)
            {
                var lines = record.Raw.Count((byte)'\n') + 1;
                if (lines == 1 || record.Fault != RecordFault.None || record.LineNumber <= layout.SkipLines) continue;
                rows ??= Rows.Of(beginning, layout);
                if (rows is null || !rows.AreIn(record.Raw)) return null;
                if (found.Records == 0) found = (record.LineNumber, lines, 0);
                found.Records++;
            }
        }
        while (stop == TokenizerStop.BatchFull);

        return found.Records == 0 ? null : Ask(found.Line, found.Lines, found.Records);
    }

    private static OpenQuestion Ask(long line, int lines, int records)
    {
        var others = records == 1 ? "" : $" So is it with {Wording.Number(records - 1)} more.";
        var last = Wording.Number(line + lines - 1);
        return new OpenQuestion(
            QuestionKind.Lines,
            Column: null,
            $"Does the quote in line {Wording.Number(line)} enclose the line ends up to line {last}? Each of these {lines.ToString(CultureInfo.InvariantCulture)} lines reads like a row, and the quote may have been meant for something else, such as inches.{others}",
            [
                new PossibleAnswer($"No field has several lines: lines {Wording.Number(line)} to {last} are a row each, and a quote that does not close in its line rejects that line alone.", new JsonObject { ["multilineFields"] = false }, []),
                new PossibleAnswer($"Fields may have several lines: lines {Wording.Number(line)} to {last} are one row.", new JsonObject { ["multilineFields"] = true }, []),
            ]);
    }

    private static (CsvTokenizer Tokenizer, RecordBatch Batch) Begin(ReadOnlyMemory<byte> text, FileLayout layout, bool final)
    {
        var dialect = layout.CreateDialect();
        var tokenizer = new CsvTokenizer(dialect);
        tokenizer.SetBuffer(text, 0, text.Length, final);
        return (tokenizer, new RecordBatch(dialect));
    }

    /// <summary>What the rows of a table have, where each line is one.</summary>
    private sealed class Rows(byte[] delimiter, byte quote, ColumnShape[] columns)
    {
        /// <summary>Looks at the first lines; null where they have too few columns, or no numbers and no dates, to tell rows from prose by.</summary>
        public static Rows? Of(ReadOnlyMemory<byte> text, FileLayout layout)
        {
            var (tokenizer, batch) = Begin(text, layout with { MultilineFields = false }, final: false);
            tokenizer.Read(batch);
            var first = 0;
            while (first < batch.Count && batch[first].LineNumber <= layout.SkipLines) first++;
            if (first >= batch.Count || batch[first].FieldCount < 2) return null;
            var dialect = layout.CreateDialect();
            var width = batch[first].FieldCount;
            var columns = ColumnShape.Of(batch, first + (layout.HasHeader ? 1 : 0), width);
            return columns.Any(column => column.IsTyped) ? new Rows(dialect.DelimiterBytes.ToArray(), dialect.QuoteBytes[0], columns) : null;
        }

        /// <summary>Whether each line of a record reads like a row.</summary>
        public bool AreIn(ReadOnlySpan<byte> record)
        {
            foreach (var line in record.Split((byte)'\n'))
                if (!IsOne(record[line].TrimEnd((byte)'\r'))) return false;
            return true;
        }

        private bool IsOne(ReadOnlySpan<byte> line)
        {
            if (line.Count(delimiter) != columns.Length - 1) return false;
            var column = 0;
            foreach (var range in line.Split(delimiter))
            {
                var field = line[range];
                // Words follow a delimiter of prose after a blank.
                if (column > 0 && field.StartsWith(" "u8)) return false;
                if (columns[column++] is { IsTyped: true } shape && (field.IsEmpty || shape.Differs(field.Trim(quote)))) return false;
            }

            return true;
        }
    }
}
