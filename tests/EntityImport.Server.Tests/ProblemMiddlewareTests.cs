using System.Text.Json;
using EntityImport.Server.Http;
using EntityImport.Server.Options;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EntityImport.Server.Tests;

public sealed class ProblemMiddlewareTests
{
    private static RefusalLog Refusals => new(NullLogger<RefusalLog>.Instance, TimeProvider.System);

    [Fact]
    public async Task What_nobody_expected_is_a_500_that_tells_the_log_more_than_the_caller()
    {
        var log = new Lines();
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };

        await new ProblemMiddleware(_ => throw new InvalidOperationException("secret"), log, Refusals, new ServerOptions()).InvokeAsync(context);

        var body = ((MemoryStream)context.Response.Body).ToArray();
        var problem = JsonElement.Parse(body);
        Assert.Equal(500, context.Response.StatusCode);
        Assert.Equal("application/problem+json", context.Response.ContentType);
        Assert.Equal("urn:eis:problem:internal-server-error", problem.GetProperty("type").GetString());
        Assert.DoesNotContain("secret", problem.ToString(), StringComparison.Ordinal);
        var (level, line, exception) = Assert.Single(log);
        Assert.Equal(LogLevel.Error, level);
        Assert.Equal("secret", exception!.Message);
        Assert.EndsWith(problem.GetProperty("instance").GetString()!["urn:eis:trace:".Length..] + ").", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_problem_has_the_trace_id_that_its_request_came_with_else_one_of_its_own()
    {
        var traced = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        traced.Request.Headers.TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        var (other, third) = (new DefaultHttpContext { Response = { Body = new MemoryStream() } }, new DefaultHttpContext { Response = { Body = new MemoryStream() } });
        var middleware = new ProblemMiddleware(_ => throw new RequestException(FaultKind.NotFound, "some-thing", "Why."), new Lines(), Refusals, new ServerOptions());

        foreach (var context in (DefaultHttpContext[])[traced, other, third]) await middleware.InvokeAsync(context);

        Assert.Equal("urn:eis:trace:4bf92f3577b34da6a3ce929d0e0e4736", InstanceOf(traced));
        Assert.Matches("^urn:eis:trace:[0-9a-f]{32}$", InstanceOf(other));
        Assert.NotEqual(InstanceOf(third), InstanceOf(other));

        static string? InstanceOf(DefaultHttpContext context) => JsonElement.Parse(((MemoryStream)context.Response.Body).ToArray()).GetProperty("instance").GetString();
    }

    [Theory]
    [InlineData(FaultKind.Invalid, 400)]
    [InlineData(FaultKind.Forbidden, 403)]
    [InlineData(FaultKind.NotFound, 404)]
    [InlineData(FaultKind.Conflict, 409)]
    [InlineData(FaultKind.TooLarge, 413)]
    [InlineData(FaultKind.NotAFile, 415)]
    [InlineData(FaultKind.Busy, 503)]
    [InlineData(FaultKind.OutOfSpace, 507)]
    public async Task Each_kind_of_refusal_has_its_status(FaultKind kind, int status)
    {
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await new ProblemMiddleware(_ => throw new RequestException(kind, "some-thing", "Why."), new Lines(), Refusals, new ServerOptions()).InvokeAsync(context);
        var problem = JsonElement.Parse(((MemoryStream)context.Response.Body).ToArray());
        Assert.Equal(status, context.Response.StatusCode);
        Assert.Equal(
            ("urn:eis:problem:some-thing", "Some thing", status, "Why."),
            (problem.GetProperty("type").GetString(), problem.GetProperty("title").GetString(), problem.GetProperty("status").GetInt32(), problem.GetProperty("detail").GetString()));
        Assert.False(problem.TryGetProperty("errors", out _));
    }

    [Fact]
    public async Task An_answer_that_fails_half_way_is_broken_off_so_that_nobody_takes_it_for_whole()
    {
        var log = new Lines();
        var context = new DefaultHttpContext();
        var lifetime = new Lifetime();
        context.Features.Set<IHttpResponseFeature>(new Started());
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        await new ProblemMiddleware(_ => throw new IOException("disk"), log, Refusals, new ServerOptions()).InvokeAsync(context);
        Assert.True(lifetime.Aborted);
        Assert.Single(log);
    }

    private sealed class Started : HttpResponseFeature
    {
        public override bool HasStarted => true;
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public bool Aborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Aborted = true;
    }

    private sealed class Lines : List<(LogLevel Level, string Line, Exception? Exception)>, ILogger<ProblemMiddleware>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add((logLevel, formatter(state, exception), exception));
    }
}
