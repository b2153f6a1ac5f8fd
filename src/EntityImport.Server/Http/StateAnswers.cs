using EntityImport.Catalog;

namespace EntityImport.Server.Http;

/// <summary>What the API calls the states of imports and plans.</summary>
internal static class StateAnswers
{
    public static Api.ImportState Of(ImportState state) => state switch
    {
        ImportState.Queued => Api.ImportState.Queued,
        ImportState.Running => Api.ImportState.Running,
        ImportState.Succeeded => Api.ImportState.Succeeded,
        ImportState.Failed => Api.ImportState.Failed,
        ImportState.Cancelled => Api.ImportState.Cancelled,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Unknown state."),
    };
}
