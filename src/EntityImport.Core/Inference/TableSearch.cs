using System.Text;
using System.Text.Json.Nodes;
using EntityImport.Csv;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>
/// Finds where the table is in a file: what splits it, what is above its header, and which rows are none of its data. It is judged by the first records
/// and, for what is below the table, by the last.
/// </summary>
internal sealed class TableSearch
{
    private const int MaxBytes = 1 << 20;
    private const int MaxShownNames = 240;

    private readonly ReadOnlyMemory<byte> _text;
    private readonly StatedDefinition _stated;
    private readonly IReadOnlyCollection<string> _names;
    private readonly bool _isWholeFile;
    private readonly List<Finding> _findings = [];
    private readonly List<OpenQuestion> _questions = [];
    private FileLayout _layout;

    private TableSearch(ReadOnlyMemory<byte> text, FileLayout layout, bool isWholeFile, StatedDefinition stated, IReadOnlyCollection<string> names)
    {
        _text = text;
        _layout = layout;
        _isWholeFile = isWholeFile;
        _stated = stated;
        _names = names;
    }

    /// <summary>Looks for the table.</summary>
    /// <param name="text">The sample in UTF-8, without byte order mark.</param>
    /// <param name="layout">What was stated of the layout, and the defaults.</param>
    /// <param name="isWholeFile">Whether the sample is all of the file.</param>
    /// <param name="stated">What was stated.</param>
    /// <param name="names">What is known of the columns' names; empty where nothing is.</param>
    public static TablePlace Find(ReadOnlyMemory<byte> text, FileLayout layout, bool isWholeFile, StatedDefinition stated, IReadOnlyCollection<string> names) =>
        new TableSearch(text, layout, isWholeFile, stated, names).Find();

    private TablePlace Find()
    {
        var separator = TakeSeparatorLine();
        var skipped = CsvSample.SkippedBytes(_text.Span, _layout.SkipLines);
        var rest = _text[skipped..];
        var isCut = rest.Length > MaxBytes;
        var beginning = isCut ? rest[..MaxBytes] : rest;
        var final = _isWholeFile && !isCut;

        var delimiters = _stated.Has("fieldDelimiter") ? [_layout.Delimiter] : DelimiterCandidates.In(beginning.Span, _layout);
        var readings = delimiters.ConvertAll(delimiter => TableReading.Read(beginning, _layout with { Delimiter = delimiter }, final, _layout.SkipLines + 1, _names));
        var table = separator is null ? ChooseTable(readings) : readings.Find(reading => reading.Delimiter == separator && reading.Start >= 0) ?? ChooseTable(readings);
        if (table is not { Start: >= 0 })
        {
            ExplainSingleColumn(beginning, final, readings);
            if (!_stated.Has("fieldDelimiter")) _layout = _layout with { Delimiter = separator ?? DelimiterOfNothing(readings) };
            return Place(RaggedRows.Reject, isFirstRowData: true);
        }

        _layout = _layout with { Delimiter = table.Delimiter };
        if (table.IsBelowBrokenRecord) return Place(RaggedRows.Reject, isFirstRowData: true);
        AskWhereHeaderIsSplitOtherwise(table, readings);
        PlaceHeader(table);
        ExplainDelimiter(table, readings);
        var ragged = JudgeRaggedRows(table);
        var isFirstRowData = !IsFollowedByUnits(table);
        FindFooter(table);
        return Place(ragged, isFirstRowData);
    }

    private TablePlace Place(RaggedRows ragged, bool isFirstRowData) =>
        new(_layout, _stated.Has("raggedRows") ? _stated.Options.RaggedRows : ragged, isFirstRowData, _findings, _questions);

