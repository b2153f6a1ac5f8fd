using System.Net;
using EntityImport.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Sdk;

namespace EntityImport.ObjectStore.Tests;

/// <summary>Where files can be kept that the tests were given; <c>tests/with-objectstores.sh</c> gives them all.</summary>
internal sealed record TestPlaces(Func<string, string> Under, IPEndPoint? Server)
{
    /// <summary>All kinds.</summary>
    public static TheoryData<string> All { get; } = ["directory", "blobs", "s3"];

    /// <summary>Those that are reached by a network.</summary>
    public static TheoryData<string> Remote { get; } = ["blobs", "s3"];

    /// <summary>A kind's place; null where there is none.</summary>
    public static TestPlaces? Find(string kind, int? port = null)
    {
        switch (kind)
        {
            case "directory":
                var root = Directory.CreateTempSubdirectory("eis-shared-").FullName;
                return new TestPlaces(name => Path.Combine(root, name), null);
            case "blobs":
                if (Environment.GetEnvironmentVariable("EIS_TEST_BLOBS") is not { Length: > 0 } container) return null;
                var url = new UriBuilder(container);
                var blobs = new IPEndPoint(IPAddress.Loopback, url.Port);
                if (port is { } other) url.Port = other;
                return new TestPlaces(name => $"{url.Uri}/{name}", blobs);
            default:
                if (Environment.GetEnvironmentVariable("EIS_TEST_S3") is not { Length: > 0 } bucket) return null;
                var parts = bucket.Split('?');
                var server = new UriBuilder(parts[1]["endpoint=".Length..]);
                var s3 = new IPEndPoint(IPAddress.Loopback, server.Port);
                if (port is { } otherPort) server.Port = otherPort;
                return new TestPlaces(name => $"{parts[0]}/{name}?endpoint={server.Uri.GetLeftPart(UriPartial.Authority)}", s3);
        }
    }

    /// <summary>A kind's place, with a server at another port; the test is skipped where there is none.</summary>
    public static TestPlaces Take(string kind, int? port = null) => Find(kind, port) ?? throw SkipException.ForSkip("There is no such store: tests/with-objectstores.sh starts one.");

    /// <summary>Opens files under a new prefix.</summary>
    public static Task<IFileStore> OpenAsync(string kind) => OpenAsync(Take(kind), Guid.NewGuid().ToString("N"));

    /// <summary>Opens files under a prefix.</summary>
    public static async Task<IFileStore> OpenAsync(TestPlaces place, string prefix)
    {
        var location = FileLocation.Read(place.Under(prefix), out var faults);
        Assert.Empty(faults);
        return await location!.OpenAsync(NullLogger.Instance, TestContext.Current.CancellationToken);
    }
}
