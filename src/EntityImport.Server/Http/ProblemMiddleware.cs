using System.Globalization;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Files;
using EntityImport.Server.Access;
using EntityImport.Server.Options;
using EntityImport.Storage;

namespace EntityImport.Server.Http;

/// <summary>Answers whatever goes wrong with a <see cref="Problem"/>; what the caller cannot help is logged with its cause.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log, RefusalLog refusals, ServerOptions options)
{
    private readonly string _challenge = Schemes.Challenge(options.Access);

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
            // Whoever refuses a part of a file (412, 416) has told the file's type already.
            if (context.Response is { HasStarted: false } response
                && response is { StatusCode: >= 400, ContentType: null } or { StatusCode: StatusCodes.Status412PreconditionFailed or StatusCodes.Status416RangeNotSatisfiable })
            {
                // Wherever there is GET, there is HEAD.
                if (response.Headers.Allow.ToString() is var allow && allow.Contains("GET", StringComparison.Ordinal) && !allow.Contains("HEAD", StringComparison.Ordinal))
                    response.Headers.Allow = $"{allow}, HEAD";
                await WriteAsync(context, Problem.Of(context, response.StatusCode, DetailOf(context)));
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone; there is nobody to answer.
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            log.LogError(e, "{Method} {Path} failed after its answer had begun (trace {TraceId}).", Method(context), Path(context), Problem.TraceId(context));
            context.Abort();
        }
        catch (RequestException e)
        {
            await WriteAsync(context, Problem.Of(e, context), e.RetryAfter, e.UploadOffset);
        }
        catch (StoreUnavailableException e)
        {
            log.LogError(e, "{Method} {Path} failed (trace {TraceId}).", Method(context), Path(context), Problem.TraceId(context));
            var refusal = e.IsDiskFull ? Refusal.DiskFull() : Refusal.StoreUnavailable();
            await WriteAsync(context, Problem.Of(refusal, context), refusal.RetryAfter);
        }
        catch (FilesUnavailableException e)
        {
            log.LogError(e, "{Method} {Path} failed (trace {TraceId}).", Method(context), Path(context), Problem.TraceId(context));
            var refusal = Refusal.FilesUnavailable();
            await WriteAsync(context, Problem.Of(refusal, context), refusal.RetryAfter);
        }
        catch (StoredFileException e)
        {
            log.LogError(e, "{Method} {Path} failed (trace {TraceId}).", Method(context), Path(context), Problem.TraceId(context));
            await WriteAsync(context, Problem.Of(context, StatusCodes.Status500InternalServerError, e.Type, e.Message));
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, Problem.Of(context, e.StatusCode, e.Message));
        }
        catch (Exception e)
        {
            log.LogError(e, "{Method} {Path} failed (trace {TraceId}).", Method(context), Path(context), Problem.TraceId(context));
            await WriteAsync(context, Problem.Of(context, StatusCodes.Status500InternalServerError, "The service failed. Its log has the cause under the trace id."));
        }
    }

    private Task WriteAsync(HttpContext context, Problem problem, TimeSpan? retryAfter = null, long? offset = null)
    {
        if (problem.Status < 500) refusals.Note(context.Request.Method, context.Request.Path.ToString(), problem);
        // What an endpoint had prepared for its own answer must not describe this one; Allow belongs to 405, the size of the whole to 416.
        var (allow, size) = (context.Response.Headers.Allow, context.Response.Headers.ContentRange);
        context.Response.Clear();
        context.Response.Headers.Allow = allow;
        if (problem.Status == StatusCodes.Status416RangeNotSatisfiable) context.Response.Headers.ContentRange = size;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (problem.Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = _challenge;
        if (retryAfter is { } pause) context.Response.Headers.RetryAfter = ((long)Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (offset is { } next) context.Response.Headers["Upload-Offset"] = next.ToString(CultureInfo.InvariantCulture);
        // Where the coding of a body is unknown, so is where the next request begins.
        if (problem.Status == StatusCodes.Status501NotImplemented) context.Response.Headers.Connection = "close";
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = Problem.MediaType;
        return JsonSerializer.SerializeAsync(context.Response.Body, problem, ApiJson.Options, context.RequestAborted);
    }

    private static string Method(HttpContext context) => Refusal.Cut(context.Request.Method);

    private static string Path(HttpContext context) => Refusal.Cut(context.Request.Path);

    private static string DetailOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {Path(context)}. /openapi/v1.json lists what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{Method(context)} is not possible on {Path(context)}. Possible: {context.Response.Headers.Allow}.",
        StatusCodes.Status412PreconditionFailed => "The file is another one than If-Match or If-Unmodified-Since asks for.",
        StatusCodes.Status416RangeNotSatisfiable => $"The file has nothing in the range that was asked for. Its size is behind the slash: {context.Response.Headers.ContentRange}.",
        _ => "The request was refused.",
    };
}
