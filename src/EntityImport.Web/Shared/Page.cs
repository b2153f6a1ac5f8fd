using EntityImport.Api;
using EntityImport.Web.Assets;
using EntityImport.Web.Calls;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EntityImport.Web.Shared;

/// <summary>A request for a page, or of a form on one: what it was asked with, the API to answer from, and how it is answered.</summary>
public sealed class Page
{
    private const int MostFormValues = 65_536;

    private const string ThemeCookie = "eis-theme";
    private readonly HttpContext _context;

    internal Page(HttpContext context, OwnApi api) => (_context, Api) = (context, api);

    /// <summary>The API, as the caller may use it.</summary>
    internal OwnApi Api { get; }

    /// <summary>The calls that the page shows the answers of.</summary>
    public IReadOnlyList<CallRecord> Calls => Api.Calls;

    /// <summary>Path and query, as a link leads back here.</summary>
    public string Address => _context.Request.Path + _context.Request.QueryString;

    public string Path => _context.Request.Path;

    /// <summary>The server as the browser calls it, for commands to copy.</summary>
    public string Server => $"{_context.Request.Scheme}://{_context.Request.Host}";

    /// <summary>What somebody chose: light or dark; null for what the system says.</summary>
    public string? Theme => _context.Request.Cookies[ThemeCookie] is "light" or "dark" ? _context.Request.Cookies[ThemeCookie] : null;

    /// <summary>Who is signed in with the browser; null where nobody is.</summary>
    public Me? Visitor { get; private set; }

    /// <summary>Whether the request shows a credential of its own accord, as programs do.</summary>
    internal bool ShowsCredential => _context.Request.Headers.Authorization.Count > 0 || _context.Request.Headers.ContainsKey("X-Api-Key");

    /// <summary>A part of the path.</summary>
    public string Route(string name) => (string)_context.Request.RouteValues[name]!;

    /// <summary>The same, for a path of the API.</summary>
    public string Segment(string name) => Uri.EscapeDataString(Route(name));

    /// <summary>A parameter of the query; null where it is absent or empty.</summary>
    public string? Query(string name) => _context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    public IQueryCollection QueryAll => _context.Request.Query;

    /// <summary>The form that was sent.</summary>
    /// <exception cref="ApiRefusedException">It cannot be read as one.</exception>
    internal async Task<IFormCollection> ReadFormAsync()
    {
        try
        {
            // Each column of a file has some of them.
            return await _context.Request.ReadFormAsync(new FormOptions { ValueCountLimit = MostFormValues }, _context.RequestAborted);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            throw new ApiRefusedException(
                new Api.Problem { Type = "urn:eis:problem:malformed-body", Title = "The form cannot be read", Status = StatusCodes.Status400BadRequest, Detail = exception.Message, Instance = "" }, retryAfter: null);
        }
    }

    /// <summary>Lets a body be as large as the engine takes it; a client may be slow.</summary>
    internal void LiftLimits()
    {
        if (_context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
    }

    internal void SetTheme(string? theme) => _context.Response.Cookies.Append(ThemeCookie, theme ?? "", new CookieOptions
    {
        Path = "/",
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = _context.Request.IsHttps,
        Expires = theme is null ? DateTimeOffset.UnixEpoch : DateTimeOffset.UtcNow.AddYears(1),
    });

    /// <summary>Sends the browser on, so that a reload does not send the form again.</summary>
    internal Task GoAsync(string address)
    {
        _context.Response.StatusCode = StatusCodes.Status303SeeOther;
        _context.Response.Headers.Location = address;
        return Task.CompletedTask;
    }

    /// <summary>Answers with a screen.</summary>
    /// <param name="parameters">The screen's parameters, beside the page.</param>
    /// <param name="status">The status code.</param>
    internal async Task ShowAsync<TScreen>(Dictionary<string, object?>? parameters = null, int status = StatusCodes.Status200OK) where TScreen : Screen
    {
        parameters ??= [];
        parameters[nameof(Screen.Page)] = this;
        Visitor = await FindVisitorAsync();
        await using var renderer = new HtmlRenderer(_context.RequestServices, _context.RequestServices.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync<TScreen>(ParameterView.FromDictionary(parameters));
            return root.ToHtmlString();
        });
        _context.Response.StatusCode = status;
        _context.Response.ContentType = "text/html; charset=utf-8";
        PageHeaders.Set(_context.Response);
        await Compression.WriteAsync(_context, "<!DOCTYPE html>\n" + html);
    }

    private async Task<Me?> FindVisitorAsync()
    {
        if (ShowsCredential || !(_context.Request.Cookies.ContainsKey(SignInWays.Cookie) || _context.Request.Cookies.ContainsKey("__Host-" + SignInWays.Cookie))) return null;
        try
        {
            var me = await Api.DoAsync<Me>(HttpMethods.Get, "/v1/me");
            return me.Scheme is "oidc" or "link" ? me : null;
        }
        catch (ApiRefusedException)
        {
            return null;
        }
    }

    /// <summary>Answers with what went wrong.</summary>
    internal Task ShowAsync(Problem problem) => ShowAsync<ProblemScreen>(new() { [nameof(ProblemScreen.Problem)] = problem }, problem.Status);
}

/// <summary>What a page shows: a component without a life of its own.</summary>
public abstract class Screen : ComponentBase
{
    /// <summary>The request.</summary>
    [Parameter]
    [EditorRequired]
    public Page Page { get; set; } = null!;
}
