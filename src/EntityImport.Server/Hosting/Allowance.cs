namespace EntityImport.Server.Hosting;

/// <summary>So many of something in each stretch of time, and no more. Thread-safe.</summary>
/// <param name="most">How many.</param>
/// <param name="stretch">How long the stretch is; it begins with the first that is taken in it.</param>
/// <param name="time">The clock.</param>
internal sealed class Allowance(int most, TimeSpan stretch, TimeProvider time)
{
    private readonly Lock _state = new();
    private long _begun = time.GetTimestamp();
    private int _taken;
    private long _refused;

    /// <summary>Takes one, where there is one left.</summary>
    public bool TryTake() => TryTake(out _);

    /// <summary>Takes one, where there is one left.</summary>
    /// <param name="refused">How many have been refused since one was taken last; 0 where this one is refused, too.</param>
    public bool TryTake(out long refused)
    {
        refused = 0;
        lock (_state)
        {
            if (time.GetElapsedTime(_begun) >= stretch) (_begun, _taken) = (time.GetTimestamp(), 0);
            if (_taken >= most)
            {
                _refused++;
                return false;
            }

            _taken++;
            (refused, _refused) = (_refused, 0);
            return true;
        }
    }
}
