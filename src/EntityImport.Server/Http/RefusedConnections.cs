using System.Diagnostics;
using System.IO.Pipelines;
using EntityImport.Api;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EntityImport.Server.Http;

/// <summary>
/// What Kestrel cannot take for a request (a line or headers that are too long, a bad Host, length or escape, headers that do not come) it refuses before the
/// application sees it, and with an empty body. Here such answers get a <see cref="Problem"/>, too, and a line in the log.
/// </summary>
/// <remarks>Kestrel announces each of them by a diagnostic event, before it writes the answer to the connection that the event names.</remarks>
internal sealed class RefusedConnections(DiagnosticListener diagnostics, RefusalLog log) : IObserver<KeyValuePair<string, object?>>, IHostedService
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private IDisposable? _subscription;

    /// <summary>Lets the answers of an endpoint's connections be completed.</summary>
    public static void Watch(ListenOptions endpoint) => endpoint.Use(next => connection =>
    {
        var answers = new AnswerWriter(connection.Transport.Output);
        connection.Transport = new Transport(connection.Transport.Input, answers);
        connection.Features.Set(answers);
        return next(connection);
    });

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = diagnostics.Subscribe(this, name => name == BadRequest);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is not { Key: BadRequest, Value: IFeatureCollection request }) return;
        if (request.Get<IBadRequestExceptionFeature>()?.Error is not Microsoft.AspNetCore.Http.BadHttpRequestException fault) return;
        if (request.Get<IHttpResponseFeature>() is not { HasStarted: false } || request.Get<AnswerWriter>() is not { } answers) return;
        var line = request.Get<IHttpRequestFeature>();
        var trace = request.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier ?? "";
        var problem = Problem.Of(trace, fault.StatusCode, Refusal.Message(fault.Message));
        log.Note(line?.Method ?? "", new PathString(line?.Path is { Length: > 0 } path ? path : null).ToString(), problem);
        answers.Complete(problem, hasBody: line?.Method is not { } method || !HttpMethods.IsHead(method));
    }

    /// <inheritdoc/>
    public void OnCompleted()
    {
        // The application has ended.
    }

    /// <inheritdoc/>
    public void OnError(Exception error)
    {
        // Listeners have no errors.
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
