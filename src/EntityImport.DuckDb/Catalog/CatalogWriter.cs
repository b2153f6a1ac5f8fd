using DuckDB.NET.Data;
using EntityImport.Catalog;
using EntityImport.DuckDb.Connections;

namespace EntityImport.DuckDb.Catalog;

/// <summary>Writes what is committed within a transaction: the catalog's own, or that of an import's rows.</summary>
internal static class CatalogWriter
{
    /// <summary>How an entity is looked up, whatever the letters' case.</summary>
    public static string Key(string systemName) => systemName.ToUpperInvariant();

    /// <summary>Writes each member that is there.</summary>
    /// <returns>The commit as it is kept: a new import has its number.</returns>
    public static CatalogCommit Write(DuckDBConnection connection, CatalogCommit commit)
    {
        if (commit.Entity is { } entity)
        {
            var name = Key(entity.SystemName);
            RecordTables.Save(connection, entity, CatalogJson.Read<Entities.EntityDefinition>(connection, "SELECT document FROM eis.entity WHERE name = $1", name).SingleOrDefault());
            connection.Execute("DELETE FROM eis.entity WHERE name = $1", [name]);
            connection.Execute("INSERT INTO eis.entity VALUES ($1, $2)", [name, CatalogJson.Write(entity)]);
        }

        if (commit.DeletedEntity is { } deleted)
        {
            RecordTables.Drop(connection, deleted);
            connection.Execute("DELETE FROM eis.entity WHERE name = $1", [Key(deleted)]);
            connection.Execute("DELETE FROM eis.guards WHERE entity = $1", [Key(deleted)]);
        }

        if (commit.DeletedGuards is { } unguarded) connection.Execute("DELETE FROM eis.guards WHERE entity = $1", [Key(unguarded)]);
        if (commit.Guards is { } guards)
        {
            connection.Execute("DELETE FROM eis.guards WHERE entity = $1", [Key(guards.EntitySystemName)]);
            connection.Execute("INSERT INTO eis.guards (entity, document) VALUES ($1, $2)", [Key(guards.EntitySystemName), CatalogJson.Write(guards)]);
        }

        if (commit.NewMapping is { } mapping)
        {
            connection.Execute(
                "INSERT INTO eis.mapping (id, revision, entity, document) VALUES ($1, $2, $3, $4)",
                [mapping.Id, mapping.Revision, Key(mapping.EntitySystemName), CatalogJson.Write(mapping)]);
        }

        if (commit.NewUpload is { } upload)
        {
            connection.Execute(
                "INSERT INTO eis.upload (id, document, sha256, mapping, sender, expired) VALUES ($1, $2, $3, $4, $5, $6)",
                [upload.Id, CatalogJson.Write(upload), upload.Sha256, upload.MappingId, upload.SentBy, upload.ExpiredAt is not null]);
        }

        if (commit.ChangedUpload is { } changed)
        {
            connection.Execute(
                "UPDATE eis.upload SET document = $2, sha256 = $3, mapping = $4, expired = $5 WHERE id = $1",
                [changed.Id, CatalogJson.Write(changed), changed.Sha256, changed.MappingId, changed.ExpiredAt is not null]);
        }

        if (commit.NewImport is { } import) commit = commit with { NewImport = Add(connection, import) };
        foreach (var run in new[] { commit.ChangedImport, commit.UndoneImport }.OfType<Import>())
            connection.Execute("UPDATE eis.import SET state = $2, document = $3 WHERE id = $1", [run.Id, run.State.ToString(), CatalogJson.Write(run)]);
        if (commit.NewPlan is { } plan)
        {
            connection.Execute(
                "INSERT INTO eis.plan (id, entity, state, expired, bytes, document) VALUES ($1, $2, $3, $4, $5, $6)",
                [plan.Id, Key(plan.Run.EntitySystemName), plan.Run.State.ToString(), plan.ExpiredAt is not null, BytesOf(plan), CatalogJson.Write(plan)]);
        }

        if (commit.ChangedPlan is { } changedPlan)
        {
            connection.Execute(
                "UPDATE eis.plan SET state = $2, expired = $3, bytes = $4, document = $5 WHERE id = $1",
                [changedPlan.Id, changedPlan.Run.State.ToString(), changedPlan.ExpiredAt is not null, BytesOf(changedPlan), CatalogJson.Write(changedPlan)]);
            if (changedPlan.ExpiredAt is not null) connection.Execute($"DROP TABLE IF EXISTS {PlanTable.Name(changedPlan.Id)}");
        }

        if (commit.DeletedPlan is { } deletedPlan)
        {
            connection.Execute($"DROP TABLE IF EXISTS {PlanTable.Name(deletedPlan)}");
            connection.Execute("DELETE FROM eis.plan WHERE id = $1", [deletedPlan]);
        }

        if (commit.NewKey is { } key) connection.Execute("INSERT INTO eis.key (id, document) VALUES ($1, $2)", [key.Id, CatalogJson.Write(key)]);
        if (commit.ChangedKey is { } changedKey) connection.Execute("UPDATE eis.key SET document = $2 WHERE id = $1", [changedKey.Id, CatalogJson.Write(changedKey)]);
        if (commit.NewWebhook is { } webhook) connection.Execute("INSERT INTO eis.webhook (id, document) VALUES ($1, $2)", [webhook.Id, CatalogJson.Write(webhook)]);
        if (commit.ChangedWebhook is { } changedWebhook) connection.Execute("UPDATE eis.webhook SET document = $2 WHERE id = $1", [changedWebhook.Id, CatalogJson.Write(changedWebhook)]);
        if (commit.DeletedWebhook is { } deletedWebhook)
        {
            connection.Execute("DELETE FROM eis.webhook WHERE id = $1", [deletedWebhook]);
            connection.Execute("DELETE FROM eis.delivery WHERE webhook = $1", [deletedWebhook]);
        }

        foreach (var (notice, deliveries) in commit.NewNotices ?? [])
        {
            connection.Execute("INSERT INTO eis.notice (id, noted, document) VALUES ($1, $2, $3)", [notice.Id, notice.At.ToUnixTimeMilliseconds(), CatalogJson.Write(notice)]);
            foreach (var delivery in deliveries)
            {
                connection.Execute(
                    "INSERT INTO eis.delivery (notice, webhook, state, due, document) VALUES ($1, $2, $3, $4, $5)",
                    [delivery.NoticeId, delivery.WebhookId, delivery.State.ToString(), delivery.NextAttemptAt?.ToUnixTimeMilliseconds(), CatalogJson.Write(delivery)]);
            }
        }

        if (commit.ChangedDelivery is { } changedDelivery)
        {
            connection.Execute(
                "UPDATE eis.delivery SET state = $3, due = $4, document = $5 WHERE notice = $1 AND webhook = $2",
                [changedDelivery.NoticeId, changedDelivery.WebhookId, changedDelivery.State.ToString(), changedDelivery.NextAttemptAt?.ToUnixTimeMilliseconds(), CatalogJson.Write(changedDelivery)]);
        }

        if (commit.Audit is { } audit)
        {
            connection.Execute(
                "INSERT INTO eis.audit (id, noted, entity, subject, refused, document) VALUES ($1, $2, $3, $4, $5, $6)",
                [audit.Id, audit.At.ToUnixTimeMilliseconds(), audit.Entity is { } about ? Key(about) : null, audit.Subject, audit.Result != AuditEntry.Done, CatalogJson.Write(audit)]);
        }

        if (commit.Receipt is { } receipt)
        {
            connection.Execute(
                "INSERT INTO eis.receipt (caller, key, done, document) VALUES ($1, $2, $3, $4)",
                [receipt.Caller, receipt.Key, receipt.DoneAt.ToUnixTimeMilliseconds(), CatalogJson.Write(receipt)]);
        }

        return commit;
    }

    private static long BytesOf(Plan plan) => plan.ExpiredAt is null && plan.Changes is { } changes ? changes.Bytes : 0;

    private static Import Add(DuckDBConnection connection, Import import)
    {
        var last = connection.Query("SELECT coalesce(max(sequence), 0)::BIGINT FROM eis.import", null, row => row.GetInt64(0))[0];
        var added = import with { Sequence = last + 1 };
        connection.Execute(
            "INSERT INTO eis.import VALUES ($1, $2, $3, $4, $5, $6)",
            [added.Sequence, added.Id, added.UploadId, Key(added.EntitySystemName), added.State.ToString(), CatalogJson.Write(added)]);
        return added;
    }
}
