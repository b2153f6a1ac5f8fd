namespace EntityImport.Notices;

/// <summary>The port to the network that notices go out by. Thread-safe.</summary>
public interface INoticePost
{
    /// <summary>Whether notices may be sent to an address, as far as that can be told now.</summary>
    /// <returns>Why not, as a sentence; null where they may.</returns>
    Task<string?> FindFaultAsync(string url, CancellationToken cancellationToken);

    /// <summary>Sends a notice once, to an address that is judged anew. Never throws for what the network or the other side does.</summary>
    /// <exception cref="OperationCanceledException">The call was ended. The receiver may have the notice.</exception>
    Task<PostAnswer> SendAsync(SignedNotice notice, CancellationToken cancellationToken);
}

/// <summary>A notice as it is sent once.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Id">Its id.</param>
/// <param name="Timestamp">The second in which it is sent, in Unix time.</param>
/// <param name="Signature">Its signatures, separated by spaces.</param>
/// <param name="Body">Its JSON.</param>
public sealed record SignedNotice(string Url, string Id, long Timestamp, string Signature, ReadOnlyMemory<byte> Body);

/// <summary>What came of sending a notice.</summary>
/// <param name="Status">The HTTP status of the answer; null where there was none.</param>
/// <param name="Fault">Why it was not delivered, as a sentence; null where it was.</param>
public sealed record PostAnswer(int? Status, string? Fault)
{
    /// <summary>Whether the receiver wants no further notices.</summary>
    public bool IsGone => Status == 410;
}
