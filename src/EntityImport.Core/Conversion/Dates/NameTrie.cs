using System.Runtime.CompilerServices;
using System.Text;
using EntityImport.Conversion.Locales;

namespace EntityImport.Conversion.Dates;

/// <summary>Finds the longest name of a series at the beginning of a text. Immutable and thread-safe.</summary>
/// <remarks>
/// Letter case is ignored as <see cref="LetterCase"/> says. An abbreviation may have a period at its end or not, whether or not the locale
/// writes one. A text that would be the name of two members is none: it is never guessed.
/// </remarks>
internal sealed class NameTrie
{
    private const sbyte NoName = -1;
    private const sbyte Ambiguous = -2;

    private readonly Node[] _nodes;

    private NameTrie(List<Node> nodes) => _nodes = [.. nodes];

    /// <summary>Builds the trie of all names of a series.</summary>
    public static NameTrie Build(LocaleNames names)
    {
        var nodes = new List<Node> { new(NoName) };
        foreach (var list in (ReadOnlySpan<IReadOnlyList<string>>)[names.Full, names.FullAlone])
            for (var i = 0; i < list.Count; i++) Add(nodes, list[i], i);
        foreach (var list in (ReadOnlySpan<IReadOnlyList<string>>)[names.Short, names.ShortAlone])
            for (var i = 0; i < list.Count; i++) AddShort(nodes, list[i], i);
        foreach (var (index, name, isShort) in names.Alternatives)
        {
            if (isShort) AddShort(nodes, name, index);
            else Add(nodes, name, index);
        }

        return new NameTrie(nodes);
    }

    /// <summary>Finds the longest name at the beginning of a text.</summary>
    /// <param name="text">UTF-8 text.</param>
    /// <param name="length">Length of the name in bytes.</param>
    /// <param name="lengthWithoutPeriod">Length without the period at its end where the name is one without it, too; else as <paramref name="length"/>.</param>
    /// <returns>Index of the member, from 0; -1 where the text begins with no name.</returns>
    public int Match(ReadOnlySpan<byte> text, out int length, out int lengthWithoutPeriod)
    {
        var nodes = _nodes;
        var value = NoName;
        var node = 0;
        var position = 0;
        length = lengthWithoutPeriod = 0;
        while (position < text.Length)
        {
            int next = text[position];
            var size = 1;
            if (next < 0x80)
            {
                if ((uint)(next - 'A') <= 'Z' - 'A') next |= 0x20;
            }
            else
            {
                next = FoldNext(text[position..], out size);
            }

            if (next > char.MaxValue)
            {
                // Names are kept in UTF-16, where such a letter is two.
                next -= 0x10000;
                node = nodes[node].Child((char)(0xD800 + (next >> 10)));
                if (node < 0) break;
                next = 0xDC00 + (next & 0x3FF);
            }

            node = nodes[node].Child((char)next);
            if (node < 0) break;
            position += size;
            var found = nodes[node].Value;
            if (found < 0) continue;
            lengthWithoutPeriod = next == '.' && found == value && length == position - 1 ? length : position;
            value = found;
            length = position;
        }

        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FoldNext(ReadOnlySpan<byte> text, out int size)
    {
        _ = Rune.DecodeFromUtf8(text, out var rune, out size);
        return rune.IsBmp ? LetterCase.Fold((char)rune.Value) : rune.Value;
    }

    private static void AddShort(List<Node> nodes, string name, int value)
    {
        var bare = name.EndsWith('.') ? name[..^1] : name;
        Add(nodes, bare, value);
        if (bare.Length > 0) Add(nodes, bare + '.', value);
    }

    private static void Add(List<Node> nodes, string name, int value)
    {
        if (name.Length == 0) return;
        var node = 0;
        foreach (var letter in name)
        {
            var folded = LetterCase.Fold(letter);
            var child = nodes[node].Child(folded);
            if (child < 0)
            {
                child = nodes.Count;
                nodes.Add(new Node(NoName));
                nodes[node] = nodes[node].With(folded, child);
            }

            node = child;
        }

        var present = nodes[node].Value;
        nodes[node] = nodes[node].With(present == NoName || present == value ? (sbyte)value : Ambiguous);
    }

    private readonly struct Node(sbyte value, string letters, int[] children)
    {
        public Node(sbyte value)
            : this(value, "", [])
        {
        }

        /// <summary>Index of the member whose name ends here; negative where none does.</summary>
        public sbyte Value { get; } = value;

        public int Child(char letter)
        {
            var all = letters;
            for (var i = 0; i < all.Length; i++)
                if (all[i] == letter) return children[i];
            return -1;
        }

        public Node With(char letter, int child) => new(Value, letters + letter, [.. children, child]);

        public Node With(sbyte newValue) => new(newValue, letters, children);
    }
}