    /// <summary>A first line such as <c>sep=;</c>, which tells spreadsheets the delimiter, is skipped, and the delimiter taken from it.</summary>
    private string? TakeSeparatorLine()
    {
        if (_stated.Has("skipLines")) return null;
        var end = _text.Span.IndexOfAny((byte)'\n', (byte)'\r');
        var line = _text.Span[..(end < 0 ? 0 : Math.Min(end, 16))];
        if (line.Length > 0 && line[0] == '"') line = line[1..].TrimEnd((byte)'"');
        if (line.Length < 4 || !Encoding.ASCII.GetString(line[..4]).Equals("sep=", StringComparison.OrdinalIgnoreCase)) return null;
        var named = Encoding.UTF8.GetString(line[4..]);
        if (named is "\\t") named = "\t";
        // Saved again by a spreadsheet, the line is padded with the delimiter.
        else if (named.Length > 1 && named.AsSpan().ContainsAnyExcept(named[0]) is false && DelimiterCandidates.IsUsual(named[..1])) named = named[..1];
        var isDelimiter = CsvDialect.FindFault(named, _layout.Quote, _layout.Escape) is null;
        _layout = _layout with { SkipLines = 1 };
        _findings.Add(new Finding("table.sep", Column: null, isDelimiter
            ? $"Line 1 is '{ShownText.Cut(Show(line))}', which names the delimiter for spreadsheets: it is skipped (skipLines 1), and {Name(named)} taken as the delimiter."
            : $"Line 1 is '{ShownText.Cut(Show(line))}', which is for spreadsheets: it is skipped (skipLines 1)."));
        return isDelimiter && !_stated.Has("fieldDelimiter") ? named : null;
    }

    /// <summary>The reading that fits best; null where none makes a table.</summary>
    private TableReading? ChooseTable(List<TableReading> readings)
    {
        var tables = readings.FindAll(reading => reading.Start >= 0 && !reading.IsDoubtful
            && (DelimiterCandidates.IsUsual(reading.Delimiter) || _stated.Has("fieldDelimiter") || (reading.HasHeader && reading.Evenness >= 0.8)));
        tables.RemoveAll(reading => tables.Exists(reading.IsPieceOf));
        if (tables.Count == 0) return null;
        var fit = tables.Max(reading => reading.Fit);
        var best = tables.FindAll(reading => reading.Fit == fit);
        if (best.Count > 1) best = Prefer(best, reading => !reading.IsBetweenDigits());
        if (best.Count > 1) best = Prefer(best, reading => !reading.IsBeforeSpaces());
        if (best.Count > 1) best = Prefer(best, reading => reading.Start == best.Min(other => other.Start));
        var chosen = best.MaxBy(reading => reading.Width)!;
        if (best.Find(reading => reading != chosen && reading.Width == chosen.Width) is { } rival) AskForDelimiter(chosen, rival);
        return chosen;
    }

    private static List<TableReading> Prefer(List<TableReading> readings, Predicate<TableReading> isBetter) =>
        readings.FindAll(isBetter) is { Count: > 0 } better ? better : readings;

    private void AskForDelimiter(TableReading chosen, TableReading rival)
    {
        PossibleAnswer[] answers = [Answer(chosen), Answer(rival)];
        _questions.Add(new OpenQuestion(QuestionKind.Delimiter, Column: null,
            $"Two delimiters split this file equally well into {chosen.Width} columns: {Name(chosen.Delimiter)} makes the header {NamesOf(chosen)}, {Name(rival.Delimiter)} makes it {NamesOf(rival)}. "
            + "State which one it is: fieldDelimiter in the mapping, --delimiter on the command line.", answers));

        PossibleAnswer Answer(TableReading reading) => new(
            $"Separated by {Name(reading.Delimiter)}: the header is {NamesOf(reading)}.",
            new JsonObject { ["fieldDelimiter"] = DefinitionMembers.Write("fieldDelimiter", _stated.Options with { Layout = _layout with { Delimiter = reading.Delimiter } }) }, []);
    }

    /// <summary>Asks where one delimiter splits the first line alone, and another one all rows.</summary>
    private void AskWhereHeaderIsSplitOtherwise(TableReading table, List<TableReading> readings)
    {
        if (_stated.Has("fieldDelimiter") || _stated.Has("skipLines") || _stated.Has("header") || table.Start > 0 || table.Evenness >= 0.5) return;
        if (readings.Find(reading => reading is { IsDoubtful: true, Start: 1, Evenness: >= 0.9 } && reading.Records.Count > 2) is not { } rows) return;
        var line = rows.Records[rows.Start].LineNumber;
        _questions.Add(new OpenQuestion(QuestionKind.Delimiter, Column: null,
            $"The first line is split by {Name(table.Delimiter)} ({NamesOf(table)}), but all lines from {line} on by {Name(rows.Delimiter)} ({NamesOf(rows)}). "
            + $"Correct the first line, or state fieldDelimiter {Name(rows.Delimiter)}, skipLines {line - 1} and header false to import the rows without it.",
            [
                new PossibleAnswer($"Separated by {Name(rows.Delimiter)}, without the first line.", Write(rows.Delimiter, _layout with { SkipLines = (int)line - 1, HasHeader = false }), []),
                new PossibleAnswer($"Separated by {Name(table.Delimiter)}: the rows are rejected.", Write(table.Delimiter, _layout), []),
            ]));

        JsonObject Write(string delimiter, FileLayout layout)
        {
            var options = _stated.Options with { Layout = layout with { Delimiter = delimiter } };
            var members = new JsonObject { ["fieldDelimiter"] = DefinitionMembers.Write("fieldDelimiter", options) };
            if (layout.HasHeader) return members;
            members["skipLines"] = DefinitionMembers.Write("skipLines", options);
            members["header"] = DefinitionMembers.Write("header", options);
            return members;
        }
    }

