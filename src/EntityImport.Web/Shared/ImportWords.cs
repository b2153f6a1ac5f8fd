using EntityImport.Api;

namespace EntityImport.Web.Shared;

/// <summary>Words for where imports stand.</summary>
public static class ImportWords
{
    public static string State(ImportState state) => state switch
    {
        ImportState.Queued => "waits",
        ImportState.Running => "runs",
        ImportState.Succeeded => "imported",
        ImportState.Failed => "failed: nothing was written",
        ImportState.Cancelled => "cancelled: nothing was written",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Unknown state."),
    };

    public static string Mode(ImportMode mode) => mode switch
    {
        ImportMode.Upsert => "UPSERT: new keys are inserted, existing records are updated",
        ImportMode.Insert => "INSERT: new keys only; a key that exists is a rejected row",
        ImportMode.Replace => "REPLACE: the entity holds exactly this file's rows afterwards",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown mode."),
    };
}
