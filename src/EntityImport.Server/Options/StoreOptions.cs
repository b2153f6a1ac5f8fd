using System.Text.RegularExpressions;
using EntityImport.ObjectStore;

namespace EntityImport.Server.Options;

/// <summary>Where catalog, records and files are kept.</summary>
public sealed partial record StoreOptions
{
    /// <summary>How a PostgreSQL database is reached, as <c>Host=db;Database=eis;Username=eis;Password=…</c>; null means the embedded store in the data directory. Files are elsewhere: see <see cref="Files"/>.</summary>
    public string? Postgres { get; init; }

    /// <summary>
    /// What this process is called among several that work on the database, and read the same files, as one service: 1 to 64 letters, digits, '-', '_' or '.'. Null means that it works alone, and that no other may. Needs
    /// <see cref="Postgres"/>.
    /// </summary>
    public string? Node { get; init; }

    /// <summary>
    /// Where files are kept: <c>s3://bucket/prefix</c>, <c>https://account.blob.core.windows.net/container/prefix</c>, or the full path of a directory that several nodes share; null means the data directory. It has no
    /// secrets in it.
    /// </summary>
    public string? Files { get; init; }

    /// <summary>Whether it is the embedded store.</summary>
    internal bool IsEmbedded => string.IsNullOrWhiteSpace(Postgres);

    /// <summary>Whether files are kept in the data directory.</summary>
    internal bool HasLocalFiles => string.IsNullOrWhiteSpace(Files);

    /// <summary>What is wrong with the options, a sentence for each fault.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!HasLocalFiles)
        {
            FileLocation.Read(Files!, out var faults);
            foreach (var fault in faults) yield return $"{OptionSources.FilesName} cannot be used: {fault}.";
        }

        if (Node is null) yield break;
        if (IsEmbedded) yield return $"{OptionSources.NodeName} needs {OptionSources.PostgresName}: the embedded store is one process's.";
        if (HasLocalFiles) yield return $"{OptionSources.NodeName} needs {OptionSources.FilesName}: all nodes read the same files.";
        if (!NodeNames().IsMatch(Node)) yield return $"{OptionSources.NodeName} cannot be '{ShownText.Cut(Node)}'; expected are 1 to 64 letters, digits, '-', '_' or '.'.";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex NodeNames();
}
