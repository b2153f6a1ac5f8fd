using System.Globalization;
using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;
using EntityImport.Guards;
using EntityImport.Inputs;
using EntityImport.Mappings;
using EntityImport.Rows;

namespace EntityImport.Inference;

/// <summary>
/// Proposes an entity and a mapping for a CSV file from a sample of it. What is proposed is what the import accepts: in the end the sample is
/// converted by the import's own converters, and a column of which they refuse a value becomes text.
/// </summary>
/// <remarks>
/// The sample is read three times at most, and what is kept of a column does not grow with it, but for the hashes of the values of possible
/// keys. Nothing is proposed that would lose part of a value: digits with leading zeros, phone numbers and long codes stay text.
/// </remarks>
public static class SchemaInference
{
    private const int YearsBack = 80;

    /// <summary>Infers a schema.</summary>
    /// <param name="request">What to infer it from.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">The sample is empty or has no readable header, or what was stated has faults.</exception>
    public static InferredSchema Infer(InferenceRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var stated = StatedDefinition.Read(request.Definition, request.Limits);
        var options = stated.Options;
        var text = SampleText.Read(request.Sample, request.IsWholeFile, options.Encoding, stated.Has("encoding"), request.UsualEncoding);
        var layout = options.Layout with { HasHeader = stated.HasHeader, ColumnCount = stated.ColumnCount };
        var table = TableSearch.Find(text.Utf8, layout, request.IsWholeFile, stated, KnownNames(request, stated));
        layout = table.Layout;
        var findsEscape = !stated.Has("escapeCharacter") && !stated.Has("quoteCharacter") && EscapeGuess.IsBackslash(text.Utf8, layout, request.IsWholeFile);
        if (findsEscape) table = table with { Layout = layout = layout with { Escape = '\\' }, Findings = [.. table.Findings, new Finding("escape.backslash", Column: null, "Quotes and line ends inside quotes are escaped by a backslash, as MySQL and MariaDB write them (escapeCharacter \\).")] };
        var lines = stated.Has("multilineFields") ? null : LineQuestion.Find(text.Utf8, layout, request.IsWholeFile);
        var sample = new CsvSample(text.Utf8, text.Encoding, layout, request.IsWholeFile, table.RaggedRows, table.IsFirstRowData);
        CheckWidth(request, stated, sample.Columns.Count);

        var defaults = options.CreateValueFormat(request.Today.AddYears(-YearsBack));
        var separators = FormatChoice.PossibleSeparators(stated, defaults, request.SeparatorsAreKnown);
        var profiles = Profile(sample, stated, defaults, separators, cancellationToken);
        var format = FormatChoice.Choose(profiles, separators, layout.Delimiter, stated, defaults);
        var judge = new ColumnJudge(format, stated, request.IsWholeFile);
        var columns = new ColumnBinder(request, stated, judge, layout.HasHeader).Bind(profiles);
        var sampleFormat = new SampleFormat(text.Encoding, layout.Delimiter, 0, 0, request.IsWholeFile);

        var keys = request.Entity is null && request.Key.Count == 0 ? KeyChoice.Candidates(columns) : [];
        var check = Check(Propose());
        columns = columns.ConvertAll(column => Correct(column, check));
        columns = columns.ConvertAll(column => Warn(column, check, judge));
        var asksForKey = request.Entity is null && request.Key.Count == 0 && check.Records > 0;
        var key = asksForKey ? KeyChoice.Among(keys, check, request.EntitySystemName) : new KeyChoice(null, null, []);
        if (key.Column is { } chosen) columns[chosen.Index] = ProposeKey(columns[chosen.Index], request.IsWholeFile);

        var nullWords = MappingProposal.NullWords(columns, stated);
        return new InferredSchema
        {
            Entity = request.Entity ?? CreateEntity(),
            MappingDocument = Validate(Propose()),
            KeyIsProposed = key.Column is not null,
            HeaderSha256 = FileHeader.Of(sample.Columns.SkipLast(ErrorFileColumns.CountIn(sample.Columns))).Sha256,
            Format = sampleFormat with { Records = check.Records, UnreadableRecords = check.UnreadableRecords },
            Columns = columns.ConvertAll(column => Describe(column, nullWords, check.Find(column.Index)?.Refused.Count ?? 0)),
            Warnings = [.. columns.Select(column => column.Warning).OfType<ImportWarning>()],
            Findings = [.. new[] { text.Finding }.OfType<Finding>(), .. table.Findings, .. DateFindings.Find(columns), .. DamagedCodes(columns, judge), .. NullWordsRead(columns, nullWords), .. key.Findings],
            Questions = [.. new[] { text.Question }.OfType<OpenQuestion>(), .. table.Questions, .. new[] { lines }.OfType<OpenQuestion>(), .. ReadingQuestions.Of(columns, format, judge), .. new[] { key.Question }.OfType<OpenQuestion>()],
        };

        string Propose() => MappingProposal.Write(
            request.Entity?.SystemName ?? request.EntitySystemName, columns, stated, defaults, format, table, sampleFormat, text.IsGuessed).ToJsonString();

        EntityDefinition CreateEntity() => new()
        {
            SystemName = request.EntitySystemName,
            DisplayName = request.EntityDisplayName,
            Fields = [.. columns.Where(column => column.Field is not null).Select(column => column.Field!), .. FilledFields(stated)],
        };

        string Validate(string document)
        {
            ImportDefinitionReader.Read(document, request.Entity ?? CreateEntity());
            return document;
        }

        ProposalCheck Check(string document)
        {
            var definition = ImportDefinitionReader.Read(document, request.Entity ?? CreateEntity());
            var values = definition.CreateValueFormat(defaults.TwoDigitYearStart);
            var mappings = definition.Fields.ToDictionary(field => field.SystemName, StringComparer.Ordinal);
            var mapped = columns.Where(column => column.Field is not null).Select(column =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                var mapping = mappings[column.Field!.SystemName];
                var converter = FieldConverters.Create(column.Field!, values, mapping.Format, rules: mapping.Texts);
                return new CheckedColumn(column.Index, converter, keys.Contains(column) ? new KeyEvidence() : null, SampleAmbiguity.TryCreate(column, values, mapping));
            });
            return ProposalCheck.Run(sample, [.. mapped], definition.EmptyRows == EmptyRows.Skip, cancellationToken);
        }
    }

    /// <summary>The names that the caller has of columns, by which a header is known.</summary>
    private static List<string> KnownNames(InferenceRequest request, StatedDefinition stated) =>
        stated.Fields.Count > 0 ? [.. stated.Fields.Select(field => field.CsvColumnName).OfType<string>()]
        : [.. (request.Entity?.Fields ?? []).SelectMany(field => new[] { field.SystemName, field.DisplayName }).OfType<string>(), .. request.Key];

    /// <summary>What no entity could hold is not proposed, and takes no work.</summary>
    private static void CheckWidth(InferenceRequest request, StatedDefinition stated, int columns)
    {
        if (stated.Fields.Count > EntityReader.MaxFields)
            throw RequestException.Invalid([new RequestFault("definition.fields", string.Create(CultureInfo.InvariantCulture, $"An entity has at most {EntityReader.MaxFields} fields."))]);
        if (request.Entity is null && stated.Fields.Count == 0 && columns > EntityReader.MaxFields)
            throw CsvSample.Fault(string.Create(CultureInfo.InvariantCulture, $"The sample has {columns} columns, but an entity has at most {EntityReader.MaxFields} fields. State in the definition's fields which columns are to be imported."));
    }

    private static List<ColumnProfile> Profile(
        CsvSample sample, StatedDefinition stated, ValueFormat format, NumberSeparators[] separators, CancellationToken cancellationToken)
    {
        var symbols = new NumberSymbols(format.PercentSymbol, format.CurrencySymbol);
        var profiles = sample.Columns.Select(name => new ColumnProfile(
            name, Nulls(name), new NumberEvidence(separators, symbols), new DateEvidence(format, StatedPatterns(name)))).ToList();
        var readable = new List<int>(RecordBatch.Capacity);
        foreach (var batch in sample.ReadBatches(cancellationToken))
        {
            readable.Clear();
            for (var record = 0; record < batch.Count; record++)
                if (sample.IsReadable(batch, record)) readable.Add(record);
            for (var column = 0; column < profiles.Count; column++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var texts = new ColumnText(batch, column);
                foreach (var record in readable) profiles[column].Add(texts[record], new RecordPlace(batch, record));
            }
        }

        return profiles;

        NullRule Nulls(string column) => new(stated.Fields.FirstOrDefault(field => field.CsvColumnName == column)?.NullValues is { } own ? [.. own] : format.NullValues);

        List<GuessedPattern> StatedPatterns(string column)
        {
            var patterns = new List<GuessedPattern>();
            if (stated.Fields.FirstOrDefault(field => field.CsvColumnName == column)?.Format is { } own)
                return Stated(own);
            if (stated.Has("dateFormat")) patterns.Add(new GuessedPattern(format.DateFormat, IsDateTime: false));
            if (stated.Has("dateTimeFormat")) patterns.Add(new GuessedPattern(format.DateTimeFormat, IsDateTime: true));
            return patterns;
        }

        // What has a name may be either; a date is what loses nothing as one.
        static List<GuessedPattern> Stated(DateFormats own) =>
            own.Any(DateFormatSet.IsNamed) ? [new GuessedPattern(own, IsDateTime: false), new GuessedPattern(own, IsDateTime: true)]
            : [new GuessedPattern(own, IsDateTime: own.Any(format => format.Any(letter => letter is 'H' or 'h' or 'K' or 'k' or 'm' or 's')))];
    }

    /// <summary>Numbers that a spreadsheet has shortened, where they are codes or the entity counts with them.</summary>
    private static IEnumerable<Finding> DamagedCodes(IEnumerable<ProposedColumn> columns, ColumnJudge judge)
    {
        foreach (var column in columns)
        {
            if (column.Profile.Numbers.Shortened is not { Count: > 0 } shortened || column.Field is null) continue;
            var isCode = judge.IsDamagedCode(column.Profile) || column.Field.DataType == DataType.Integer;
            if (!isCode && column.Field.DataType != DataType.Double) continue;
            var found = $"Column '{RejectionReasons.Show(column.Profile.Name)}': {Wording.Some(shortened, column.Profile.Values, column.Profile.Values, "written with an exponent")}";
            yield return new Finding("code.damaged", column.Profile.Name, isCode
                ? $"{found} A spreadsheet shows long codes so, and saves what it shows: their last digits are gone, and this file cannot bring them back. Export it again, with the column formatted as text."
                : $"{found} Where they are codes, a spreadsheet has cut off their last digits; export the file again then, with the column formatted as text.");
        }
    }

    /// <summary>Words that are read as null: whoever means them is to see it.</summary>
    private static IEnumerable<Finding> NullWordsRead(IEnumerable<ProposedColumn> columns, List<string> nullWords)
    {
        foreach (var column in columns.Where(column => column.Field is { DataType: not DataType.String }))
        {
            var words = NullWordsOf(column, nullWords)[true].ToList();
            if (words.Count == 0) continue;
            yield return new Finding("null.words", column.Profile.Name,
                $"Column '{RejectionReasons.Show(column.Profile.Name)}': {string.Join(", ", words)} read as null among values that are {EntityReader.Name(column.Field!.DataType)} (nullValues).");
        }
    }

    /// <summary>A column of which the import would refuse a value becomes text, or says so where its type is given.</summary>
    private static ProposedColumn Correct(ProposedColumn column, ProposalCheck check)
    {
        if (check.Find(column.Index) is not { Refused.Count: > 0 } refusing) return column;
        var values = check.Records - check.UnreadableRecords - check.SkippedRecords - column.Profile.Empty;
        if (column.Field!.PrimaryKey || column.Field.DataType == DataType.String || column.IsGiven)
        {
            var refused = Wording.Some(refusing.Refused, values, values, $"not accepted by {column.Field.SystemName}");
            return column with { Why = $"{column.Why} {refused}" };
        }

        var field = new FieldDefinition
        {
            SystemName = column.Field.SystemName,
            DisplayName = column.Field.DisplayName,
            DataType = DataType.String,
        };
        return column with
        {
            Field = field,
            Pattern = null,
            Why = Wording.Some(refusing.Refused, values, values, $"not read as {EntityReader.Name(column.Field.DataType)}"),
        };
    }

    /// <summary>A column that another reading fits, too, says so.</summary>
    private static ProposedColumn Warn(ProposedColumn column, ProposalCheck check, ColumnJudge judge)
    {
        if (column.Field is null or { DataType: DataType.String }) return column;
        if (check.Find(column.Index)!.Ambiguity is not { } ambiguity || ambiguity.Describe(column.Profile.Name) is not { } warning) return column;
        var why = $"{column.Why} This is ambiguous: {AmbiguityWording.ReadsAllToo(warning.OtherReading!)}; chosen {judge.ExplainReading(column)}.";
        return column with { Why = why, Warning = warning, TwoReadings = ambiguity.Examples };
    }

    private static ProposedColumn ProposeKey(ProposedColumn column, bool isWholeFile) => column with
    {
        Field = column.Field! with { PrimaryKey = true, Required = true },
        Why = column.Why + (isWholeFile
            ? " Proposed as the key: all values are there, and each occurs once."
            : " Proposed as the key: in the sample all values are there, and each occurs once."),
    };

    private static IEnumerable<FieldDefinition> FilledFields(StatedDefinition stated) =>
        from field in stated.Fields
        where field is { HasNoColumn: true, SystemName: not null }
        select new FieldDefinition { SystemName = field.SystemName!, DataType = DataType.String };

    private static ColumnJudgement Describe(ProposedColumn column, List<string> nullWords, long refused) => new()
    {
        CsvColumnName = column.Profile.Name,
        Field = column.Field,
        Rows = column.Profile.Rows,
        Empty = column.Profile.Empty,
        Examples = column.Profile.Examples,
        MaxLength = column.Profile.MaxLength,
        Why = column.Why + DescribeNullWords(column, nullWords),
        // A column that was to be of another type takes every value as the text that it has become.
        Refused = column.IsGiven || column.Field is { PrimaryKey: true } ? refused : 0,
        Mostly = column.Mostly,
        Match = column.Match,
    };

    private static string DescribeNullWords(ProposedColumn column, List<string> nullWords)
    {
        if (column.Field is null) return "";
        var found = NullWordsOf(column, nullWords);
        var read = found[true].Any() ? $" {string.Join(", ", found[true])} read as null." : "";
        var kept = found[false].Any() && column.Profile.Values > 0 ? $" {string.Join(", ", found[false])} kept as text." : "";
        return read + kept;
    }

    /// <summary>The words of a column that may mean null, each with how often it stands there: those that are read so, and those that stay text.</summary>
    private static ILookup<bool, string> NullWordsOf(ProposedColumn column, List<string> nullWords)
    {
        var isNull = nullWords.Concat(MappingProposal.OwnNullWords(column)).ToHashSet(StringComparer.Ordinal);
        return column.Profile.NullWordsFound.ToLookup(word => isNull.Contains(word.Word), word => $"{Wording.Number(word.Count)} × '{word.Word}'");
    }
}
