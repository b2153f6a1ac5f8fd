using System.Text;
using EntityImport.Catalog;
using EntityImport.Files;
using Xunit;

namespace EntityImport.Core.Tests.Files;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("eis-files-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task A_start_leaves_what_a_living_process_is_writing()
    {
        using var first = new DataDirectory(_path);
        using var arriving = first.Files.Begin("uploads/a");
        arriving.Create("data").Write("abc"u8);
        using var scratch = first.Scratch.Create();
        scratch.Write("def"u8);

        using var second = new DataDirectory(_path);
        Assert.Equal([("incoming", 0, 0L), ("scratch", 0, 0L)], second.Sweep());
        Assert.Equal([("incoming", 0, 0L), ("scratch", 0, 0L)], first.Sweep());

        await arriving.KeepAsync(Token);
        Assert.Equal("abc", Read(second.Files, "uploads/a/data"));
        scratch.Position = 0;
        Assert.Equal('d', scratch.ReadByte());
        first.Files.Probe();
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_path, "running")).Length);
    }

    [Fact]
    public void A_start_deletes_what_a_dead_process_was_writing()
    {
        // A killed process leaves its mark, which nobody holds any more.
        var dead = $"{Guid.NewGuid():N}";
        using (new DataDirectory(_path)) Assert.Single(Directory.GetFiles(Path.Combine(_path, "running")));
        File.WriteAllText(Path.Combine(_path, "running", dead), "");
        File.WriteAllText(Path.Combine(_path, "scratch", $"{dead}.1"), "scratch");
        var half = Directory.CreateDirectory(Path.Combine(_path, "incoming", $"{dead}.2"));
        File.WriteAllText(Path.Combine(half.FullName, "data"), "data");
        // Earlier versions left no mark.
        Directory.CreateDirectory(Path.Combine(_path, "incoming", $"{Guid.NewGuid():D}"));

        using var directory = new DataDirectory(_path);
        Assert.Equal([("incoming", 1, 4L), ("scratch", 1, 7L)], directory.Sweep());

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_path, "incoming")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_path, "scratch")));
        Assert.NotEqual(dead, Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(_path, "running")))));
    }

    [Fact]
    public void A_process_that_ends_leaves_no_mark()
    {
        new DataDirectory(_path).Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_path, "running")));
    }

    [Fact]
    public async Task New_files_are_seen_all_at_once_and_only_when_they_are_kept()
    {
        using var directory = new DataDirectory(_path);
        using (var dropped = directory.Files.Begin("uploads/a")) dropped.Create("data").Write("x"u8);
        using var files = directory.Files.Begin("uploads/a");
        files.Create("one").Write("1"u8);
        var two = files.Create("two");
        two.Write("234"u8);
        two.SetLength(1);

        Assert.Empty(directory.Files.List("uploads"));
        Assert.Null(directory.Files.Open("uploads/a/one", Token));

        await files.KeepAsync(Token);
        await files.KeepAsync(Token);

        Assert.Equal(["one", "two"], directory.Files.List("uploads/a").Order());
        Assert.Equal(("1", "2"), (Read(directory.Files, "uploads/a/one"), Read(directory.Files, "uploads/a/two")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_path, "incoming")));
    }

    [Fact]
    public async Task New_files_take_the_place_of_those_of_their_names()
    {
        using var directory = new DataDirectory(_path);
        foreach (var text in (string[])["first", "2nd"])
        {
            using var files = directory.Files.Begin("imports/a");
            files.Create("rejected").Write(Encoding.UTF8.GetBytes(text));
            await files.KeepAsync(Token);
        }

        Assert.Equal("2nd", Read(directory.Files, "imports/a/rejected"));
        directory.Files.Drop("imports/a/rejected");
        directory.Files.Drop("imports/a/rejected");
        Assert.Empty(directory.Files.List("imports/a"));
    }

    [Fact]
    public async Task A_stored_file_is_read_in_ranges_and_as_a_stream()
    {
        using var directory = new DataDirectory(_path);
        var bytes = new byte[200_000];
        new Random(1).NextBytes(bytes);
        using (var files = directory.Files.Begin("uploads/a"))
        {
            files.Create("data").Write(bytes);
            await files.KeepAsync(Token);
        }

        var file = directory.Files.Open("uploads/a/data", Token)!;
        var range = new byte[100];
        Assert.Equal((100, 60, 0), (file.Fill(range, 5), file.Fill(range, bytes.Length - 60), file.Fill(range, bytes.Length)));
        file.Fill(range, 70_000);
        Assert.Equal(bytes[70_000..70_100], range);

        using var stream = new StoredFileStream(file);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, bufferSize: 1_000, Token);
        Assert.Equal(bytes, copy.ToArray());
        foreach (var (position, length) in (ReadOnlySpan<(int, int)>)[(199_990, 10), (3, 70_000), (100, 5), (65_530, 20)])
        {
            var read = new byte[length];
            stream.Position = position;
            stream.ReadExactly(read);
            Assert.Equal(bytes[position..(position + length)], read);
            Assert.Equal(position + length, stream.Position);
        }
    }

    [Fact]
    public async Task An_upload_without_its_mark_is_one_that_somebody_was_told_of()
    {
        using var directory = new DataDirectory(_path);
        var files = new ImportFiles(directory.Files, directory.Scratch);
        var upload = new Upload { Id = Guid.CreateVersion7(), MappingId = Guid.NewGuid(), Size = 3, Sha256 = "", CreatedAt = DateTimeOffset.UnixEpoch };
        using (var arriving = files.BeginUpload(upload.Id))
        {
            arriving.Data.Write("abc"u8);
            await arriving.KeepAsync([7], Token);
        }

        Assert.True(files.IsUnanswered(upload.Id));
        files.ConfirmUpload(upload.Id);
        Assert.False(files.IsUnanswered(upload.Id));
        Assert.Equal([7], files.ReadIndex(upload)!);
        using var file = files.OpenUpload(upload, Token);
        Assert.Equal(3, file.Length);
    }

    private static string Read(LocalFiles files, string path)
    {
        using var reader = new StreamReader(new StoredFileStream(files.Open(path, Token)!));
        return reader.ReadToEnd();
    }
}