    /// <summary>Skips what is above the header, and says whether there is one.</summary>
    private void PlaceHeader(TableReading table)
    {
        var record = table.Records[table.Start];
        var line = record.LineNumber;
        var above = line - 1;
        if (!_stated.Has("skipLines") && _layout.HasHeader && table.Start > 0 && above <= int.MaxValue)
        {
            var first = _layout.SkipLines + 1;
            _layout = _layout with { SkipLines = (int)above };
            var header = table.HasHeader ? $"The header is line {line}, the first that fits the rows below: {NamesOf(table)}" : $"The table begins with line {line}: {NamesOf(table)}";
            _findings.Add(new Finding("table.title", Column: null,
                $"{(above == first ? $"Line {first} is" : $"Lines {first} to {above} are")} above the table and skipped (skipLines {above}): {TextsAbove(table)}. {header}. If that is wrong, state skipLines."));
        }

        if (_stated.Has("header") || table.HasHeader || !_layout.HasHeader) return;
        _layout = _layout with { HasHeader = false, ColumnCount = _stated.ColumnCount };
        _findings.Add(new Finding("header.none", Column: null,
            $"There seems to be no header: line {line} has what the rows below it have ({NamesOf(table)}). It is read as a row (header false), and the columns are numbered. If it names the columns, state header true."));
    }

    private void ExplainDelimiter(TableReading table, List<TableReading> readings)
    {
        if (table.HasHeader && table.Shapes is { Count: > 0 } && FindDecimalComma(table) is { } decimals)
        {
            _findings.Add(new Finding("delimiter.decimalComma", Column: null, decimals));
            return;
        }

        if (_stated.Has("fieldDelimiter")) return;
        var even = (int)(100 * table.EvennessOfUnbroken);
        if (table.EvennessOfUnbroken < 0.8 && table.Records.Count > 2)
            _findings.Add(new Finding("delimiter.doubtful", Column: null,
                $"The delimiter is doubtful: {Name(table.Delimiter)} splits the header into {table.Width} columns, but only {even} % of the first {Wording.Number(table.Records.Count - table.Start)} records. State fieldDelimiter if it is another one."));
        else if (readings.Find(reading => reading != table && reading is { Start: >= 0, HasHeader: true, IsDoubtful: false } && reading.Start == table.Start && reading.Fit >= table.Fit
            && !reading.IsPieceOf(table) && reading.Width < table.Width && !reading.IsBetweenDigits() && !reading.IsBeforeSpaces()) is { } rival)
            _findings.Add(new Finding("delimiter.doubtful", Column: null,
                $"{Name(table.Delimiter)} is taken as the delimiter, which makes {table.Width} columns of each record; {Name(rival.Delimiter)} would make {rival.Width}. State fieldDelimiter if that is meant."));
    }

    /// <summary>What is to be said where commas within numbers split rows that are separated by commas, too; null where none do.</summary>
    private static string? FindDecimalComma(TableReading table)
    {
        if (table.Delimiter != ",") return null;
        var rows = 0;
        var wide = 0;
        var first = -1;
        for (var record = table.Start + 1; record < table.Records.Count; record++)
        {
            var row = table.Records[record];
            if (row.Fault != RecordFault.None) continue;
            rows++;
            if (row.FieldCount <= table.Width || !HasDigitsOnBothSides(row)) continue;
            wide++;
            if (first < 0) first = record;
        }

        if (wide == 0 || wide * 3 < rows) return null;
        var example = table.Records[first];
        return $"{Wording.Number(wide)} of the first {Wording.Number(rows)} rows have more fields than the header has columns ({table.Width}), and digits on both sides of a comma, as line {example.LineNumber}: "
            + $"'{ShownText.Cut(Show(example.Raw))}'. The comma seems to be the decimal separator as well as the delimiter; such rows are rejected, since no rule can tell the two apart. Export again with another delimiter, or with numbers in quotes.";
    }

