using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using EntityImport.Files;
using EntityImport.ObjectStore.Objects;

namespace EntityImport.ObjectStore.Blobs;

/// <summary>Objects of a container of Azure Blob Storage.</summary>
internal sealed class BlobObjects : IObjects
{
    private const int Retries = 3;

    /// <summary>How long one request may take, a part of 16 MiB included.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly BlobContainerClient _container;

    public BlobObjects(BlobLocation location)
    {
        var options = new BlobClientOptions();
        options.Retry.MaxRetries = Retries;
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(5);
        options.Retry.NetworkTimeout = Patience;
        try
        {
            if (Environment.GetEnvironmentVariable(BlobLocation.KeyVariable) is { Length: > 0 } key)
                _container = new BlobContainerClient(location.Container, new StorageSharedKeyCredential(location.Account, key), options);
            else if (Environment.GetEnvironmentVariable(BlobLocation.TokenVariable) is { Length: > 0 } token)
                _container = new BlobContainerClient(location.Container, new AzureSasCredential(token.TrimStart('?')), options);
            else
                _container = new BlobContainerClient(location.Container, new DefaultAzureCredential(), options);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // The message may repeat what it found.
            throw new FilesUnavailableException($"The credential for {location.Container} cannot be used: it is not of the form that it has to have, or needs https.", exception is FormatException ? null : exception);
        }
    }

    /// <inheritdoc/>
    public string PlaceOf(string key) => $"{_container.Uri}/{key}";

    /// <inheritdoc/>
    public async Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = (await Blob(key).GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).Value;
            return new ObjectFacts(found.ContentLength, found.ETag.ToString());
        }
        catch (RequestFailedException exception) when (IsAbsent(exception))
        {
            return null;
        }
        catch (Exception exception) when (IsOfStore(exception, cancellationToken))
        {
            throw Unavailable(key, exception);
        }
    }

    /// <inheritdoc/>
    public async Task ReadAsync(string key, string? tag, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var options = new BlobDownloadOptions { Range = new HttpRange(offset, buffer.Length), Conditions = tag is null ? null : new BlobRequestConditions { IfMatch = new ETag(tag) } };
            using var answer = (await Blob(key).DownloadStreamingAsync(options, cancellationToken).ConfigureAwait(false)).Value;
            await answer.Content.ReadExactlyAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (IsAbsent(exception))
        {
            throw StoredFileException.LostAt(PlaceOf(key));
        }
        catch (RequestFailedException exception) when (exception.Status is 412 or 416)
        {
            // Some say so, too, of what is not there at all.
            throw await FindAsync(key, cancellationToken).ConfigureAwait(false) is null ? StoredFileException.LostAt(PlaceOf(key)) : StoredFileException.Changed();
        }
        catch (Exception exception) when (IsOfStore(exception, cancellationToken))
        {
            throw Unavailable(key, exception);
        }
    }

    /// <inheritdoc/>
    public async Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            using var content = Content.Of(bytes);
            // At once, and not in blocks: all of it is here.
            var options = new BlobUploadOptions { TransferOptions = new StorageTransferOptions { InitialTransferSize = Math.Max(1, bytes.Length) } };
            await Blob(key).UploadAsync(content, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOfStore(exception, cancellationToken))
        {
            throw Unavailable(key, exception);
        }
    }

    /// <inheritdoc/>
    public Task<IPartedObject> BeginAsync(string key, CancellationToken cancellationToken) => Task.FromResult<IPartedObject>(new Parted(this, key));

    /// <inheritdoc/>
    public async IAsyncEnumerable<ListedObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var list = _container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var closing = list.ConfigureAwait(false);
        while (await MoveNextAsync(list, prefix, cancellationToken).ConfigureAwait(false))
            yield return new ListedObject(list.Current.Name, list.Current.Properties.ContentLength ?? 0, list.Current.Properties.LastModified ?? DateTimeOffset.MaxValue);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListNamesAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var list = _container.GetBlobsByHierarchyAsync(new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = "/" }, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var closing = list.ConfigureAwait(false);
        while (await MoveNextAsync(list, prefix, cancellationToken).ConfigureAwait(false))
            yield return (list.Current.IsPrefix ? list.Current.Prefix : list.Current.Blob.Name)[prefix.Length..].TrimEnd('/');
    }

    /// <inheritdoc/>
    public async Task DropAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await Blob(key).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOfStore(exception, cancellationToken))
        {
            throw Unavailable(key, exception);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The service forgets blocks of which no blob was made, after a week.</remarks>
    public Task<int> DropUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken) => Task.FromResult(0);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The client has nothing to close.
    }

    private BlockBlobClient Blob(string key) => _container.GetBlockBlobClient(key);

    private async ValueTask<bool> MoveNextAsync<T>(IAsyncEnumerator<T> list, string prefix, CancellationToken cancellationToken)
    {
        try
        {
            return await list.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOfStore(exception, cancellationToken))
        {
            throw Unavailable(prefix, exception);
        }
    }

    private FilesUnavailableException Unavailable(string key, Exception exception)
    {
        // The whole message of an answer is its headers.
        var why = exception is RequestFailedException { Status: > 0 } answered ? $"{answered.ErrorCode} ({answered.Status})" : exception.Message.Split('\n')[0].TrimEnd();
        return new FilesUnavailableException($"The store of {PlaceOf(key)} cannot be used: {why}", exception);
    }

    private static bool IsAbsent(RequestFailedException exception) => exception.Status == 404 && exception.ErrorCode == BlobErrorCode.BlobNotFound;

    /// <summary>Whether it is the store that failed, or the way to it: also where the client gave up waiting by itself.</summary>
    private static bool IsOfStore(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        FilesUnavailableException or StoredFileException => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => exception is RequestFailedException or AuthenticationFailedException or AggregateException or HttpRequestException or IOException or TimeoutException or System.Net.Sockets.SocketException,
    };

    private sealed class Parted(BlobObjects objects, string key) : IPartedObject
    {
        private readonly SortedSet<int> _numbers = [];

        public async Task PutAsync(int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            try
            {
                using var content = Content.Of(bytes);
                await objects.Blob(key).StageBlockAsync(NameOf(number), content, options: null, cancellationToken).ConfigureAwait(false);
                lock (_numbers) _numbers.Add(number);
            }
            catch (Exception exception) when (IsOfStore(exception, cancellationToken))
            {
                throw objects.Unavailable(key, exception);
            }
        }

        public async Task CompleteAsync(CancellationToken cancellationToken)
        {
            try
            {
                await objects.Blob(key).CommitBlockListAsync(_numbers.Select(NameOf), options: null, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsOfStore(exception, cancellationToken))
            {
                throw objects.Unavailable(key, exception);
            }
        }

        public Task DropAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private static string NameOf(int number) => Convert.ToBase64String(Encoding.ASCII.GetBytes(number.ToString("D6", CultureInfo.InvariantCulture)));
    }
}
