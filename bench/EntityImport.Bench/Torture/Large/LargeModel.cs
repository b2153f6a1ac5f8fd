using EntityImport.Api;

namespace EntityImport.Bench.Torture.Large;

/// <summary>What the entity of long texts must hold: for each id the version that was imported last.</summary>
internal sealed class LargeModel
{
    private readonly List<int> _lengths = [0];
    private List<int> _versions = [];

    /// <summary>How many records there are; their ids are 0, 1, 2, ….</summary>
    public int Count => _versions.Count;

    /// <summary>The bytes of all texts.</summary>
    public long Bytes => _versions.Sum(version => (long)_lengths[version]);

    /// <summary>How many records have each version.</summary>
    public IReadOnlyDictionary<int, int> CountByVersion => _versions.GroupBy(version => version).ToDictionary(group => group.Key, group => group.Count());

    /// <summary>The version of a record.</summary>
    public int VersionOf(int id) => _versions[id];

    /// <summary>The text of a record.</summary>
    public string TextOf(int id) => string.Create(_lengths[_versions[id]], (id, version: _versions[id]), (text, record) =>
    {
        var bytes = new byte[text.Length];
        LongText.Write(bytes, record.id, record.version);
        System.Text.Encoding.ASCII.GetChars(bytes, text);
    });

    /// <summary>A version for the rows of the next file.</summary>
    /// <param name="length">The length of their texts.</param>
    public int AddVersion(int length)
    {
        _lengths.Add(length);
        return _lengths.Count - 1;
    }

    /// <summary>Imports a file whose ids are new, or change what is there.</summary>
    public Ledger Apply(ImportMode mode, int first, int count, int version)
    {
        var before = Count;
        if (mode == ImportMode.Replace) _versions = [];
        var updated = Math.Max(0, Math.Min(Count - first, count));
        for (var id = first; id < first + updated; id++) _versions[id] = version;
        _versions.AddRange(Enumerable.Repeat(version, count - updated));
        return new Ledger(count, count - updated, updated, 0, 0, 0, mode == ImportMode.Replace ? before : 0, Balanced: true);
    }
}
