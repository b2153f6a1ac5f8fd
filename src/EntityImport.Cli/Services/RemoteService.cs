using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EntityImport.Api;
using EntityImport.Cli.Output;
using EntityImport.Client;
using EntityImport.Entities;
using RecordPage = EntityImport.Records.RecordPage;

namespace EntityImport.Cli.Services;

/// <summary>A server, by its API. What has been begun there is insisted on: a server that is away for a moment, as for a restart, is waited for.</summary>
internal sealed class RemoteService(ServerAddress server, HttpClient http, UnreportedImports unreported) : IService
{
    private const string OwnProblems = "urn:eis:problem:";

    /// <summary>The store was lost while it worked, so that what was asked may be done.</summary>
    private const string StoreUnavailable = OwnProblems + "store-unavailable";

    /// <summary>An earlier attempt is still being carried out.</summary>
    private const string KeyInUse = OwnProblems + "idempotency-key-in-use";

    private const int MaxImportPages = 10;
    private const int ImportsPerPage = 200;

    /// <summary>How long an answer may take.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(100);

    /// <summary>How long nothing of a file may move.</summary>
    private static readonly TimeSpan StallTimeout = TimeSpan.FromMinutes(5);

    /// <summary>How long a server may be away while an import is begun or runs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The same when the user has interrupted, and waits for the end of that.</summary>
    private static readonly TimeSpan InterruptedPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly EntityImportClient _client = new(http);
    private TimeSpan _patience = Patience;

    public IReadOnlyList<Guid> Interrupted => [];

    public UnreportedImports Unreported { get; } = unreported;

    /// <summary>Makes ready to call a server; nothing is sent yet.</summary>
    /// <exception cref="CommandFailure">The key must not be sent there.</exception>
    public static RemoteService Connect(ServerAddress server, Terminal terminal)
    {
        try
        {
            return new RemoteService(server, EntityImportClient.Connect(server.Url, server.ApiKey, server.IsPlainHttpAllowed), UnreportedImports.Of(server.Url, terminal));
        }
        catch (ArgumentException exception)
        {
            // What is wrong with address and key was told where they were read.
            throw new CommandFailure($"{server.Url} cannot be called with this key.", exception);
        }
    }

    public async Task<IReadOnlyList<EntityDefinition>> ListEntitiesAsync(CancellationToken cancellationToken) =>
        [.. (await AskAsync(_client.ListEntitiesAsync, cancellationToken)).Select(Define)];

    public async Task<EntityDefinition?> FindEntityAsync(string systemName, CancellationToken cancellationToken)
    {
        try
        {
            return Define(await AskAsync(token => _client.GetEntityAsync(systemName, token), cancellationToken));
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.NotFound)
        {
            return null;
        }
    }

    public async Task<EntityDefinition> PutEntityAsync(string systemName, JsonElement document, CancellationToken cancellationToken) =>
        Define(await AskAsync(token => _client.PutEntityAsync(systemName, document, token), cancellationToken));

    public async Task DeleteUnusedEntityAsync(string systemName, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(token => _client.DeleteEntityAsync(systemName, force: false, token), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind is FaultKind.Conflict or FaultKind.NotFound)
        {
            // It is used, or gone.
        }
    }

    public async Task<RecordPage> ReadRecordsAsync(EntityDefinition entity, string? filter, int top, CancellationToken cancellationToken)
    {
        var options = new RecordOptions { Filter = filter, Top = top, Count = true };
        var page = await AskAsync(token => _client.ReadRecordsAsync(entity.SystemName, options, token), cancellationToken);
        return new RecordPage(entity.Fields, [.. page.Records.Select(record => entity.Fields.Select(field => record.TryGetProperty(field.SystemName, out var value) ? FieldValue.Of(value) : null).ToArray())], page.Total);
    }

    public Task<RecordHistory> ReadHistoryAsync(EntityDefinition entity, IReadOnlyList<string> key, bool withRows, CancellationToken cancellationToken) =>
        AskAsync(token => _client.GetHistoryAsync(entity.SystemName, key, withRows, token), cancellationToken);

    public Task<Guid> CreateMappingAsync(JsonElement document, CancellationToken cancellationToken) => AskAsync(token => _client.CreateMappingAsync(document, token), cancellationToken);

    public Task<Guid> UploadAsync(Guid mappingId, FileStream file, string fileName, CancellationToken cancellationToken) =>
        MoveAsync(file, token => _client.UploadAsync(mappingId, file, fileName, token), cancellationToken);

