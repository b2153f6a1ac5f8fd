using EntityImport.Catalog;
using EntityImport.Server.Access;
using EntityImport.Server.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EntityImport.Server.Uploads;

/// <summary>A file that a request sends as a whole. It takes a place among those that are sent at the same time, and its bytes count as sent today.</summary>
internal sealed class SentFile : IAsyncDisposable
{
    private readonly IDisposable _place;
    private readonly UploadBody _body;

    private SentFile(IDisposable place, UploadBody body, Stream content)
    {
        _place = place;
        _body = body;
        Content = content;
    }

    /// <inheritdoc cref="UploadBody.Content"/>
    public Stream Content { get; }

    /// <inheritdoc cref="UploadBody.FileName"/>
    public string? FileName => _body.FileName;

    /// <inheritdoc cref="UploadBody.Charset"/>
    public string? Charset => _body.Charset;

    /// <summary>Opens the file of a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="call">The call.</param>
    /// <param name="quotas">What its sender may send.</param>
    /// <param name="mapping">The mapping that it is to be read by; null where there is none yet.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RequestException">It sends none, or one that is too large; or too many are sent at the same time.</exception>
    public static async Task<SentFile> OpenAsync(HttpContext context, Call call, CallerQuotas quotas, Mapping? mapping, CancellationToken cancellationToken)
    {
        var place = call.Engine.Uploads.TakePlace(call.Request);
        UploadBody? body = null;
        try
        {
            if (UploadBody.LeastFileBytes(context.Request) is { } size) call.Engine.Uploads.CheckSize(size);
            LiftLimits(context.Features);
            body = await UploadBody.OpenAsync(context.Request, mapping, cancellationToken);
            return new SentFile(place, body, await CountAsync(body.Content, call, quotas));
        }
        catch
        {
            if (body is not null) await body.DisposeAsync();
            place.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of a file, added to those that its sender has sent today.</summary>
    public static async Task<Stream> CountAsync(Stream content, Call call, CallerQuotas quotas)
    {
        if (await quotas.TodayAsync(call.Request) is not { } today) return content;
        var counted = 0L;
        return new CountedStream(content, count =>
        {
            today.Add(count - counted);
            counted = count;
        });
    }

    /// <summary>The engine bounds the file, after decompression. A client may be slow, only not silent for ever.</summary>
    public static void LiftLimits(IFeatureCollection features)
    {
        if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromMinutes(2));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync();
        await _body.DisposeAsync();
        _place.Dispose();
    }
}
