using System.Globalization;
using System.Text.Json;
using EntityImport.Storage;

namespace EntityImport.Server.Http;

/// <summary>Answers whatever goes wrong with a <see cref="Problem"/>; what the caller cannot help is logged.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null } response)
                await WriteAsync(context, Problem.Of(context, response.StatusCode, DetailOf(context)));
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone; there is nobody to answer.
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            log.LogError(e, "{Method} {Path} failed after its answer had begun (trace {TraceId}).", context.Request.Method, context.Request.Path, Problem.TraceId(context));
            context.Abort();
        }
        catch (RequestException e)
        {
            await WriteAsync(context, Problem.Of(e, context), e.RetryAfter);
        }
        catch (StoreUnavailableException e)
        {
            log.LogError(e, "{Method} {Path} failed (trace {TraceId}).", context.Request.Method, context.Request.Path, Problem.TraceId(context));
            var refusal = e.IsDiskFull ? Refusal.DiskFull() : Refusal.StoreUnavailable();
            await WriteAsync(context, Problem.Of(refusal, context), refusal.RetryAfter);
        }
        catch (StoredFileException e)
        {
            log.LogError(e, "{Method} {Path} failed (trace {TraceId}).", context.Request.Method, context.Request.Path, Problem.TraceId(context));
            await WriteAsync(context, Problem.Of(context, StatusCodes.Status500InternalServerError, e.Type, e.Message));
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, Problem.Of(context, e.StatusCode, e.Message));
        }
        catch (Exception e)
        {
            log.LogError(e, "{Method} {Path} failed (trace {TraceId}).", context.Request.Method, context.Request.Path, Problem.TraceId(context));
            await WriteAsync(context, Problem.Of(context, StatusCodes.Status500InternalServerError, "The service failed. Its log has the cause under the trace id."));
        }
    }

    private static Task WriteAsync(HttpContext context, Problem problem, TimeSpan? retryAfter = null)
    {
        // What an endpoint had prepared for its own answer must not describe this one; Allow belongs to 405.
        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        context.Response.Headers.Allow = allow;
        if (retryAfter is { } pause) context.Response.Headers.RetryAfter = ((long)Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = Problem.MediaType;
        return JsonSerializer.SerializeAsync(context.Response.Body, problem, ServerJson.Options, context.RequestAborted);
    }

    private static string DetailOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}. /openapi/v1.json lists what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not possible on {context.Request.Path}. Possible: {context.Response.Headers.Allow}.",
        _ => "The request was refused.",
    };
}
