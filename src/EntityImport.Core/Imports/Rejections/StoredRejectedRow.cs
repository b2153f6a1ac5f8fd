using System.Text.Json;
using System.Text.Json.Serialization;
using EntityImport.Inputs;

namespace EntityImport.Imports.Rejections;

/// <summary>One row of a rejected-rows file.</summary>
/// <param name="Row">The row, from 1.</param>
/// <param name="Line">The physical line on which it begins, from 1.</param>
/// <param name="Reasons">Why.</param>
/// <param name="Text">Its text in UTF-8: exactly the input's columns, or, where it has none, all of it.</param>
/// <param name="HasColumns">Whether the text has the input's columns.</param>
internal sealed record StoredRejectedRow(long Row, long Line, IReadOnlyList<RejectionReason> Reasons, byte[] Text, bool HasColumns);

/// <summary>How the objects of a rejected-rows file are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ErrorFileFormat))]
[JsonSerializable(typeof(ReasonKind))]
[JsonSerializable(typeof(StoredRejectedRow))]
internal sealed partial class RejectedRowsJson : JsonSerializerContext;
