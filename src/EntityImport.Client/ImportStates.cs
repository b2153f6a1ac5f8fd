using EntityImport.Api;

namespace EntityImport.Client;

/// <summary>What follows from where an import stands.</summary>
public static class ImportStates
{
    extension(ImportState state)
    {
        /// <summary>Whether the import has ended.</summary>
        public bool HasEnded => state is ImportState.Succeeded or ImportState.Failed or ImportState.Cancelled;
    }
}
