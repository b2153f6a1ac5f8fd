namespace EntityImport.Bench.Fuzz;

/// <summary>Takes an input apart: its first bytes choose how it is read, the rest is what is read.</summary>
internal ref struct FuzzInput(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>A number from 0 to <paramref name="count"/> - 1, by the next byte; 0 where there is none. An ASCII digit is its number.</summary>
    public int Choose(int count)
    {
        if (_rest.IsEmpty) return 0;
        var value = _rest[0];
        _rest = _rest[1..];
        return (byte)(value - '0') % count;
    }

    /// <summary>One of some, by the next byte.</summary>
    public T Choose<T>(IReadOnlyList<T> among) => among[Choose(among.Count)];

    /// <summary>Yes or no, by the next byte.</summary>
    public bool ChooseFlag() => Choose(2) == 1;

    /// <summary>The bytes up to the next one of this value, which is passed; all where there is none.</summary>
    public byte[] Until(byte end)
    {
        var at = _rest.IndexOf(end);
        var taken = at < 0 ? _rest : _rest[..at];
        _rest = at < 0 ? default : _rest[(at + 1)..];
        return taken.ToArray();
    }

    /// <summary>All that was not taken yet.</summary>
    public readonly byte[] Rest() => _rest.ToArray();
}
