namespace EntityImport.Server.Tests.Access;

/// <summary>The machine's clock, and how far it is put forward.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
