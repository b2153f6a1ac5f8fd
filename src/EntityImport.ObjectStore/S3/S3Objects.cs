using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using EntityImport.Files;
using EntityImport.ObjectStore.Objects;

namespace EntityImport.ObjectStore.S3;

/// <summary>Objects of a bucket of S3, or of a server that speaks its protocol.</summary>
internal sealed class S3Objects : IObjects
{
    private const int Retries = 3;

    /// <summary>How long one request may take, a part of 16 MiB included.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    private readonly AmazonS3Client _client;
    private readonly string _bucket;

    public S3Objects(S3Location location)
    {
        _bucket = location.Bucket;
        var config = new AmazonS3Config
        {
            MaxErrorRetry = Retries,
            RetryMode = RequestRetryMode.Standard,
            Timeout = Patience,
            ConnectTimeout = ConnectPatience,
            ForcePathStyle = location.PathStyle ?? location.Endpoint is not null,
            // Servers other than Amazon's do not know the checksums that it asks for by default.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (location.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.AuthenticationRegion = location.Region ?? "us-east-1";
        }
        else if (location.Region is { } region)
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        }

        try
        {
            _client = new AmazonS3Client(config);
        }
        catch (AmazonClientException exception)
        {
            throw new FilesUnavailableException($"S3 cannot be used: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public string PlaceOf(string key) => $"s3://{_bucket}/{key}";

    /// <inheritdoc/>
    public async Task<ObjectFacts?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _bucket, Key = key }, cancellationToken).ConfigureAwait(false);
            return new ObjectFacts(found.ContentLength, found.ETag);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            // The answer has no body that says whether it is the bucket that is gone: then nobody knows of the object.
            await foreach (var name in ListNamesAsync(key, cancellationToken).ConfigureAwait(false)) break;
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
            var request = new GetObjectRequest { BucketName = _bucket, Key = key, EtagToMatch = tag, ByteRange = new ByteRange(offset, offset + buffer.Length - 1) };
            using var answer = await _client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
            await answer.ResponseStream.ReadExactlyAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception exception) when (exception is { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" })
        {
            throw StoredFileException.LostAt(PlaceOf(key));
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestedRangeNotSatisfiable)
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
            await _client.PutObjectAsync(
                new PutObjectRequest { BucketName = _bucket, Key = key, InputStream = content, AutoCloseStream = false, UseChunkEncoding = false, ContentType = "application/octet-stream" }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOfStore(exception, cancellationToken))
        {
            throw Unavailable(key, exception);
        }
    }

    /// <inheritdoc/>
    public async Task<IPartedObject> BeginAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var begun = await _client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = _bucket, Key = key, ContentType = "application/octet-stream" }, cancellationToken).ConfigureAwait(false);
            return new Parted(this, key, begun.UploadId);
        }
        catch (Exception exception) when (IsOfStore(exception, cancellationToken))
        {
            throw Unavailable(key, exception);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ListedObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(prefix, delimiter: null, cancellationToken).ConfigureAwait(false))
            foreach (var found in page.S3Objects ?? []) yield return new ListedObject(found.Key, found.Size ?? 0, Utc(found.LastModified));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListNamesAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(prefix, "/", cancellationToken).ConfigureAwait(false))
        {
            foreach (var folder in page.CommonPrefixes ?? []) yield return folder[prefix.Length..].TrimEnd('/');
            foreach (var found in page.S3Objects ?? []) yield return found.Key[prefix.Length..];
        }
    }

    /// <inheritdoc/>
    public async Task DropAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _bucket, Key = key }, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception exception) when (exception is { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NoSuchKey" })
        {
            // Some servers say so.
        }
        catch (Exception exception) when (IsOfStore(exception, cancellationToken))
        {
            throw Unavailable(key, exception);
        }
    }

    /// <inheritdoc/>
    public async Task<int> DropUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken)
    {
        try
        {
            var count = 0;
            var request = new ListMultipartUploadsRequest { BucketName = _bucket, Prefix = prefix };
            while (true)
            {
                var page = await _client.ListMultipartUploadsAsync(request, cancellationToken).ConfigureAwait(false);
                foreach (var begun in page.MultipartUploads ?? [])
                {
                    if (begun.Initiated is null || Utc(begun.Initiated) >= before) continue;
                    if (await AbortAsync(begun.Key, begun.UploadId, cancellationToken).ConfigureAwait(false)) count++;
                }

                if (page.IsTruncated != true) return count;
                (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
            }
        }
        catch (Exception exception) when (IsOfStore(exception, cancellationToken))
        {
            throw Unavailable(prefix, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(string prefix, string? delimiter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = prefix, Delimiter = delimiter };
        while (true)
        {
            ListObjectsV2Response page;
            try
            {
                page = await _client.ListObjectsV2Async(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsOfStore(exception, cancellationToken))
            {
                throw Unavailable(prefix, exception);
            }

            yield return page;
            if (page.IsTruncated != true) yield break;
            request.ContinuationToken = page.NextContinuationToken;
        }
    }

    /// <summary>Gives parts up; false where somebody else has done so, or has completed them.</summary>
    private async Task<bool> AbortAsync(string key, string uploadId, CancellationToken cancellationToken)
    {
        try
        {
            await _client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = uploadId }, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception exception) when (exception is { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" })
        {
            return false;
        }
    }

    private FilesUnavailableException Unavailable(string key, Exception exception)
    {
        var why = exception is AmazonS3Exception { StatusCode: > 0 } answered ? $"{answered.ErrorCode} ({(int)answered.StatusCode}): {answered.Message}" : exception.Message;
        return new FilesUnavailableException($"The store of {PlaceOf(key)} cannot be used: {why}", exception);
    }

    /// <summary>Whether it is the store that failed, or the way to it: also where the client gave up waiting by itself.</summary>
    private static bool IsOfStore(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        FilesUnavailableException or StoredFileException => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => exception is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException or System.Net.Sockets.SocketException,
    };

    private static DateTimeOffset Utc(DateTime? time) => time is { } known ? new DateTimeOffset(known.ToUniversalTime()) : DateTimeOffset.MaxValue;

    private sealed class Parted(S3Objects objects, string key, string uploadId) : IPartedObject
    {
        private readonly SortedDictionary<int, string> _tags = [];

        public async Task PutAsync(int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            try
            {
                using var content = Content.Of(bytes);
                var put = await objects._client.UploadPartAsync(
                    new UploadPartRequest { BucketName = objects._bucket, Key = key, UploadId = uploadId, PartNumber = number, PartSize = bytes.Length, InputStream = content, UseChunkEncoding = false }, cancellationToken).ConfigureAwait(false);
                lock (_tags) _tags[number] = put.ETag;
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
                var request = new CompleteMultipartUploadRequest { BucketName = objects._bucket, Key = key, UploadId = uploadId, PartETags = [.. _tags.Select(part => new PartETag(part.Key, part.Value))] };
                await objects._client.CompleteMultipartUploadAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (AmazonS3Exception exception) when (exception.ErrorCode == "NoSuchUpload")
            {
                // An answer may have been lost, and the request sent again: the key is nobody else's.
                if (await objects.FindAsync(key, cancellationToken).ConfigureAwait(false) is null) throw objects.Unavailable(key, exception);
            }
            catch (Exception exception) when (IsOfStore(exception, cancellationToken))
            {
                throw objects.Unavailable(key, exception);
            }
        }

        public async Task DropAsync(CancellationToken cancellationToken)
        {
            try
            {
                await objects.AbortAsync(key, uploadId, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsOfStore(exception, cancellationToken))
            {
                throw objects.Unavailable(key, exception);
            }
        }
    }
}
