using EntityImport.Catalog;

namespace EntityImport.Notices;

/// <summary>What an attempt makes of a delivery: 5 seconds after the first one, then three times as long each time, up to 4 hours, for 24 hours; the last attempt is at their end.</summary>
internal static class RetrySchedule
{
    /// <summary>How long attempts go on after the first one.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(24);

    private const int MostFaultCharacters = 200;
    private const double Spread = 0.2;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(4);

    /// <summary>The delivery after an attempt.</summary>
    /// <param name="delivery">The delivery before.</param>
    /// <param name="answer">What came of the attempt.</param>
    /// <param name="begun">When it began.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="chance">From 0 to 1: where in its spread the next pause lies, so that what failed together does not come back together.</param>
    public static Delivery After(Delivery delivery, PostAnswer answer, DateTimeOffset begun, DateTimeOffset now, double chance)
    {
        var first = delivery.FirstAttemptAt ?? begun;
        var tried = delivery with
        {
            Attempts = delivery.Attempts + 1,
            FirstAttemptAt = first,
            LastAttemptAt = begun,
            LastStatus = answer.Status,
            LastFault = answer.Fault is { } fault ? ShownText.Fit(fault, MostFaultCharacters) : null,
            NextAttemptAt = null,
        };
        if (answer.Fault is null) return tried with { State = DeliveryState.Delivered, DeliveredAt = now };
        var end = first + Patience;
        if (now >= end) return tried with { State = DeliveryState.Failed };
        var next = now + (PauseAfter(now - first) * (1 + (Spread * ((2 * chance) - 1))));
        return tried with { State = DeliveryState.Pending, NextAttemptAt = next < end ? next : end };
    }

    /// <summary>The pause after attempts that have gone on for a time: of pauses that triple, each is about twice as long as all before it together.</summary>
    private static TimeSpan PauseAfter(TimeSpan elapsed)
    {
        // A clock that was put back makes no haste.
        var pause = FirstPause + (2 * (elapsed > TimeSpan.Zero ? elapsed : TimeSpan.Zero));
        return pause < LongestPause ? pause : LongestPause;
    }
}
