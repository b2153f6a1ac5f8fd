using System.Text;
using EntityImport.Files;

namespace EntityImport.ObjectStore.Tests;

/// <summary>What every store of files that several nodes share has to do.</summary>
public sealed class FileStoreTests
{
    private const int PartBytes = 16 << 20;

    public static TheoryData<string> Places => TestPlaces.All;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_file_of_any_size_is_read_in_ranges_as_it_was_put(string place)
    {
        using var files = await TestPlaces.OpenAsync(place);
        foreach (var size in (int[])[0, 1, PartBytes, PartBytes + 1, (2 * PartBytes) + 12_345])
        {
            var bytes = Bytes(size);
            await PutAsync(files, $"uploads/{size}", "data", bytes);

            using var file = files.Open($"uploads/{size}/data", Token);
            Assert.Equal(size, file!.Length);
            var all = new byte[size + 10];
            Assert.Equal(size, file.Fill(all, 0));
            Assert.True(bytes.AsSpan().SequenceEqual(all.AsSpan(0, size)), $"{size} bytes are others");
            foreach (var offset in (long[])[size / 2, size - 3, (4 << 20) - 5])
            {
                if (offset < 0 || offset >= size) continue;
                var range = new byte[(int)Math.Min(10, size - offset)];
                Assert.Equal(range.Length, file.Fill(range, offset));
                Assert.Equal(bytes.AsSpan((int)offset, range.Length).ToArray(), range);
            }

            Assert.Equal(0, file.Read(all, size));
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Many_read_a_file_at_the_same_time(string place)
    {
        using var files = await TestPlaces.OpenAsync(place);
        var bytes = Bytes(PartBytes + 999);
        await PutAsync(files, "uploads/a", "data", bytes);
        using var file = files.Open("uploads/a/data", Token)!;

        // More than blocks are kept, each from another place on.
        await Task.WhenAll(Enumerable.Range(0, 12).Select(reader => Task.Factory.StartNew(
            () =>
            {
                var range = new byte[300_000];
                for (var i = 0; i < 20; i++)
                {
                    var offset = (int)(((reader * 7L) + i) * 1_234_567 % bytes.Length);
                    var read = file.Fill(range, offset);
                    Assert.Equal(Math.Min(range.Length, bytes.Length - offset), read);
                    Assert.True(bytes.AsSpan(offset, read).SequenceEqual(range.AsSpan(0, read)), $"bytes from {offset} are others");
                }
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task New_files_are_seen_only_when_they_are_kept(string place)
    {
        using var files = await TestPlaces.OpenAsync(place);
        using (var dropped = files.Begin("uploads/a"))
        {
            await dropped.Create("data").WriteAsync(Bytes(PartBytes + 1), Token);
            Assert.Null(files.Open("uploads/a/data", Token));
        }

        Assert.Empty(files.ListFiles("uploads"));
        // Nothing of it is left to be swept.
        Assert.Equal(0, files.DropUnfinished(["uploads"], DateTimeOffset.UtcNow.AddDays(1)));

        using var kept = files.Begin("uploads/a");
        await kept.Create("one").WriteAsync("1"u8.ToArray(), Token);
        await kept.Create("two").WriteAsync("22"u8.ToArray(), Token);
        Assert.Null(files.Open("uploads/a/one", Token));
        await kept.KeepAsync(Token);
        await kept.KeepAsync(Token);

        Assert.Equal(["one", "two"], files.List("uploads/a").Order());
        Assert.Equal([("uploads/a/one", 1), ("uploads/a/two", 2L)], files.ListFiles("uploads").Select(file => (file.Path, file.Length)).Order());
        Assert.All(files.ListFiles("uploads"), file => Assert.InRange(file.KeptAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5)));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Files_that_are_kept_at_the_same_time_in_a_folder_that_was_not_there_are_all_in_it(string place)
    {
        const int Writers = 4;
        using var files = await TestPlaces.OpenAsync(place);
        var names = Enumerable.Range(0, Writers).Select(number => $"file-{number}").ToList();
        for (var round = 0; round < 20; round++)
        {
            var folder = $"unanswered/{round}";
            using var barrier = new Barrier(Writers);

            await Task.WhenAll(names.Select(name => Task.Factory.StartNew(
                () =>
                {
                    using var begun = files.Begin(folder);
                    begun.Create(name).Write(Encoding.ASCII.GetBytes(name));
                    barrier.SignalAndWait(Token);
                    begun.KeepAsync(Token).AsTask().GetAwaiter().GetResult();
                },
                Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

            foreach (var name in names)
            {
                using var file = files.Open($"{folder}/{name}", Token);
                var bytes = new byte[name.Length + 1];
                Assert.Equal(name, Encoding.ASCII.GetString(bytes, 0, file!.Fill(bytes, 0)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task What_was_begun_and_never_kept_is_dropped_once_it_is_old(string place)
    {
        using var files = await TestPlaces.OpenAsync(place);
        var broken = files.Begin("uploads/a");
        await broken.Create("data").WriteAsync(Bytes((2 * PartBytes) + 1), Token);

        // What others begin in the same bucket is theirs.
        if (place != "directory") Assert.Equal(0, files.DropUnfinished(["imports", "upload"], DateTimeOffset.UtcNow.AddDays(1)));
        Assert.Equal(0, files.DropUnfinished(["uploads"], DateTimeOffset.UtcNow.AddDays(-1)));
        // Azure forgets blocks by itself.
        Assert.Equal(place == "blobs" ? 0 : 1, files.DropUnfinished(["uploads"], DateTimeOffset.UtcNow.AddDays(1)));
        Assert.Equal(0, files.DropUnfinished(["uploads"], DateTimeOffset.UtcNow.AddDays(1)));
        Assert.Empty(files.ListFiles("uploads"));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_folder_is_dropped_with_all_that_is_in_it_and_nothing_else(string place)
    {
        using var files = await TestPlaces.OpenAsync(place);
        foreach (var folder in (string[])["imports/1", "imports/10", "imports/2", "clock"]) await PutAsync(files, folder, "rejected", "x"u8.ToArray());
        await PutAsync(files, "imports/1", "rejected.2", "y"u8.ToArray());

        files.Drop("imports/1");
        files.Drop("imports/1");
        files.Drop("imports/2/rejected");
        files.Drop("nothing");

        Assert.Null(files.Open("imports/1/rejected", Token));
        Assert.Equal(["imports/10/rejected"], files.ListFiles("imports").Select(file => file.Path));
        Assert.Contains("10", files.List("imports"));
        Assert.Equal("x", Text(files, "clock/rejected"));
        Assert.Empty(files.List("nothing"));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Stores_under_other_prefixes_do_not_see_each_other(string place)
    {
        var at = TestPlaces.Take(place);
        using var one = await TestPlaces.OpenAsync(at, "one");
        using var two = await TestPlaces.OpenAsync(at, "one-more");
        await PutAsync(two, "uploads/a", "data", "2"u8.ToArray());

        Assert.Empty(one.ListFiles("uploads"));
        one.Drop("uploads");
        Assert.Equal("2", Text(two, "uploads/a/data"));
        two.Drop("uploads");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_file_comes_piece_by_piece_and_what_was_not_kept_does_not_count(string place)
    {
        using var files = await TestPlaces.OpenAsync(place);
        await PutAsync(files, "uploads/a", "data", []);
        Assert.Equal(0, files.LengthOfGrowing("uploads/a/data"));

        await AppendAsync(0, "abc", isKept: true);
        await AppendAsync(3, "lost", isKept: false);
        Assert.Equal(3, files.LengthOfGrowing("uploads/a/data"));
        await AppendAsync(3, "defg", isKept: true);
        await using (var twice = files.Append("uploads/a/data", 7))
        {
            await twice.WriteAsync("h"u8.ToArray(), Token);
            await twice.KeepAsync();
            await twice.WriteAsync("ij"u8.ToArray(), Token);
            await twice.KeepAsync();
            await twice.KeepAsync();
        }

        Assert.Equal(10, files.LengthOfGrowing("uploads/a/data"));
        Assert.Equal("abcdefghij", Text(files, "uploads/a/data"));
        Assert.Throws<EndOfStreamException>(() => files.Append("uploads/a/data", 11));
        files.Drop("uploads/a");
        Assert.Empty(files.ListFiles("uploads"));

        async Task AppendAsync(long length, string text, bool isKept)
        {
            await using var file = files.Append("uploads/a/data", length);
            await file.WriteAsync(Encoding.UTF8.GetBytes(text), Token);
            if (isKept) await file.KeepAsync();
        }
    }

    /// <summary>As two nodes that get pieces of the same file, of which one does not know yet that its client is gone.</summary>
    [Fact]
    public async Task Who_goes_on_with_a_file_is_not_disturbed_by_who_sent_it_before()
    {
        using var files = await TestPlaces.OpenAsync("directory");
        await PutAsync(files, "uploads/a", "data", []);
        await using var before = files.Append("uploads/a/data", 0);
        await before.WriteAsync("abcdefgh"u8.ToArray(), Token);
        await using (var after = files.Append("uploads/a/data", 0))
        {
            await after.WriteAsync("abc"u8.ToArray(), Token);
            await after.KeepAsync();
        }

        var refused = await Assert.ThrowsAsync<RequestException>(async () => await before.KeepAsync());

        Assert.Equal("upload-taken-over", refused.Type);
        Assert.Equal(3, files.LengthOfGrowing("uploads/a/data"));
        await using (var next = files.Append("uploads/a/data", 3))
        {
            await next.WriteAsync("d"u8.ToArray(), Token);
            await next.KeepAsync();
        }

        Assert.Equal("abcd", Text(files, "uploads/a/data"));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task It_says_where_a_file_is_and_that_it_works(string place)
    {
        using var files = await TestPlaces.OpenAsync(place);

        files.Probe();
        Assert.True(files.IsShared);
        Assert.EndsWith("uploads/a", files.PlaceOf("uploads/a"), StringComparison.Ordinal);
        Assert.Equal(place == "directory", files.Disk is not null);
    }

    internal static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    internal static async Task PutAsync(IFileStore files, string folder, string name, byte[] bytes)
    {
        using var begun = files.Begin(folder);
        var file = begun.Create(name);
        // As requests bring them.
        foreach (var part in bytes.Chunk(128 << 10)) await file.WriteAsync(part, Token);
        await begun.KeepAsync(Token);
    }

    internal static string Text(IFileStore files, string path)
    {
        using var file = files.Open(path, Token)!;
        var bytes = new byte[file.Length];
        Assert.Equal(bytes.Length, file.Fill(bytes, 0));
        return Encoding.UTF8.GetString(bytes);
    }
}
