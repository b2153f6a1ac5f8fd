using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace EntityImport.Server.Http;

/// <summary>Reads query parameters; each fault is a <see cref="RequestException"/> that names the parameter.</summary>
internal static class Parameters
{
    /// <summary>How many items a page has.</summary>
    public static int Limit(HttpRequest request, int max, int absent)
    {
        if (One(request, "limit") is not { } text) return absent;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max) return limit;
        throw Refusal.Parameter("limit", string.Create(CultureInfo.InvariantCulture, $"Expected a whole number from 1 to {max}, not '{Refusal.Cut(text)}'."));
    }

    /// <summary>A whole number from 0 on; null where it is absent.</summary>
    public static long? Number(HttpRequest request, string name) => One(request, name) switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        var text => throw Refusal.Parameter(name, $"Expected a whole number from 0 on, not '{Refusal.Cut(text)}'."),
    };

    /// <summary>The page of a list, and the cursor of the next one; null where there is none.</summary>
    /// <param name="found">What was found: one more than fit on the page, where there are.</param>
    /// <param name="limit">How many fit.</param>
    /// <param name="cursor">The cursor of what comes behind an item.</param>
    public static (IEnumerable<T> Items, string? Next) Page<T>(IReadOnlyList<T> found, int limit, Func<T, string> cursor) =>
        (found.Take(limit), found.Count > limit ? cursor(found[limit - 1]) : null);

    /// <summary>A choice, off where it is absent unless stated otherwise.</summary>
    public static bool Flag(HttpRequest request, string name, bool absent = false) => One(request, name) switch
    {
        null => absent,
        var text when bool.TryParse(text, out var flag) => flag,
        var text => throw Refusal.Parameter(name, $"Expected true or false, not '{Refusal.Cut(text)}'."),
    };

    /// <summary>A time, with UTC where it states no offset, or a day; null where it is absent.</summary>
    public static DateTimeOffset? Time(HttpRequest request, string name) => Parameters.One(request, name) switch
    {
        null => null,
        var text when DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFK", "yyyy-MM-dd"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        var text => throw Refusal.Parameter(name, $"Expected a time like 2026-01-31T10:20:30Z, not '{Refusal.Cut(text)}'."),
    };

    /// <summary>The parameter, or null where it is absent or empty.</summary>
    public static string? One(HttpRequest request, string name)
    {
        var values = request.Query[name];
        if (values.Count > 1) throw Refusal.Parameter(name, "It is given more than once.");
        if (string.IsNullOrEmpty(values)) return null;
        var text = values.ToString();
        // The databases take none: one refuses it, the other reads only what stands before it.
        return text.Contains('\0', StringComparison.Ordinal) ? throw Refusal.Parameter(name, "It has the character U+0000, which no name and no text has.") : text;
    }

    /// <summary>A place in a list as callers see it: they hand it back and read nothing into it.</summary>
    public static string Cursor(long place) => WebEncoders.Base64UrlEncode(Encoding.ASCII.GetBytes(place.ToString(CultureInfo.InvariantCulture)));

    /// <inheritdoc cref="Cursor(long)"/>
    public static string Cursor(Guid place) => WebEncoders.Base64UrlEncode(place.ToByteArray());

    /// <summary>The place that a cursor stands for; null where there is no cursor.</summary>
    public static long? Place(HttpRequest request) => Place<long>(
        request, bytes => long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : null);

    /// <summary>The place that a cursor stands for, where it is an id; null where there is no cursor.</summary>
    public static Guid? PlaceOfId(HttpRequest request) => Place<Guid>(request, bytes => bytes.Length == 16 ? new Guid(bytes) : null);

    /// <summary>The place that a cursor stands for, where a list has places of its own; null where there is no cursor.</summary>
    /// <param name="request">The request.</param>
    /// <param name="read">Reads it; null where the cursor is none that the list returned.</param>
    public static T? Place<T>(HttpRequest request, Func<byte[], T?> read) where T : class
    {
        T? place = null;
        Place<bool>(request, bytes => (place = read(bytes)) is null ? null : true);
        return place;
    }

    /// <summary>An id; null where it is absent.</summary>
    public static Guid? Id(HttpRequest request, string name) => One(request, name) switch
    {
        null => null,
        var text when Guid.TryParseExact(text, "D", out var id) => id,
        var text => throw Refusal.Parameter(name, $"Expected an id, not '{Refusal.Cut(text)}'."),
    };

    private static T? Place<T>(HttpRequest request, Func<byte[], T?> read) where T : struct
    {
        if (One(request, "cursor") is not { } cursor) return null;
        try
        {
            if (read(WebEncoders.Base64UrlDecode(cursor)) is { } place) return place;
        }
        catch (FormatException)
        {
            // Not what was handed out: refused below.
        }

        throw Refusal.Parameter("cursor", "It is none that this list returned.");
    }
}
