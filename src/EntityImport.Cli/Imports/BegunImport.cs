using EntityImport.Api;
using EntityImport.Cli.Services;
using EntityImport.Client;

namespace EntityImport.Cli.Imports;

/// <summary>An import that the service has begun.</summary>
internal static class BegunImport
{
    /// <summary>Shows how far it is until it ends; an interruption cancels it, unless it is just being committed.</summary>
    /// <returns>Its end.</returns>
    public static async Task<ImportDetails> EndAsync(IService service, Guid importId, IProgressView view, CancellationToken cancellationToken)
    {
        ImportDetails? end = null;
        try
        {
            await foreach (var details in service.WatchAsync(importId, cancellationToken))
            {
                view.Importing(details.Progress);
                end = details;
            }
        }
        catch (OperationCanceledException)
        {
            await service.CancelAsync(importId, CancellationToken.None);
            await foreach (var details in service.WatchAsync(importId, CancellationToken.None)) end = details;
        }

        return end is { State.HasEnded: true } ? end : throw new InvalidOperationException("The import is gone.");
    }

    /// <summary>Begins an import of something that a service does once, and waits for its end.</summary>
    /// <param name="begin">Begins it.</param>
    /// <param name="what">What it does, for people: <c>undo</c>.</param>
    /// <param name="service">Where.</param>
    /// <param name="view">Where is shown how far it is.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="CommandFailure">The server was lost, and it may go on without this command.</exception>
    public static async Task<ImportDetails> RunAsync(Func<Task<Guid>> begin, string what, IService service, IProgressView view, CancellationToken cancellationToken)
    {
        var isBegun = false;
        try
        {
            // An interruption while the answer is on its way would leave it open whether there is an import.
            cancellationToken.ThrowIfCancellationRequested();
            var importId = await begin();
            isBegun = true;
            return await EndAsync(service, importId, view, cancellationToken);
        }
        catch (ServiceFailure failure) when (isBegun || !failure.IsRefusal)
        {
            throw new CommandFailure($"{failure.Message} The {what} may have been begun, and goes on or has ended without this command. Given again, the command does nothing twice.", failure) { ExitCode = ExitCode.EndUnknown };
        }
    }
}
