using System.Buffers.Text;
using System.Text;
using EntityImport.Rows;

namespace EntityImport.Imports;

/// <summary>What reasons of rejected rows have in common, so that one cure may do for all of them.</summary>
/// <param name="Code">The stable code: <c>number.format</c>.</param>
/// <param name="Field">The entity's field; null where the record as a whole is at fault.</param>
/// <param name="Shape">What the refused values look like, with digits as <c>9</c> and letters as <c>A</c>, or how many fields the records have; null where neither tells causes apart.</param>
public sealed record RejectionCause(string Code, string? Field, string? Shape)
{
    private const int MaxIdCharacters = 2_000;

    /// <summary>The cause as callers hand it back, who read nothing into it.</summary>
    public string Id => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Code}\n{Field}\n{Shape}"));

    /// <summary>The cause of a reason.</summary>
    public static RejectionCause Of(RejectionReason reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new RejectionCause(reason.Code, reason.Field, ShapeOf(reason));
    }

    /// <summary>The cause of an id; null where it is none.</summary>
    public static RejectionCause? Parse(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length > MaxIdCharacters || !Base64Url.IsValid(id)) return null;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(id)).Split('\n');
        return parts.Length == 3 && parts[0].Length > 0 ? new RejectionCause(parts[0], parts[1] is { Length: > 0 } field ? field : null, parts[2] is { Length: > 0 } shape ? shape : null) : null;
    }

    /// <summary>Codes of which the values' shapes say nothing: they would fit if there were less of them, or if other records were not there.</summary>
    private static string? ShapeOf(RejectionReason reason)
    {
        if (reason.Code == FaultCode.RecordFields.Name()) return CountIn(reason.Message);
        if (reason.Field is null || string.IsNullOrEmpty(reason.Value) || reason.Code.StartsWith("key.", StringComparison.Ordinal) || reason.Code == FaultCode.StringLength.Name()) return null;
        return ValueShape.Of(reason.Value);
    }

    /// <summary>How many fields a record has: the first number of its reason.</summary>
    private static string CountIn(string message) => new([.. message.SkipWhile(character => !char.IsAsciiDigit(character)).TakeWhile(char.IsAsciiDigit)]);
}
