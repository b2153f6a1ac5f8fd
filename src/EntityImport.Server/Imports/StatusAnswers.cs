using EntityImport.Catalog;

namespace EntityImport.Server.Imports;

/// <summary>Where imports stand, in the words of the documented API.</summary>
internal static class StatusAnswers
{
    extension(Api.StatusOfImport)
    {
        public static Api.StatusOfImport Of(Import import) => new(Of(import.State), import.StartedAt, import.StoppedAt, import.ClientError, import.Id);
    }

    public static Api.ImportStatus Of(ImportState state) => state switch
    {
        ImportState.Queued or ImportState.Running => Api.ImportStatus.Running,
        ImportState.Succeeded => Api.ImportStatus.Succeeded,
        _ => Api.ImportStatus.Failed,
    };
}