    private static bool HasDigitsOnBothSides(BatchRecord row)
    {
        for (var column = 1; column < row.FieldCount; column++)
            if (Cell.KindOf(row[column - 1]) == CellKind.Number && Cell.KindOf(row[column]) == CellKind.Number) return true;
        return false;
    }

    /// <summary>Proposes what makes rows of rows that only lack empty fields at their end, or have some too many.</summary>
    private RaggedRows JudgeRaggedRows(TableReading table)
    {
        var records = table.Records;
        var first = table.Start + (table.HasHeader ? 1 : 0);
        int rows = 0, surplus = 0, missing = 0, misfits = 0;
        for (var record = first; record < records.Count; record++)
        {
            var row = records[record];
            if (row.Fault != RecordFault.None) continue;
            rows++;
            if (row.FieldCount == table.Width) continue;
            if (row.FieldCount > table.Width)
            {
                if (IsEmptyFrom(row, table.Width)) surplus++;
                else misfits++;
            }
            else if (row.FieldCount > 1 && IsLikeRow(row, table.Shapes))
            {
                missing++;
            }
        }

        if (_stated.Has("raggedRows")) return RaggedRows.Reject;
        // A few such rows among many are broken ones; many are how the file is written.
        var isSurplus = surplus > 0 && surplus * 10 >= rows;
        var isMissing = missing > 0 && missing * 10 >= rows && misfits == 0;
        if (isSurplus)
        {
            _findings.Add(new Finding("rows.surplus", Column: null,
                $"{OfRows(surplus, rows)} more fields than the header has columns ({table.Width}), and these are empty: there are delimiters at the end of rows. raggedRows FIT is proposed, by which they are dropped."));
            return RaggedRows.Fit;
        }

        if (!isMissing) return RaggedRows.Reject;
        _findings.Add(new Finding("rows.missing", Column: null,
            $"{OfRows(missing, rows)} fewer fields than the header has columns ({table.Width}): delimiters are missing at the end of rows. raggedRows PAD is proposed, by which what is missing is null."));
        return RaggedRows.Pad;

        static string OfRows(int some, int all) => $"{Wording.Number(some)} of the first {Wording.Number(all)} rows {(some == 1 ? "has" : "have")}";
    }

    private static bool IsEmptyFrom(BatchRecord row, int column)
    {
        for (; column < row.FieldCount; column++)
            if (!row[column].IsEmpty) return false;
        return true;
    }

    private static bool IsLikeRow(BatchRecord row, IReadOnlyList<ColumnShape> shapes)
    {
        for (var column = 0; column < row.FieldCount; column++)
            if (shapes[column].IsTyped && shapes[column].Differs(row[column])) return false;
        return true;
    }

    /// <summary>Whether the line below the header has units or further names rather than values.</summary>
    private bool IsFollowedByUnits(TableReading table)
    {
        var below = table.Start + 1;
        if (!table.HasHeader || !_layout.HasHeader || below + 2 > table.Records.Count) return false;
        var row = table.Records[below];
        if (row.FieldCount != table.Width || row.Fault != RecordFault.None) return false;
        var shapes = ColumnShape.Of(table.Records, below + 1, table.Width);
        var typed = 0;
        var units = 0;
        var isOtherwiseLikeData = false;
        for (var column = 0; column < table.Width; column++)
        {
            var text = row[column];
            var kind = Cell.KindOf(text);
            if (kind is CellKind.Number or CellKind.Date) return false;
            if (kind == CellKind.Empty || RowWords.IsNothing(text)) continue;
            if (RowWords.IsUnit(text)) units++;
            if (shapes[column].IsTyped) typed++;
            else if (!shapes[column].Differs(text) && !RowWords.IsUnit(text)) isOtherwiseLikeData = true;
        }

        if (typed == 0 || (typed < 2 && units == 0 && isOtherwiseLikeData)) return false;
        var line = row.LineNumber;
        _findings.Add(new Finding("header.second", Column: null,
            $"Line {line}, below the header, has units or further names where the rows below have numbers or dates: '{ShownText.Cut(Show(row.Raw))}'. No type was judged by it, and an import rejects it as a row."));
        return true;
    }

