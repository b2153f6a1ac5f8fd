using System.Globalization;

namespace EntityImport;

/// <summary>
/// The faults of one request, in the order in which they are found. All are counted, but only the first are kept, so that what a caller is told does not grow with what
/// it sent.
/// </summary>
public sealed class RequestFaults
{
    private readonly List<RequestFault> _told = [];
    private readonly int _most;

    /// <summary>Makes room for the faults of a request.</summary>
    /// <param name="limits">How many are kept; null means the default limits.</param>
    public RequestFaults(Limits? limits = null) => _most = (limits ?? new Limits()).Faults;

    /// <summary>How many faults there are.</summary>
    public long Count { get; private set; }

    /// <summary>The first of them, at most <see cref="Limits.Faults"/>.</summary>
    public IReadOnlyList<RequestFault> Told => _told;

    /// <summary>Whether further faults are only counted, so that nobody needs to word them.</summary>
    public bool IsFull => _told.Count >= _most;

    /// <summary>Adds a fault.</summary>
    /// <param name="path">Where it is: see <see cref="RequestFault"/>.</param>
    /// <param name="message">What is wrong; cut at <see cref="Limits.MessageCharacters"/>.</param>
    public void Add(string path, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!IsFull) _told.Add(new RequestFault(path, ShownText.Fit(message, Limits.MessageCharacters)));
        Count++;
    }

    /// <summary>Adds a fault that nobody is told of, because there are enough of its kind.</summary>
    public void AddUntold() => Count++;

    /// <summary>How many there are, and how many of them are listed: "500000 faults; the first 100 are listed".</summary>
    public override string ToString() => Count > _told.Count
        ? string.Create(CultureInfo.InvariantCulture, $"{Count} faults; the first {_told.Count} are listed")
        : string.Create(CultureInfo.InvariantCulture, $"{Count} faults");
}
