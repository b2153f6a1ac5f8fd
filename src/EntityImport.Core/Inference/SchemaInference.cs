using System.Globalization;
using EntityImport.Conversion;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Conversion.Dates;
using EntityImport.Entities;
using EntityImport.Mappings;

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
    /// <summary>The most columns of which it is found out whether they identify a record.</summary>
    private const int MaxKeyCandidates = 3;

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
        if (!stated.Has("fieldDelimiter")) layout = layout with { Delimiter = DelimiterGuess.From(text.Utf8, layout, request.IsWholeFile) };
        var sample = new CsvSample(text.Utf8, text.Encoding, layout, request.IsWholeFile, options.RaggedRows);
        CheckWidth(request, stated, sample.Columns.Count);

        var defaults = options.CreateValueFormat(request.Today.AddYears(-YearsBack));
        var separators = FormatChoice.PossibleSeparators(stated, defaults);
        var profiles = Profile(sample, stated, defaults, separators, cancellationToken);
        var format = FormatChoice.Choose(profiles, separators, stated, defaults);
        var judge = new ColumnJudge(format, request.IsWholeFile);
        var columns = new ColumnBinder(request, stated, judge).Bind(profiles);
        var sampleFormat = new SampleFormat(text.Encoding, layout.Delimiter, 0, 0, request.IsWholeFile);

        var keys = request.Entity is null && request.Key.Count == 0 ? KeyCandidates(columns) : [];
        var check = Check(Propose());
        columns = columns.ConvertAll(column => Correct(column, check));
        columns = columns.ConvertAll(column => Warn(column, check, judge));
        var key = keys.FirstOrDefault(column => check.Find(column.Index) is { MayBeKey: true });
        if (key is not null) columns[key.Index] = ProposeKey(columns[key.Index], request.IsWholeFile);

        var nullWords = MappingProposal.NullWords(columns, stated);
        return new InferredSchema
        {
            Entity = request.Entity ?? CreateEntity(),
            MappingDocument = Validate(Propose()),
            KeyIsProposed = key is not null,
            Format = sampleFormat with { Records = check.Records, UnreadableRecords = check.UnreadableRecords },
            Columns = columns.ConvertAll(column => Describe(column, nullWords)),
            Questions = [.. new[] { text.Question }.OfType<OpenQuestion>()],
            Warnings = [.. columns.Select(column => column.Warning).OfType<ImportWarning>()],
            Findings = [.. new[] { text.Finding }.OfType<Finding>(), .. DateFindings.Find(columns)],
        };

        string Propose() => MappingProposal.Write(
            request.Entity?.SystemName ?? request.EntitySystemName, columns, stated, defaults, format, sampleFormat, text.IsGuessed).ToJsonString();

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
                var pattern = mapping.Format;
                var converter = FieldConverters.Create(column.Field!, values, pattern, rules: mapping.Texts);
                return new CheckedColumn(column.Index, converter, keys.Contains(column), SampleAmbiguity.TryCreate(column, values, pattern));
            });
            return ProposalCheck.Run(sample, [.. mapped], cancellationToken);
        }
    }

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
        var nulls = new NullRule(format.NullValues);
        var symbols = new NumberSymbols(format.PercentSymbol, format.CurrencySymbol);
        var profiles = sample.Columns.Select(name => new ColumnProfile(
            name, nulls, new NumberEvidence(separators, symbols), new DateEvidence(format, StatedPatterns(name)))).ToList();
        foreach (var batch in sample.ReadBatches(cancellationToken))
        {
            for (var record = 0; record < batch.Count; record++)
            {
                if (!sample.IsReadable(batch, record)) continue;
                for (var column = 0; column < profiles.Count; column++) profiles[column].Add(batch.Text(record, column));
            }
        }

        return profiles;

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

    private static List<ProposedColumn> KeyCandidates(List<ProposedColumn> columns) =>
    [
        .. columns.Where(column => column.Field is { DataType: DataType.String or DataType.Integer or DataType.Date or DataType.DateTime }
            && column.Profile.Rows > 0 && (column.Index == 0 || ColumnNames.IsIdentifier(column.Profile.Name))).Take(MaxKeyCandidates),
    ];

    /// <summary>A column of which the import would refuse a value becomes text, or says so where its type is given.</summary>
    private static ProposedColumn Correct(ProposedColumn column, ProposalCheck check)
    {
        if (check.Find(column.Index) is not { Refused: > 0 } refusing) return column;
        var values = check.Records - check.UnreadableRecords;
        if (column.Field!.PrimaryKey || column.Field.DataType == DataType.String || column.IsGiven)
        {
            var refused = Wording.Misses(refusing.Refused, values, $"not accepted by {column.Field.SystemName}", refusing.FirstRefused);
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
            Why = Wording.Misses(refusing.Refused, values, $"not read as {EntityReader.Name(column.Field.DataType)}", refusing.FirstRefused),
        };
    }

    /// <summary>A column that another reading fits, too, says so.</summary>
    private static ProposedColumn Warn(ProposedColumn column, ProposalCheck check, ColumnJudge judge)
    {
        if (column.Field is null or { DataType: DataType.String }) return column;
        if (check.Find(column.Index)!.Ambiguity?.Describe(column.Profile.Name) is not { } warning) return column;
        var why = $"{column.Why} This is ambiguous: {AmbiguityWording.ReadsAllToo(warning.OtherReading!)}; chosen {judge.ExplainReading(column)}.";
        return column with { Why = why, Warning = warning };
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

    private static ColumnJudgement Describe(ProposedColumn column, List<string> nullWords) => new()
    {
        CsvColumnName = column.Profile.Name,
        Field = column.Field,
        Rows = column.Profile.Rows,
        Empty = column.Profile.Empty,
        Examples = column.Profile.Examples,
        MaxLength = column.Profile.MaxLength,
        Why = column.Why + DescribeNullWords(column, nullWords),
    };

    private static string DescribeNullWords(ProposedColumn column, List<string> nullWords)
    {
        if (column.Field is null) return "";
        var found = column.Profile.NullWordsFound.ToLookup(word => nullWords.Contains(word.Word), word => $"{Wording.Number(word.Count)} × '{word.Word}'");
        var read = found[true].Any() ? $" {string.Join(", ", found[true])} read as null." : "";
        var kept = found[false].Any() && column.Profile.Values > 0 ? $" {string.Join(", ", found[false])} kept as text." : "";
        return read + kept;
    }
}
