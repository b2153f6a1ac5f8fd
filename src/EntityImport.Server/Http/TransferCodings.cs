using Microsoft.Extensions.Primitives;

namespace EntityImport.Server.Http;

/// <summary>Refuses transfer codings that the server does not undo (RFC 9112, section 6.1): their bytes would be taken for the body.</summary>
internal sealed class TransferCodings(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var codings = context.Request.Headers.TransferEncoding;
        if (!IsPlain(codings))
            throw new BadHttpRequestException($"The Transfer-Encoding '{Refusal.Cut(codings)}' is not supported. Supported: chunked.", StatusCodes.Status501NotImplemented);
        return next(context);
    }

    private static bool IsPlain(StringValues codings) =>
        codings.Count == 0 || (codings.Count == 1 && codings[0]!.Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase));
}