    /// <summary>Finds what is below the table: totals, and lines of text.</summary>
    private void FindFooter(TableReading table)
    {
        if (!_isWholeFile || _stated.Has("skipFooterLines")) return;
        var first = table.Start + (table.HasHeader ? 1 : 0);
        if (table.Records.Count - first < 2 || TableFooter.Find(_text, _layout, table) is not { } footer) return;
        _layout = _layout with { SkipFooterLines = footer.Lines };
        _findings.Add(new Finding("footer.total", Column: null,
            $"The file ends with {(footer.Lines == 1 ? "a line that looks" : $"{footer.Lines} lines that look")} like a total or a note rather than like data: '{ShownText.Cut(Show(footer.Text.Span))}'. "
            + $"It is left out (skipFooterLines {footer.Lines}); state 0 where it is data."));
    }

    /// <summary>A delimiter for a file of one column: one that is in none of its values.</summary>
    private string DelimiterOfNothing(List<TableReading> readings)
    {
        if (readings.Find(reading => reading.Delimiter == _layout.Delimiter) is not { SplitsAny: true }) return _layout.Delimiter;
        foreach (var unused in (string[])["\t", ";", "|", "\u001F"])
            if (_text.Span.IndexOf(Encoding.UTF8.GetBytes(unused)) < 0 && CsvDialect.FindFault(unused, _layout.Quote, _layout.Escape) is null) return unused;
        return _layout.Delimiter;
    }

    /// <summary>Says why a file is read as one column although something in it looks like more.</summary>
    private void ExplainSingleColumn(ReadOnlyMemory<byte> text, bool final, List<TableReading> readings)
    {
        if (QuotedRows.Find(text, _layout, final) is { } quoted)
        {
            _findings.Add(new Finding("rows.quoted", Column: null,
                $"Each row is one quoted field: line {quoted.Line} is {ShownText.Cut(Show(quoted.Raw.Span))}, whose text {Name(quoted.Delimiter)} splits into {quoted.Width}. By the rules that is one column. "
                + "To import the columns in it, export the file again with quotes around single fields, or take the quotes around whole lines away and halve the doubled ones."));
            return;
        }

        // The stated delimiter makes no table; others may.
        if (_stated.Has("fieldDelimiter"))
            readings = DelimiterCandidates.In(text.Span, _layout).ConvertAll(delimiter => TableReading.Read(text, _layout with { Delimiter = delimiter }, final, _layout.SkipLines + 1, _names));
        if (readings.Where(reading => reading.Start >= 0 && reading.Evenness >= 0.9 && reading.Records.Count - reading.Start >= 2).MaxBy(reading => reading.Fit) is not { } table) return;
        var line = table.Records[table.Start].LineNumber;
        var how = _stated.Has("fieldDelimiter") ? $"fieldDelimiter {Name(table.Delimiter)}" : $"fieldDelimiter {Name(table.Delimiter)} with skipLines, or with header false";
        _findings.Add(new Finding("delimiter.doubtful", Column: null, _stated.Has("fieldDelimiter")
            ? $"The stated delimiter {Name(_layout.Delimiter)} splits no record, so the file is read as one column; {Name(table.Delimiter)} splits all from line {line} on into {table.Width}. Is {how} meant?"
            : $"The file is read as one column, as its first line says; {Name(table.Delimiter)} splits the records from line {line} on evenly into {table.Width}, but not the line above them. If that is a table, state {how}."));
    }

    private static string NamesOf(TableReading table)
    {
        var record = table.Records[table.Start];
        var names = new List<string>();
        for (var column = 0; column < record.FieldCount; column++) names.Add($"'{ShownText.Fit(Show(record[column]), 40)}'");
        return ShownText.Join(names, ", ", MaxShownNames);
    }

    private static string TextsAbove(TableReading table)
    {
        var texts = new List<string>();
        for (var record = 0; record < table.Start; record++) texts.Add($"'{ShownText.Fit(Show(table.Records[record].Raw), 60)}'");
        return ShownText.Join(texts, ", ", MaxShownNames);
    }

    private static string Show(ReadOnlySpan<byte> text) => Conversion.RejectionReasons.Show(text);

    private static string Name(string delimiter) => delimiter switch
    {
        "\t" => "tab",
        [< ' ' and var control] => $"U+{(int)control:X4}",
        _ => $"'{Show(Encoding.UTF8.GetBytes(delimiter))}'",
    };
}
