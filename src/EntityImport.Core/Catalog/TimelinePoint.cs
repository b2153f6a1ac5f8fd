using System.Text.Json.Serialization;

namespace EntityImport.Catalog;

/// <summary>How far an import was at a moment. Its members have short names where they are stored, since there are up to a hundred of them.</summary>
/// <param name="Milliseconds">The moment, from when the attempt began.</param>
/// <param name="Phase">What it was doing from then on.</param>
/// <param name="Records">Records read until then.</param>
/// <param name="Bytes">Bytes of the file read until then.</param>
/// <param name="Rejected">Rows rejected until then.</param>
public sealed record TimelinePoint(
    [property: JsonPropertyName("t")] long Milliseconds,
    [property: JsonPropertyName("p")] ImportPhase Phase,
    [property: JsonPropertyName("r")] long Records,
    [property: JsonPropertyName("b")] long Bytes,
    [property: JsonPropertyName("x")] long Rejected);
