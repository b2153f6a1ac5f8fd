using System.Runtime.CompilerServices;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Cli.Output;
using EntityImport.Engine;
using EntityImport.Entities;
using EntityImport.Files;
using EntityImport.Options;
using EntityImport.Records;
using EntityImport.Server.Changes;
using EntityImport.Server.Hosting;
using EntityImport.Server.Http;
using EntityImport.Server.Imports;
using EntityImport.Server.Keys;
using EntityImport.Server.Options;
using EntityImport.Server.Plans;
using EntityImport.Server.Records;
using EntityImport.Server.Sessions;
using EntityImport.Storage;
using Microsoft.Extensions.Logging;
using ChangeKind = EntityImport.Changes.ChangeKind;
using ImportState = EntityImport.Catalog.ImportState;
using RecordChange = EntityImport.Api.RecordChange;
using RecordHistory = EntityImport.Api.RecordHistory;
using RejectedRow = EntityImport.Api.RejectedRow;
using UndoPreview = EntityImport.Api.UndoPreview;

namespace EntityImport.Cli.Services;

/// <summary>The service in this process, on a data directory and the store that is in it or that it names, for as long as one command runs.</summary>
internal sealed class LocalService : IService
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    /// <summary>What the engine is told of each call: that the user at the terminal makes it.</summary>
    private readonly Request _request;

    private readonly ImportEngine _engine;
    private readonly ILoggerFactory _logs;

    /// <summary>Where browsers will find the service that is started on the directory.</summary>
    private readonly string _origin;

    private LocalService(ImportEngine engine, ILoggerFactory logs, UnreportedImports unreported, string command, string origin)
    {
        _origin = origin;
        _request = new Request(Caller.Local(Environment.UserName)) { Call = command };
        _logs = logs;
        _engine = engine;
        Unreported = unreported;
    }

    public UnreportedImports Unreported { get; }

    public IReadOnlyList<Guid> Interrupted => [.. _engine.Interrupted.Select(import => import.Id)];

    /// <summary>Opens the service, and makes the store where there is none.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="postgres">How the database is reached in which catalog and records are; null means what is configured.</param>
    /// <param name="terminal">Where log lines go.</param>
    /// <param name="acceptNewStore">Whether a store that knows of nothing may stand beside files.</param>
    /// <param name="command">The command that works with it, as the audit trail tells it: <c>eis import</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CommandFailure">The directory or the store cannot be used, or another process holds the directory open.</exception>
    /// <exception cref="UnknownFilesException">The store is new, the directory's files are not, and a new store is not to be accepted.</exception>
    public static async Task<LocalService> OpenAsync(DirectoryInfo directory, string? postgres, Terminal terminal, bool acceptNewStore, string command, CancellationToken cancellationToken)
    {
        var (store, options, origin) = OptionsFor(directory, postgres, acceptNewStore);
        var logs = LoggerFactory.Create(logging => logging.AddProvider(new TerminalLog(terminal)));
        var addresses = new ServedAddresses(directory);
        try
        {
            var engine = await Stores.OpenEngineAsync(store, options, TimeProvider.System, logs, cancellationToken);
            addresses.Remove();
            return new LocalService(engine, logs, UnreportedImports.Of(directory), command, origin);
        }
        catch (Exception exception)
        {
            logs.Dispose();
            if (exception is DataDirectoryInUseException) throw new CommandFailure($"{exception.Message} {Advise(addresses.Read())}", exception);
            if (DataDirectory.Describe(exception, directory) is { } failure) throw failure;
            throw;
        }
    }

    public async Task<IReadOnlyList<EntityDefinition>> ListEntitiesAsync(CancellationToken cancellationToken) => await _engine.Entities.ListAsync(_request, cancellationToken);

    public Task<EntityDefinition?> FindEntityAsync(string systemName, CancellationToken cancellationToken) => _engine.Entities.FindAsync(_request, systemName, cancellationToken);

    public async Task<EntityDefinition> PutEntityAsync(string systemName, JsonElement document, CancellationToken cancellationToken) =>
        (await _engine.Entities.PutAsync(_request, systemName, document, cancellationToken)).Entity;

    public async Task DeleteUnusedEntityAsync(string systemName, CancellationToken cancellationToken)
    {
        try
        {
            await _engine.Entities.DeleteAsync(_request, systemName, force: false, cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.Conflict)
        {
            // It is used.
        }
    }

    public Task<RecordPage> ReadRecordsAsync(EntityDefinition entity, string? filter, int top, CancellationToken cancellationToken) => _engine.Records.ReadAsync(
        _request,
        new RecordQuery
        {
            Entity = entity,
            Select = entity.Fields,
            Filter = filter is null ? null : FilterParser.ParseFilter(entity, filter),
            Top = top,
            Count = true,
        },
        cancellationToken);

    public Task<RecordHistory> ReadHistoryAsync(EntityDefinition entity, IReadOnlyList<string> key, bool withRows, CancellationToken cancellationToken) =>
        RecordHistoryEndpoint.TellAsync(_engine, _request, entity, key, withRows, cancellationToken);

    public async Task<Guid> CreateMappingAsync(JsonElement document, CancellationToken cancellationToken) => (await _engine.Mappings.CreateAsync(_request, document, cancellationToken)).Id;

    public async Task<Guid> UploadAsync(Guid mappingId, FileStream file, string fileName, CancellationToken cancellationToken) =>
        (await _engine.Uploads.ReceiveAsync(_request, mappingId, file, fileName, charset: null, cancellationToken) ?? throw new InvalidOperationException("The mapping is gone.")).Id;

    public async Task<Guid> ImportAsync(Guid uploadId, CancellationToken cancellationToken) =>
        (await _engine.Imports.InvokeAsync(_request, uploadId, cancellationToken) ?? throw new InvalidOperationException("The upload is gone.")).Id;

    public async IAsyncEnumerable<ImportDetails> WatchAsync(Guid importId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var snapshot in _engine.ImportViews.WatchAsync(_request, importId, Refresh, cancellationToken)) yield return ImportDetails.Of(snapshot);
    }

    public async Task CancelAsync(Guid importId, CancellationToken cancellationToken)
    {
        try
        {
            await _engine.Imports.CancelAsync(_request, importId, cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.Conflict)
        {
            // It ended before it could be cancelled, so its end is what counts.
        }
    }

    public async Task<Guid> PlanAsync(Guid uploadId, CancellationToken cancellationToken) =>
        (await _engine.Plans.InvokeAsync(_request, uploadId, cancellationToken) ?? throw new InvalidOperationException("The upload is gone.")).Id;

    public async IAsyncEnumerable<PlanDetails> WatchPlanAsync(Guid planId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var snapshot in _engine.Plans.WatchAsync(_request, planId, Refresh, cancellationToken)) yield return PlanDetails.Of(snapshot);
    }

    public async Task CancelPlanAsync(Guid planId, CancellationToken cancellationToken)
    {
        try
        {
            await _engine.Plans.CancelAsync(_request, planId, cancellationToken);
        }
        catch (RequestException exception) when (exception.Kind == FaultKind.Conflict)
        {
            // It ended before it could be cancelled.
        }
    }

    public async Task<IReadOnlyList<RecordChange>> ListUpdatesAsync(Guid planId, string field, int limit, CancellationToken cancellationToken)
    {
        var plan = await FindPlanAsync(planId, cancellationToken);
        var query = new ChangeQuery(limit) { Kind = ChangeKind.Updated, Field = PlanService.FindField(plan, field) };
        var page = await _engine.Plans.ReadChangesAsync(_request, plan, query, cancellationToken);
        var fields = plan.Changes!.Fields.Select(kept => plan.Entity!.FindField(kept.SystemName)!).ToList();
        return [.. page.Changes.Select(change => RecordChange.Of(change, fields))];
    }

    public async Task<IReadOnlyList<RejectedRow>> ListPlanRejectedAsync(Guid planId, int limit, CancellationToken cancellationToken)
    {
        var rejected = PlanService.RejectedOf(await FindPlanAsync(planId, cancellationToken));
        var (rows, _) = await _engine.RejectedRows.ReadAsync(_request, rejected, cursor: null, limit, cancellationToken);
        return [.. rows.Select(RejectedRow.Of)];
    }

    public async Task<Guid> ApplyPlanAsync(Guid planId, string? reason, CancellationToken cancellationToken) =>
        (await _engine.Plans.ApplyAsync(_request, planId, reason, cancellationToken) ?? throw Refusal.UnknownPlan(planId)).Id;

    public async Task<Guid> UndoAsync(Guid importId, CancellationToken cancellationToken) =>
        (await _engine.Undos.InvokeAsync(_request, importId, cancellationToken) ?? throw Refusal.UnknownImport(importId)).Id;

    public async Task<UndoPreview> PreviewUndoAsync(Guid importId, CancellationToken cancellationToken)
    {
        var preview = await _engine.Undos.PreviewAsync(_request, importId, cancellationToken) ?? throw Refusal.UnknownImport(importId);
        return new UndoPreview(importId, preview.Reversed, preview.Kept);
    }

    public async Task<ImportDetails?> FindLastImportAsync(Guid uploadId, string entity, CancellationToken cancellationToken) =>
        await DescribeAsync(await _engine.ImportViews.FindLastAsync(_request, uploadId, cancellationToken), cancellationToken);

    public async Task<ImportDetails?> FindLastSuccessAsync(string entity, CancellationToken cancellationToken)
    {
        var newest = await _engine.ImportViews.ListAsync(_request, new ImportQuery(entity, [ImportState.Succeeded], Before: null, Limit: 1), cancellationToken);
        return await DescribeAsync(newest is [var last] ? last : null, cancellationToken);
    }

    public async Task<IReadOnlyList<RejectedRow>> ListRejectedAsync(Guid importId, int limit, CancellationToken cancellationToken)
    {
        var (rows, _) = await _engine.RejectedRows.ReadAsync(_request, await FindAsync(importId, cancellationToken), cursor: null, limit, cancellationToken);
        return [.. rows.Select(RejectedRow.Of)];
    }

    public async Task<IReadOnlyList<ApiKeyDetails>> ListKeysAsync(CancellationToken cancellationToken) =>
        [.. (await _engine.Keys.ListAsync(_request, cancellationToken)).Select(kept => ApiKeyDetails.Of(kept.Key, kept.LastUsedAt))];

    public async Task<ApiKeyCreated> CreateKeyAsync(NewApiKey key, CancellationToken cancellationToken)
    {
        var (kept, text) = await _engine.Keys.CreateAsync(_request, key.Name, key.Scopes, key.ExpiresDate, cancellationToken);
        return new ApiKeyCreated(text, ApiKeyDetails.Of(kept, lastUsedAt: null));
    }

    public async Task<bool> RevokeKeyAsync(Guid keyId, CancellationToken cancellationToken) => await _engine.Keys.RevokeAsync(_request, keyId, cancellationToken) is not null;

    public async Task<SignInLink> CreateSignInLinkAsync(NewSignInLink link, CancellationToken cancellationToken)
    {
        var (session, secret) = await _engine.Sessions.CreateLinkAsync(_request, link.Name, link.Scopes, cancellationToken);
        return new SignInLink(SessionAnswers.LinkOf(_origin, secret), SessionDetails.Of(session));
    }

    public async Task CopyErrorFileAsync(Guid importId, FileStream target, CancellationToken cancellationToken) =>
        await _engine.RejectedRows.WriteErrorFileAsync(_request, await FindAsync(importId, cancellationToken), target, forSpreadsheets: false, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _logs.Dispose();
    }

    /// <summary>The options that the server would have on the directory, only that somebody waits in front of the terminal.</summary>
    private static (StoreOptions Store, EngineOptions Engine, string Origin) OptionsFor(DirectoryInfo directory, string? postgres, bool acceptNewStore)
    {
        try
        {
            var given = new Dictionary<string, string>();
            if (postgres is not null) given[OptionSources.PostgresName] = postgres;
            var configured = new OptionSources(OptionSources.FileIn(directory), given).Apply(new ServerOptions { Urls = [ServedAddresses.Default], Engine = new EngineOptions { DataDirectory = directory.FullName, AcceptNewStore = acceptNewStore } });
            return (configured.Store, configured.Engine with { RetryPause = TimeSpan.FromSeconds(1) }, OriginOf(configured));
        }
        catch (OptionsException exception)
        {
            throw new CommandFailure(exception.Message, exception);
        }
    }

    /// <summary>The service as browsers will call it; where it listens on all addresses, as they call it on this machine.</summary>
    private static string OriginOf(ServerOptions configured)
    {
        if (configured.Access.SignIn.Address is { } address) return address.GetLeftPart(UriPartial.Authority);
        var url = configured.Urls[0].Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal);
        return url.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal).TrimEnd('/');
    }

    private static string Advise(Uri? served) => served is null
        ? "If eis serve runs there, --server with its address works with it; another place is chosen with --data or --postgres."
        : $"eis serve runs there: --server {served.GetLeftPart(UriPartial.Authority)} in place of --data works with it.";

    private async Task<ImportDetails?> DescribeAsync(Import? import, CancellationToken cancellationToken) =>
        import is not null && await _engine.ImportViews.FindSnapshotAsync(_request, import.Id, cancellationToken) is { } snapshot ? ImportDetails.Of(snapshot) : null;

    private async Task<Plan> FindPlanAsync(Guid planId, CancellationToken cancellationToken) =>
        await _engine.Plans.FindAsync(_request, planId, cancellationToken) ?? throw Refusal.UnknownPlan(planId);

    private async Task<Import> FindAsync(Guid importId, CancellationToken cancellationToken) =>
        await _engine.ImportViews.FindAsync(_request, importId, cancellationToken) ?? throw new InvalidOperationException("The import is gone.");
}
