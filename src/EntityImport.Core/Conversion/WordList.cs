using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using EntityImport.Conversion.Texts;

namespace EntityImport.Conversion;

/// <summary>
/// The words of one of a mapping's lists, compiled to be found in UTF-8 texts. A definition compiles each of its lists once, and the converters of all its fields share
/// it: it may have a hundred thousand words, and a definition a thousand fields. Immutable and thread-safe.
/// </summary>
[CollectionBuilder(typeof(WordList), nameof(Create))]
public sealed class WordList : IReadOnlyList<string>
{
    /// <summary>Up to so many words are compared one by one, which is faster than to make a hash of the text.</summary>
    private const int FewWords = 16;

    private readonly string[] _words;
    private readonly byte[][] _texts;

    /// <summary>One bit for each length that words have; the highest is for all lengths from 63 on.</summary>
    private readonly ulong _lengths;
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _exact;
    private readonly Lazy<HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>>> _anyCase;
    private readonly ConcurrentDictionary<TextPreparation, WordList> _prepared = new();

    private WordList(string[] words)
    {
        _words = words;
        _texts = Array.ConvertAll(words, Encoding.UTF8.GetBytes);
        foreach (var text in _texts) _lengths |= LengthBit(text.Length);
        if (_texts.Length > FewWords) _exact = Index(Exact);
        _anyCase = new(() => Index(new Utf8Comparer(ignoresCase: true)));
    }

    /// <summary>Tells texts apart by their bytes, and finds them by spans of them.</summary>
    internal static IEqualityComparer<byte[]> Exact { get; } = new Utf8Comparer(ignoresCase: false);

    /// <inheritdoc/>
    public int Count => _words.Length;

    /// <inheritdoc/>
    public string this[int index] => _words[index];

    /// <summary>Makes a list.</summary>
    public static WordList Create(ReadOnlySpan<string> words) => new(words.ToArray());

    /// <summary>Whether the text is one of the words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(ReadOnlySpan<byte> text) => (_lengths & LengthBit(text.Length)) != 0 && Find(text);

    /// <summary>Whether the text is one of the words, the case of ASCII letters ignored. Other letters must be equal.</summary>
    public bool ContainsInAnyCase(ReadOnlySpan<byte> text)
    {
        if ((_lengths & LengthBit(text.Length)) == 0) return false;
        if (_texts.Length > FewWords) return _anyCase.Value.Contains(text);
        foreach (var word in _texts)
            if (Utf8Comparer.EqualInAnyCase(word, text)) return true;
        return false;
    }

    /// <summary>The words prepared as the texts are that they are looked for in; the same list for all columns whose texts are prepared in this way.</summary>
    internal WordList Prepared(TextPreparation preparation) => Count == 0 ? this : _prepared.GetOrAdd(preparation, Prepare);

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_words).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private WordList Prepare(TextPreparation preparation)
    {
        string[] prepared = [.. _words.Select(preparation.Read)];
        return prepared.SequenceEqual(_words) ? this : Create(prepared);
    }

    private static ulong LengthBit(int length) => 1ul << Math.Min(length, 63);

    private bool Find(ReadOnlySpan<byte> text)
    {
        if (_texts.Length > FewWords) return _exact.Contains(text);
        foreach (var word in _texts)
            if (text.SequenceEqual(word)) return true;
        return false;
    }

    private HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> Index(IEqualityComparer<byte[]> comparer) =>
        new HashSet<byte[]>(_texts, comparer).GetAlternateLookup<ReadOnlySpan<byte>>();

    private sealed class Utf8Comparer(bool ignoresCase) : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static bool EqualInAnyCase(ReadOnlySpan<byte> word, ReadOnlySpan<byte> text)
        {
            if (word.Length != text.Length) return false;
            for (var i = 0; i < word.Length; i++)
                if (word[i] != text[i] && ToLower(word[i]) != ToLower(text[i])) return false;
            return true;
        }

        public bool Equals(byte[]? x, byte[]? y) => Equals(x.AsSpan(), y!);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) =>
            ignoresCase ? EqualInAnyCase(other, alternate) : alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            if (!ignoresCase)
            {
                hash.AddBytes(alternate);
                return hash.ToHashCode();
            }

            Span<byte> lower = stackalloc byte[256];
            while (!alternate.IsEmpty)
            {
                var block = alternate[..Math.Min(alternate.Length, lower.Length)];
                for (var i = 0; i < block.Length; i++) lower[i] = ToLower(block[i]);
                hash.AddBytes(lower[..block.Length]);
                alternate = alternate[block.Length..];
            }

            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        private static byte ToLower(byte value) => char.IsAsciiLetterUpper((char)value) ? (byte)(value | 0x20) : value;
    }
}
