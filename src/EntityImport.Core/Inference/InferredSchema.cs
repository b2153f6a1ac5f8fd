using EntityImport.Conversion.Ambiguity;
using EntityImport.Entities;

namespace EntityImport.Inference;

/// <summary>A proposed entity and mapping, and what they were judged on. The import accepts every value of the sample's readable records as it says.</summary>
public sealed record InferredSchema
{
    /// <summary>The proposed entity, or the one that the request named.</summary>
    public required EntityDefinition Entity { get; init; }

    /// <summary>The entity as the JSON that declares it.</summary>
    public string EntityDocument => EntityProposal.Write(Entity).ToJsonString();

    /// <summary>The mapping as JSON: <c>entitySystemName</c> and <c>definition</c>. What the request's definition stated is in it unchanged.</summary>
    public required string MappingDocument { get; init; }

    /// <summary>The sample's columns, in file order.</summary>
    public required IReadOnlyList<ColumnJudgement> Columns { get; init; }

    /// <summary>The SHA-256 of the names of the sample's columns, as mappings remember it of the file that they were used for last (<see cref="Catalog.MappingUse"/>).</summary>
    public required string HeaderSha256 { get; init; }

    /// <summary>Columns of the sample that another reading fits, too, in file order.</summary>
    public required IReadOnlyList<ImportWarning> Warnings { get; init; }

    /// <summary>What was found in the file beside its columns' types.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>What the sample leaves open. As long as there is anything, the mapping is a guess that must not be imported by.</summary>
    public IReadOnlyList<OpenQuestion> Questions { get; init; } = [];

    /// <summary>Whether the key is a guess from the sample rather than the request's or the entity's.</summary>
    public required bool KeyIsProposed { get; init; }

    /// <summary>How the sample is written.</summary>
    public required SampleFormat Format { get; init; }
}

/// <summary>How a sample is written, and how much of it could be read.</summary>
/// <param name="Encoding">The IANA name of its encoding.</param>
/// <param name="Delimiter">What separates its fields.</param>
/// <param name="Records">Records that were read, the header not included.</param>
/// <param name="UnreadableRecords">Those of them that cannot be split into the header's columns. They were not judged, and the import rejects them.</param>
/// <param name="IsWholeFile">Whether the sample is all of the file.</param>
public sealed record SampleFormat(string Encoding, string Delimiter, long Records, long UnreadableRecords, bool IsWholeFile);

/// <summary>What a column was judged on.</summary>
public sealed record ColumnJudgement
{
    /// <summary>The column's name in the file.</summary>
    public required string CsvColumnName { get; init; }

    /// <summary>The field that it goes into; null where it is not imported.</summary>
    public required FieldDefinition? Field { get; init; }

    /// <summary>Records that were looked at.</summary>
    public required long Rows { get; init; }

    /// <summary>Those of them in which it is null.</summary>
    public required long Empty { get; init; }

    /// <summary>The first different values, at most three, each cut at 80 characters.</summary>
    public required IReadOnlyList<string> Examples { get; init; }

    /// <summary>Unicode code points of the longest value.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Why the type and format were chosen, in one or more sentences.</summary>
    public required string Why { get; init; }

    /// <summary>Values that the field does not accept as the mapping reads them.</summary>
    public long Refused { get; init; }

    /// <summary>For a column that is proposed as text: what notably many of its values would be, which others are not; null where there is no such type.</summary>
    public DataType? Mostly { get; init; }

    /// <summary>Why the column goes into that field of an entity that exists; null where it goes into none, or the entity is proposed.</summary>
    public ColumnMatch? Match { get; init; }
}

/// <summary>Why a column goes into a field of an entity that exists.</summary>
/// <param name="Kind">What its name and the field's have in common.</param>
/// <param name="Confidence">How sure that is, from 0 to 1.</param>
/// <param name="Why">That as a sentence.</param>
/// <param name="Alternatives">System names of other fields that its name fits, too, the likeliest first.</param>
public sealed record ColumnMatch(MatchKind Kind, double Confidence, string Why, IReadOnlyList<string> Alternatives);

/// <summary>What the names of a column and of the field that it goes into have in common, the surest first.</summary>
public enum MatchKind
{
    /// <summary>The definition states it.</summary>
    Stated,

    /// <summary>They are the same.</summary>
    Exact,

    /// <summary>They are the same but for upper and lower case.</summary>
    IgnoringCase,

    /// <summary>The column is named as the field is shown to people.</summary>
    DisplayName,

    /// <summary>They have the same letters and digits, but for separators and accents.</summary>
    Alike,

    /// <summary>The file names no columns: only their order says it.</summary>
    Place,
}
