using EntityImport.Catalog;
using EntityImport.Notices;

namespace EntityImport.Imports.Running;

/// <summary>What becomes true with the end of an import, however it ends and whoever commits it: the store with its rows, or the catalog alone.</summary>
internal static class ImportEnd
{
    /// <summary>The commit of an end.</summary>
    /// <param name="ended">The import at its end.</param>
    /// <param name="outbox">Whoever wants to be told of it.</param>
    /// <param name="cancellation">What is noted of the request that cancelled it; null where none did.</param>
    public static CatalogCommit Commit(Import ended, Outbox outbox, CatalogCommit? cancellation = null)
    {
        var notes = ended.State == ImportState.Cancelled ? cancellation : null;
        var commit = (notes ?? new CatalogCommit()) with { ChangedImport = ended, Ends = true };
        if (ended.Code == EndCode.Guarded) commit = outbox.Note(commit, NoticeEvent.ImportGuarded, ended.EntitySystemName, ended.Id, json => NoticeBody.WriteEnd(json, ended));
        return outbox.Note(commit, NoticeEvent.ImportEnded, ended.EntitySystemName, ended.Id, json => NoticeBody.WriteEnd(json, ended));
    }
}
