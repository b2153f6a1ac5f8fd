using EntityImport.ObjectStore.Blobs;
using EntityImport.ObjectStore.S3;

namespace EntityImport.ObjectStore.Tests;

public sealed class FileLocationTests
{
    [Theory]
    [InlineData("s3://imports", "imports", "", null, null, null)]
    [InlineData("s3://imports/eis/one/", "imports", "eis/one/", null, null, null)]
    [InlineData("s3://imports/eis?region=eu-central-1", "imports", "eis/", null, "eu-central-1", null)]
    [InlineData("s3://imports?endpoint=http://minio:9000", "imports", "", "http://minio:9000/", null, null)]
    [InlineData("s3://imports/eis?endpoint=https%3A%2F%2Fs3.example.com&region=local&pathStyle=false", "imports", "eis/", "https://s3.example.com/", "local", false)]
    public void A_bucket_is_read(string text, string bucket, string prefix, string? endpoint, string? region, bool? pathStyle)
    {
        var faults = new List<string>();
        var location = S3Location.Read(text, faults);

        Assert.Empty(faults);
        Assert.Equal(new S3Location { Bucket = bucket, Prefix = prefix, Endpoint = endpoint is null ? null : new Uri(endpoint), Region = region, PathStyle = pathStyle }, location);
        Assert.NotNull(FileLocation.Read(text, out _));
    }

    [Theory]
    [InlineData("https://account.blob.core.windows.net/imports", "https://account.blob.core.windows.net/imports", "account", "")]
    [InlineData("https://account.blob.core.windows.net/imports/eis/one", "https://account.blob.core.windows.net/imports", "account", "eis/one/")]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/imports/eis", "http://127.0.0.1:10000/devstoreaccount1/imports", "devstoreaccount1", "eis/")]
    [InlineData("http://azurite:10000/devstoreaccount1/imports", "http://azurite:10000/devstoreaccount1/imports", "devstoreaccount1", "")]
    public void A_container_is_read(string text, string container, string account, string prefix)
    {
        var faults = new List<string>();
        var location = BlobLocation.Read(text, faults);

        Assert.Empty(faults);
        Assert.Equal(new BlobLocation { Container = new Uri(container), Account = account, Prefix = prefix }, location);
        Assert.NotNull(FileLocation.Read(text, out _));
    }

    [Fact]
    public void All_faults_are_told_at_once_and_no_secret_is()
    {
        Assert.Null(FileLocation.Read("s3://KEY:hunter2@B/../x?endpoint=ftp://a&region=EU!&pathStyle=maybe&secretKey=hunter2", out var faults));

        Assert.Collection(
            faults,
            fault => Assert.StartsWith("keys do not belong into it", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("it has no name of a bucket", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("its prefix has other characters", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("endpoint has to be the address", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("region has to be", fault, StringComparison.Ordinal),
            fault => Assert.Equal("pathStyle has to be true or false", fault),
            fault => Assert.Equal("'secretKey' is no setting of it; there are endpoint, region and pathStyle", fault));
        Assert.DoesNotContain("hunter2", string.Concat(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://account.blob.core.windows.net", "it names no container")]
    [InlineData("https://account.blob.core.windows.net/Imports", "it names no container")]
    [InlineData("https://account.blob.core.windows.net/imports?sv=2024&sig=hunter2", "a signature or password does not belong into it")]
    [InlineData("http://127.0.0.1:10000/imports", "it names no container")]
    [InlineData("gs://imports", "it begins with none of")]
    [InlineData("files/here", "a directory has to be named by its full path")]
    [InlineData("https://", "it is no address")]
    public void What_cannot_be_is_refused(string text, string begin)
    {
        Assert.Null(FileLocation.Read(text, out var faults));
        Assert.StartsWith(begin, Assert.Single(faults), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", faults[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_whose_disk_is_not_mounted_is_none()
    {
        var location = FileLocation.Read("/nowhere/mounted/eis", out _)!;
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => location.OpenAsync(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists("/nowhere"));
    }
}
