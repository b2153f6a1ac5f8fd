using EntityImport.Catalog;
using EntityImport.Notices;
using Xunit;

namespace EntityImport.Core.Tests.Notices;

public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly PostAnswer Bad = new(500, "The receiver answered 500.");

    private static readonly Delivery New = new() { NoticeId = Guid.CreateVersion7(), WebhookId = Guid.CreateVersion7(), RequestedAt = Noon, NextAttemptAt = Noon };

    [Fact]
    public void Pauses_triple_up_to_four_hours_and_the_last_attempt_is_a_day_after_the_first()
    {
        var tries = new List<TimeSpan>();
        var delivery = New;
        // Whatever time passed before the first attempt is not counted.
        for (var now = Noon.AddDays(3); delivery.State == DeliveryState.Pending; now = delivery.NextAttemptAt ?? now)
        {
            tries.Add(now - Noon.AddDays(3));
            delivery = RetrySchedule.After(delivery, Bad, now, now, chance: 0.5);
        }

        Assert.Equal([0, 5, 20, 65, 200, 605, 1820, 5465, 16400], tries.Take(9).Select(time => (int)time.TotalSeconds));
        Assert.Equal([30800, 45200, 59600, 74000, 86400], tries.Skip(9).Select(time => (int)time.TotalSeconds));
        Assert.Equal((DeliveryState.Failed, 14, null, 500), (delivery.State, delivery.Attempts, delivery.NextAttemptAt, delivery.LastStatus));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 6)]
    public void Pauses_are_a_fifth_shorter_or_longer_by_chance(double chance, int seconds) =>
        Assert.Equal(Noon.AddSeconds(seconds), RetrySchedule.After(New, Bad, Noon, Noon, chance).NextAttemptAt);

    [Fact]
    public void A_clock_that_is_put_back_makes_no_haste()
    {
        var delivery = RetrySchedule.After(New, Bad, Noon, Noon, chance: 0.5);

        delivery = RetrySchedule.After(delivery, Bad, Noon.AddHours(-5), Noon.AddHours(-5), chance: 0.5);

        Assert.Equal(Noon.AddHours(-5).AddSeconds(5), delivery.NextAttemptAt);
    }

    [Fact]
    public void What_arrives_is_delivered_and_what_is_told_of_a_fault_is_bounded()
    {
        var failed = RetrySchedule.After(New, new PostAnswer(null, new string('x', 1000)), Noon, Noon, chance: 0);
        var delivered = RetrySchedule.After(failed, new PostAnswer(204, null), Noon.AddSeconds(5), Noon.AddSeconds(6), chance: 0);

        Assert.Equal(200, failed.LastFault!.Length);
        Assert.Equal((DeliveryState.Delivered, 2, 204, null, null), (delivered.State, delivered.Attempts, delivered.LastStatus, delivered.LastFault, delivered.NextAttemptAt));
        Assert.Equal((Noon, Noon.AddSeconds(5), Noon.AddSeconds(6)), (delivered.FirstAttemptAt, delivered.LastAttemptAt, delivered.DeliveredAt));
    }
}
