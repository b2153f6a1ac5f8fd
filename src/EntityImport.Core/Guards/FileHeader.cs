using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EntityImport.Guards;

/// <summary>The columns of a file as later files are compared with them.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Sha256">The SHA-256 of all names in their order, in lower-case hexadecimal.</param>
/// <param name="Columns">The first names, at most <see cref="MostColumns"/>, each cut as in messages.</param>
public sealed record FileHeader(int Count, string Sha256, IReadOnlyList<string> Columns)
{
    /// <summary>The most names that are kept, so that messages can say which ones are others.</summary>
    public const int MostColumns = 100;

    /// <summary>The header of these columns.</summary>
    internal static FileHeader Of(IEnumerable<string> columns)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (count, first) = (0, new List<string>());
        foreach (var column in columns)
        {
            // No name has this character: it ends a text in no file.
            hash.AppendData(Encoding.UTF8.GetBytes(column + '\0'));
            if (count++ < MostColumns) first.Add(ShownText.Cut(column));
        }

        return new FileHeader(count, Convert.ToHexStringLower(hash.GetHashAndReset()), first);
    }

    /// <summary>Whether the columns are the same ones in the same order.</summary>
    internal bool IsSame(FileHeader other) => Sha256 == other.Sha256;

    /// <summary>What is otherwise than in another header, as a sentence.</summary>
    internal string DifferenceFrom(FileHeader last)
    {
        var (missing, added) = (last.Columns.Except(Columns, StringComparer.Ordinal).ToList(), Columns.Except(last.Columns, StringComparer.Ordinal).ToList());
        var parts = new List<string>();
        if (missing.Count > 0) parts.Add($"without {Names(missing)}");
        if (added.Count > 0) parts.Add($"with {Names(added)}");
        return string.Create(CultureInfo.InvariantCulture, $"{Count} columns {(parts.Count > 0 ? string.Join(" and ", parts) : "in another order")}, where the last import had {last.Count}");
    }

    private static string Names(List<string> names) => ShownText.Join(names.Select(name => $"'{name}'"), ", ", 200);
}
