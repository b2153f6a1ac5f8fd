using EntityImport.Access;
using EntityImport.Api;
using EntityImport.Catalog;
using EntityImport.Files;
using EntityImport.Server.Access;
using EntityImport.Server.Hosting;
using EntityImport.Server.OpenApi;

namespace EntityImport.Server;

/// <summary>Whether the server lives, and whether it can work.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", Live)
            .IsOpen()
            .WithTags("Health")
            .WithName("GetLiveness")
            .WithSummary("Whether the process answers, and has a store that it can open")
            .WithDescription("Restart the service where this fails. If it does not start then, its log says what to do.")
            .ProducesProblems(StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/health/ready", ReadAsync)
            .IsOpen()
            .WithTags("Health")
            .WithName("GetReadiness")
            .WithSummary("Whether the service can take work")
            .WithDescription("Reads from the store, writes to the data directory, and asks the object store where files are kept in one. Send no requests while this fails.")
            .ProducesProblems(StatusCodes.Status503ServiceUnavailable);
    }

    private static Health Live(EngineHost host, ILoggerFactory logs)
    {
        if (!host.IsStoreLost) return new Health("live");
        logs.CreateLogger(typeof(HealthEndpoints)).LogCritical("The store became invalid and could not be opened again. Restart the service; what keeps the store from being opened is told then. Keep store.duckdb and store.duckdb.wal.");
        throw new RequestException(FaultKind.Busy, "store-lost", "The store became invalid and could not be opened again. The service has to be restarted, and perhaps repaired.");
    }

    private static async Task<Health> ReadAsync(EngineHost host, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        try
        {
            await host.Engine.ImportViews.ListAsync(Request.Anonymous, new ImportQuery(null, [], null, 1), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logs.CreateLogger(typeof(HealthEndpoints)).LogError(e, "The store cannot be read.");
            throw NotReady("The store cannot be read at the moment.");
        }

        try
        {
            host.Engine.ProbeFiles();
            return new Health("ready");
        }
        catch (FilesUnavailableException e)
        {
            logs.CreateLogger(typeof(HealthEndpoints)).LogError(e, "The files cannot be reached.");
            throw NotReady("The files cannot be reached at the moment.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logs.CreateLogger(typeof(HealthEndpoints)).LogError(e, "The data directory cannot be used.");
            throw NotReady("The data directory is gone, was replaced, or cannot be written, perhaps because its disk is full.");
        }
    }

    private static RequestException NotReady(string message) => new(FaultKind.Busy, "not-ready", message);
}
