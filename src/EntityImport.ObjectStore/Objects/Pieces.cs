using System.Globalization;

namespace EntityImport.ObjectStore.Objects;

/// <summary>
/// A file that comes piece by piece, as an object for each piece. Their keys say which bytes they have, and are never used twice: of two who send the same bytes neither takes anything from the other.
/// </summary>
internal static class Pieces
{
    private const string Folder = ".pieces/";

    /// <summary>What the keys of a file's pieces begin with.</summary>
    public static string PrefixOf(string key) => key + Folder;

    /// <summary>A new key for a piece of a file.</summary>
    public static string NewKey(string key, long start, long end) => string.Create(CultureInfo.InvariantCulture, $"{PrefixOf(key)}{start:D20}-{end:D20}.{Guid.NewGuid():N}");

    /// <summary>Stretches that make a file from its beginning as far as that goes, whatever of it was sent twice.</summary>
    public static IReadOnlyList<Stretch> Join(IEnumerable<ListedObject> pieces)
    {
        var joined = new List<Stretch>();
        var end = 0L;
        var best = (Key: "", Start: 0L, End: 0L);
        foreach (var piece in pieces.Select(Read).Where(piece => piece.Key.Length > 0).OrderBy(piece => piece.Start))
        {
            if (piece.Start > end)
            {
                Take();
                if (piece.Start > end) break;
            }

            if (piece.End > Math.Max(end, best.End)) best = piece;
        }

        Take();
        return joined;

        void Take()
        {
            if (best.End <= end) return;
            joined.Add(new Stretch(best.Key, Tag: null, end, end - best.Start, best.End - end));
            end = best.End;
        }
    }

    private static (string Key, long Start, long End) Read(ListedObject piece)
    {
        var name = piece.Key[(piece.Key.LastIndexOf('/') + 1)..];
        return name is { Length: > 41 } && name[20] == '-'
            && long.TryParse(name.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            && long.TryParse(name.AsSpan(21, 20), NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            && end - start == piece.Length
                ? (piece.Key, start, end)
                : (Key: "", 0L, 0L);
    }
}

/// <summary>Bytes of a file that are in one object.</summary>
/// <param name="Key">The object.</param>
/// <param name="Tag">Its tag; null where it never changes.</param>
/// <param name="Start">Where in the file they begin.</param>
/// <param name="Skip">How many bytes of the object come before them.</param>
/// <param name="Length">How many they are.</param>
internal readonly record struct Stretch(string Key, string? Tag, long Start, long Skip, long Length);