    public async Task<Guid> ImportAsync(Guid uploadId, CancellationToken cancellationToken)
    {
        var mayBeBegun = false;
        try
        {
            // An upload is imported once, so its id is a key of the request's own.
            return await InsistAsync(token => _client.ImportAsync(uploadId, $"eis-import-{uploadId}", token), cancellationToken, failure => mayBeBegun |= !failure.IsRefusal);
        }
        catch (Exception exception) when (mayBeBegun && exception is RequestException or ServiceFailure { IsRefusal: true })
        {
            // What refuses the last attempt may be the import that an earlier one has begun.
            throw new ServiceFailure(exception.Message, exception);
        }
    }

    public IAsyncEnumerable<ImportDetails> WatchAsync(Guid importId, CancellationToken cancellationToken) =>
        WatchAsync(token => _client.GetImportAsync(importId, token), details => details.State.HasEnded, cancellationToken);

    public async Task CancelAsync(Guid importId, CancellationToken cancellationToken)
    {
        _patience = InterruptedPatience;
        try
        {
            await InsistAsync(token => _client.CancelAsync(importId, token), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.Conflict)
        {
            // It ended before it could be cancelled, so its end is what counts.
        }
    }

    public Task<Guid> PlanAsync(Guid uploadId, CancellationToken cancellationToken) => AskAsync(token => _client.PlanAsync(uploadId, token), cancellationToken);

    public IAsyncEnumerable<PlanDetails> WatchPlanAsync(Guid planId, CancellationToken cancellationToken) =>
        WatchAsync(token => _client.GetPlanAsync(planId, token), details => details.Plan.State.HasEnded, cancellationToken);

    public async Task CancelPlanAsync(Guid planId, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(Answering(token => _client.CancelPlanAsync(planId, token)), InterruptedPatience, cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.Conflict)
        {
            // It ended before it could be cancelled.
        }
    }

    public async Task<IReadOnlyList<RecordChange>> ListUpdatesAsync(Guid planId, string field, int limit, CancellationToken cancellationToken) =>
        (await AskAsync(token => _client.ListChangesAsync(planId, ChangeKind.Updated, field, limit, cursor: null, token), cancellationToken)).Changes;

    public async Task<IReadOnlyList<RejectedRow>> ListPlanRejectedAsync(Guid planId, int limit, CancellationToken cancellationToken) =>
        (await AskAsync(token => _client.ListPlanErrorsAsync(planId, limit, cursor: null, token), cancellationToken)).Errors;

    public Task<Guid> ApplyPlanAsync(Guid planId, string? reason, CancellationToken cancellationToken) =>
        AskAsync(token => _client.ApplyPlanAsync(planId, reason, token), cancellationToken);

    public Task<Guid> UndoAsync(Guid importId, CancellationToken cancellationToken) => AskAsync(token => _client.UndoAsync(importId, token), cancellationToken);

    public Task<UndoPreview> PreviewUndoAsync(Guid importId, CancellationToken cancellationToken) => AskAsync(token => _client.PreviewUndoAsync(importId, token), cancellationToken);

    public async Task<ImportDetails?> FindLastImportAsync(Guid uploadId, string entity, CancellationToken cancellationToken)
    {
        string? cursor = null;
        for (var pages = 0; pages < MaxImportPages; pages++)
        {
            var from = cursor;
            var page = await AskAsync(token => _client.ListImportsAsync(entity, state: null, ImportsPerPage, from, cancellationToken: token), cancellationToken);
            if (page.Imports.FirstOrDefault(import => import.UploadId == uploadId) is { } found) return await AskAsync(token => _client.GetImportAsync(found.ImportId, token), cancellationToken);
            if ((cursor = page.NextCursor) is null) break;
        }

        return null;
    }

    public async Task<ImportDetails?> FindLastSuccessAsync(string entity, CancellationToken cancellationToken)
    {
        var page = await AskAsync(token => _client.ListImportsAsync(entity, ImportState.Succeeded, limit: 1, cancellationToken: token), cancellationToken);
        return page.Imports is [var newest, ..] ? await AskAsync(token => _client.GetImportAsync(newest.ImportId, token), cancellationToken) : null;
    }

    public async Task<IReadOnlyList<RejectedRow>> ListRejectedAsync(Guid importId, int limit, CancellationToken cancellationToken) =>
        (await InsistAsync(token => _client.ListErrorsAsync(importId, limit, cursor: null, token), cancellationToken)).Errors;

    public Task<IReadOnlyList<ApiKeyDetails>> ListKeysAsync(CancellationToken cancellationToken) => AskAsync(_client.ListKeysAsync, cancellationToken);

    public Task<ApiKeyCreated> CreateKeyAsync(NewApiKey key, CancellationToken cancellationToken) => AskAsync(token => _client.CreateKeyAsync(key, token), cancellationToken);

    public Task<SignInLink> CreateSignInLinkAsync(NewSignInLink link, CancellationToken cancellationToken) => AskAsync(token => _client.CreateSignInLinkAsync(link, token), cancellationToken);

    public async Task<bool> RevokeKeyAsync(Guid keyId, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(token => _client.RevokeKeyAsync(keyId, token), cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.NotFound)
        {
            return false;
        }
    }

    public Task CopyErrorFileAsync(Guid importId, FileStream target, CancellationToken cancellationToken) =>
        MoveAsync(
            target,
            Answering(token => _client.CopyErrorFileAsync(importId, target, token)),
            cancellationToken);

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static EntityDefinition Define(Entity entity) => new()
    {
        SystemName = entity.SystemName,
        DisplayName = entity.DisplayName,
        Fields = [.. entity.Fields.Select(Define)],
    };

    private static FieldDefinition Define(EntityField field) => new()
    {
        SystemName = field.SystemName,
        DisplayName = field.DisplayName,
        DataType = Enum.TryParse<DataType>(field.DataType, ignoreCase: true, out var type) && Enum.IsDefined(type) && !char.IsAsciiDigit(field.DataType[0])
            ? type
            : throw new CommandFailure($"The server knows a type of fields, {ShownText.Cut(field.DataType)}, that this eis does not know; it takes a newer one."),
        Required = field.Required,
        PrimaryKey = field.PrimaryKey,
        Length = field.Length,
        Precision = field.Precision ?? 0,
        Scale = field.Scale ?? 0,
    };

    /// <summary>Asks again and again, until what is told has ended.</summary>
    private async IAsyncEnumerable<T> WatchAsync<T>(Func<CancellationToken, Task<T>> ask, Func<T, bool> hasEnded, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause)
        {
            var details = await InsistAsync(ask, cancellationToken);
            yield return details;
            if (hasEnded(details)) yield break;
            await Task.Delay(pause, cancellationToken);
        }
    }

