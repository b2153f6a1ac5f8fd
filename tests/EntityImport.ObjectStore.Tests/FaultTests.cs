using System.Diagnostics;
using EntityImport.Files;

namespace EntityImport.ObjectStore.Tests;

/// <summary>What fails on the way to a store, or in it, is told apart from files that are lost.</summary>
public sealed class FaultTests
{
    private const int BlockBytes = 4 << 20;

    public static TheoryData<string> Places => TestPlaces.Remote;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_store_that_cannot_be_reached_says_nothing_of_its_files(string place)
    {
        await using var line = new Line(TestPlaces.Take(place).Server!);
        using var files = await TestPlaces.OpenAsync(TestPlaces.Take(place, line.Port), Guid.NewGuid().ToString("N"));
        await FileStoreTests.PutAsync(files, "uploads/a", "data", FileStoreTests.Bytes(BlockBytes + 1));
        using var file = files.Open("uploads/a/data", Token)!;
        line.Cut();

        var begun = Stopwatch.GetTimestamp();
        Assert.Throws<FilesUnavailableException>(files.Probe);
        Assert.Throws<FilesUnavailableException>(() => files.Open("uploads/a/data", Token));
        Assert.Throws<FilesUnavailableException>(() => files.List("uploads").ToList());
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromMinutes(2));

        line.Mend();
        files.Probe();
        Assert.Equal(1, file.Fill(new byte[10], BlockBytes));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task An_answer_that_breaks_off_is_asked_for_again_as_a_whole(string place)
    {
        await using var line = new Line(TestPlaces.Take(place).Server!);
        using var files = await TestPlaces.OpenAsync(TestPlaces.Take(place, line.Port), Guid.NewGuid().ToString("N"));
        var bytes = FileStoreTests.Bytes(BlockBytes + 1);
        await FileStoreTests.PutAsync(files, "uploads/a", "data", bytes);
        using var file = files.Open("uploads/a/data", Token)!;
        line.BreakAfter(BlockBytes / 2);

        var read = new byte[bytes.Length];
        Assert.Equal(bytes.Length, file.Fill(read, 0));
        Assert.True(bytes.AsSpan().SequenceEqual(read));
        Assert.InRange(line.Connections, 2, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Who_is_told_to_stop_does_not_wait_for_a_store_that_stands_still(string place)
    {
        await using var line = new Line(TestPlaces.Take(place).Server!);
        using var files = await TestPlaces.OpenAsync(TestPlaces.Take(place, line.Port), Guid.NewGuid().ToString("N"));
        await FileStoreTests.PutAsync(files, "uploads/a", "data", FileStoreTests.Bytes(100));
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var file = files.Open("uploads/a/data", stopping.Token)!;
        line.Still();

        var reading = Task.Factory.StartNew(() => file.Read(new byte[1], 0), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using var writing = files.Begin("uploads/b");
        await writing.Create("data").WriteAsync("b"u8.ToArray(), Token);
        var keeping = writing.KeepAsync(stopping.Token).AsTask();
        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(20), Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping.WaitAsync(TimeSpan.FromSeconds(20), Token));
        line.Mend();
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_file_that_vanishes_or_becomes_another_one_is_not_the_stores_fault(string place)
    {
        using var files = await TestPlaces.OpenAsync(place);
        await FileStoreTests.PutAsync(files, "uploads/a", "data", FileStoreTests.Bytes(10));
        using var changed = files.Open("uploads/a/data", Token)!;
        await FileStoreTests.PutAsync(files, "uploads/a", "data", FileStoreTests.Bytes(11));
        Assert.Equal("file-changed", Assert.Throws<StoredFileException>(() => changed.Read(new byte[1], 0)).Type);

        using var lost = files.Open("uploads/a/data", Token)!;
        files.Drop("uploads/a/data");
        var exception = Assert.Throws<StoredFileException>(() => lost.Read(new byte[1], 0));
        Assert.Contains(files.PlaceOf("uploads/a/data"), exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("blobs", "tests", "nothing-here")]
    [InlineData("s3", "s3://tests", "s3://nothing-here")]
    public async Task A_container_that_is_not_there_is_told_when_it_is_opened(string place, string name, string other)
    {
        var text = TestPlaces.Take(place).Under("x");
        var at = text.LastIndexOf(name, StringComparison.Ordinal);
        var location = FileLocation.Read(text[..at] + other + text[(at + name.Length)..], out _)!;

        var exception = await Assert.ThrowsAsync<FilesUnavailableException>(() => location.OpenAsync(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, Token));
        Assert.Contains("404", exception.Message, StringComparison.Ordinal);
    }
}