    private Task<bool> AskAsync(Func<CancellationToken, Task> ask, CancellationToken cancellationToken) => AskAsync(Answering(ask), cancellationToken);

    private Task<bool> InsistAsync(Func<CancellationToken, Task> ask, CancellationToken cancellationToken) => InsistAsync(Answering(ask), cancellationToken);

    private static Func<CancellationToken, Task<bool>> Answering(Func<CancellationToken, Task> ask) => async token =>
    {
        await ask(token);
        return true;
    };

    private Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => AskAsync(ask, AnswerTimeout, cancellationToken);

    /// <summary>Sends a request, and again while the server is away, within <see cref="_patience"/>; tells of each attempt that failed so.</summary>
    private async Task<T> InsistAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken, Action<ServiceFailure>? hasFailed = null)
    {
        var begun = TimeProvider.System.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await AskAsync(ask, _patience < AnswerTimeout ? _patience : AnswerTimeout, cancellationToken);
            }
            catch (ServiceFailure failure) when (failure.IsPassing)
            {
                hasFailed?.Invoke(failure);
                var wait = failure.RetryAfter is { } wished && wished > pause ? wished : pause;
                if (TimeProvider.System.GetElapsedTime(begun) + wait >= _patience) throw;
                await Task.Delay(wait, cancellationToken);
            }
        }
    }

    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(timeout);
        try
        {
            return await ask(limited.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Describe(exception) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Sends or receives a file, for as long as it moves.</summary>
    private async Task<T> MoveAsync<T>(FileStream file, Func<CancellationToken, Task<T>> move, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var moving = move(limited.Token);
        var (position, moved) = (file.Position, TimeProvider.System.GetTimestamp());
        while (!moving.IsCompleted)
        {
            await Task.WhenAny(moving, Task.Delay(LongestPause, CancellationToken.None));
            if (moving.IsCompleted) break;
            if (file.Position != position) (position, moved) = (file.Position, TimeProvider.System.GetTimestamp());
            else if (TimeProvider.System.GetElapsedTime(moved) > StallTimeout) await limited.CancelAsync();
        }

        try
        {
            return await moving;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Describe(exception) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>What has gone wrong, in words of the command line; null where the program is at fault.</summary>
    private Exception? Describe(Exception exception) => exception switch
    {
        EntityImportProblemException problem => Describe(problem),
        OperationCanceledException => new ServiceFailure($"{server.Url} does not answer.", exception) { IsPassing = true },
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            new ServiceFailure($"No secure connection to {server.Url} can be made: {exception.InnerException?.Message ?? exception.Message}", exception),
        HttpRequestException or HttpIOException or IOException { InnerException: SocketException } => new ServiceFailure($"{server.Url} cannot be reached: {Sentence(CauseOf(exception))}", exception) { IsPassing = true },
        JsonException or NotSupportedException or FormatException => NoService(exception),
        _ => null,
    };

    private Exception Describe(EntityImportProblemException exception)
    {
        var problem = exception.Problem;
        var isOwn = problem.Type.StartsWith(OwnProblems, StringComparison.Ordinal);
        var detail = Sentence(problem.Detail);
        switch (exception.StatusCode)
        {
            case HttpStatusCode.Unauthorized when server.ApiKey is null:
                return new ServiceFailure("The server asks who you are: give an API key with EIS_API_KEY, --api-key-file or a profile.", exception) { ExitCode = ExitCode.NotAllowed, IsRefusal = true };
            case HttpStatusCode.Unauthorized:
                return new ServiceFailure($"The server does not accept the API key from {server.KeySource}: {detail}", exception) { ExitCode = ExitCode.NotAllowed, IsRefusal = true };
            case HttpStatusCode.Forbidden:
                return new ServiceFailure($"The server does not let you do that: {detail}", exception) { ExitCode = ExitCode.NotAllowed, IsRefusal = true };
            case HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout:
                var again = exception.RetryAfter is { } wait ? $" Try again in {Amounts.Of((long)Math.Ceiling(wait.TotalSeconds), "second")}." : "";
                return new ServiceFailure($"The server cannot do that now: {detail}{again}", exception) { IsPassing = true, IsRefusal = isOwn && problem.Type != StoreUnavailable, RetryAfter = exception.RetryAfter };
            case HttpStatusCode.Conflict when problem.Type == KeyInUse:
                return new ServiceFailure($"The server cannot do that now: {detail}", exception) { IsPassing = true, RetryAfter = exception.RetryAfter };
            case >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest:
                return new ServiceFailure($"{server.Url} leads elsewhere, and is not followed, so that a key goes nowhere else. Give the address that it leads to.", exception) { IsRefusal = true };
            case >= HttpStatusCode.InternalServerError:
                return new ServiceFailure($"The server has failed: {detail} Its log has the cause ({ShownText.Cut(problem.Instance)}).", exception) { IsRefusal = false };
            default:
                return isOwn ? Refusal(exception) : NoService(exception);
        }
    }

    private ServiceFailure NoService(Exception exception) => new($"What {server.Url} answers is not what an Entity Import Service answers; is the address right?", exception);

    /// <summary>The refusal as a service in this process would word it.</summary>
    private static RequestException Refusal(EntityImportProblemException exception)
    {
        var problem = exception.Problem;
        var kind = exception.StatusCode switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => FaultKind.NotFound,
            HttpStatusCode.Conflict => FaultKind.Conflict,
            HttpStatusCode.RequestEntityTooLarge => FaultKind.TooLarge,
            HttpStatusCode.UnsupportedMediaType => FaultKind.NotAFile,
            HttpStatusCode.UnprocessableEntity => FaultKind.Mismatch,
            _ => FaultKind.Invalid,
        };
        var faults = (problem.Errors ?? new Dictionary<string, string[]>())
            .SelectMany(error => error.Value.Select(message => new RequestFault(error.Key == "$" ? "" : error.Key, message)));
        return new RequestException(kind, problem.Type[OwnProblems.Length..], problem.Detail, [.. faults]);
    }

    /// <summary>Where the request itself failed, the exception tells that alone, and the one in it tells why.</summary>
    private static string CauseOf(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: { } inner } ? inner.Message : exception.Message;

    private static string Sentence(string text) => ShownText.Fit(text.TrimEnd('.', ' '), Limits.MessageCharacters) + ".";
}
