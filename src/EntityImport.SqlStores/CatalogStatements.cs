using System.Data.Common;
using EntityImport.Catalog;

namespace EntityImport.SqlStores;

/// <summary>How a commit is written into the catalog's tables, which are the same in all stores. Entities, new imports and the tables of plans are each store's own.</summary>
internal static class CatalogStatements
{
    /// <summary>Edits of rows that one statement writes: one statement for each would take an embedded store 10 KiB of memory.</summary>
    private const int EditsAtOnce = 1_000;

    /// <summary>The columns of <c>eis.mapping_use</c> that <see cref="ReadMappingUse"/> reads.</summary>
    public const string MappingUse = "import, used_revision, used, header";

    /// <summary>How an entity is looked up, whatever the letters' case.</summary>
    public static string Key(string systemName) => systemName.ToUpperInvariant();

    /// <summary>How entities are looked up; null for null.</summary>
    public static List<string>? Keys(IReadOnlyCollection<string>? entities) => entities is null ? null : [.. entities.Select(Key)];

    /// <summary>The last use of a mapping, whose columns begin at a place of a row; null where there is none.</summary>
    public static MappingUse? ReadMappingUse(DbDataReader row, int at) => row.IsDBNull(at) ? null
        : new MappingUse(row.GetFieldValue<Guid>(at), row.GetInt32(at + 1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(at + 2)), row.GetString(at + 3));

    /// <summary>The statements for each member that is there, in the order in which they are to be carried out.</summary>
    public static IEnumerable<CatalogStatement> Of(CatalogCommit commit)
    {
        if (commit.DeletedEntity is { } deleted) yield return new("DELETE FROM eis.guards WHERE entity = $1", Key(deleted));
        if (commit.DeletedGuards is { } unguarded) yield return new("DELETE FROM eis.guards WHERE entity = $1", Key(unguarded));
        if (commit.Guards is { } guards)
        {
            yield return new("DELETE FROM eis.guards WHERE entity = $1", Key(guards.EntitySystemName));
            yield return new("INSERT INTO eis.guards (entity, document) VALUES ($1, $2)", Key(guards.EntitySystemName), CatalogJson.Write(guards));
        }

        if (commit.NewMapping is { } mapping)
            yield return new("INSERT INTO eis.mapping (id, revision, entity, document) VALUES ($1, $2, $3, $4)", mapping.Id, mapping.Revision, Key(mapping.EntitySystemName), CatalogJson.Write(mapping));
        if (commit.NewUpload is { } upload)
        {
            yield return new(
                "INSERT INTO eis.upload (id, document, sha256, mapping, sender, expired) VALUES ($1, $2, $3, $4, $5, $6)",
                upload.Id, CatalogJson.Write(upload), upload.Sha256, upload.MappingId, upload.SentBy, upload.ExpiredAt is not null);
        }

        if (commit.ChangedUpload is { } changed)
        {
            yield return new(
                "UPDATE eis.upload SET document = $2, sha256 = $3, mapping = $4, expired = $5 WHERE id = $1",
                changed.Id, CatalogJson.Write(changed), changed.Sha256, changed.MappingId, changed.ExpiredAt is not null);
        }

        foreach (var run in new[] { commit.ChangedImport, commit.UndoneImport }.OfType<Import>())
            yield return new("UPDATE eis.import SET state = $2, document = $3 WHERE id = $1", run.Id, run.State.ToString(), CatalogJson.Write(run));
        // Imports of one entity end one after the other, so that no two of them write here at once.
        if (commit is { Ends: true, ChangedImport: { State: ImportState.Succeeded, Header: { } header, StoppedAt: { } stopped } used })
        {
            yield return new("DELETE FROM eis.mapping_use WHERE mapping = $1 AND used_for = $2", used.MappingId, Key(used.EntitySystemName));
            yield return new(
                "INSERT INTO eis.mapping_use (mapping, used_for, import, used_revision, used, header) VALUES ($1, $2, $3, $4, $5, $6)",
                used.MappingId, Key(used.EntitySystemName), used.Id, used.MappingRevision, stopped.ToUnixTimeMilliseconds(), header.Sha256);
        }

        if (commit.UndoneImport is { UndoneBy: not null } undone) yield return new("DELETE FROM eis.mapping_use WHERE import = $1", undone.Id);
        if (commit.NewPlan is { } plan)
        {
            yield return new(
                "INSERT INTO eis.plan (id, entity, state, expired, bytes, document) VALUES ($1, $2, $3, $4, $5, $6)",
                plan.Id, Key(plan.Run.EntitySystemName), plan.Run.State.ToString(), plan.ExpiredAt is not null, BytesOf(plan), CatalogJson.Write(plan));
        }

        if (commit.ChangedPlan is { } changedPlan)
        {
            yield return new(
                "UPDATE eis.plan SET state = $2, expired = $3, bytes = $4, document = $5 WHERE id = $1",
                changedPlan.Id, changedPlan.Run.State.ToString(), changedPlan.ExpiredAt is not null, BytesOf(changedPlan), CatalogJson.Write(changedPlan));
        }

        if (commit.DeletedPlan is { } deletedPlan) yield return new("DELETE FROM eis.plan WHERE id = $1", deletedPlan);
        if (commit.DeletedRepair is { } deletedRepair)
        {
            yield return new("DELETE FROM eis.repair WHERE import = $1", deletedRepair);
            yield return new("DELETE FROM eis.repair_edit WHERE import = $1", deletedRepair);
        }

        if (commit.Repair is { } repair)
        {
            yield return new("DELETE FROM eis.repair WHERE import = $1", repair.ImportId);
            yield return new("INSERT INTO eis.repair (import, document) VALUES ($1, $2)", repair.ImportId, CatalogJson.Write(repair));
        }

        foreach (var edits in (commit.RowEdits ?? []).GroupBy(edit => edit.ImportId).SelectMany(ofImport => ofImport.Chunk(EditsAtOnce)))
        {
            var import = edits[0].ImportId;
            yield return new("DELETE FROM eis.repair_edit WHERE import = $1 AND number IN (SELECT unnest($2::bigint[]))", import, edits.Select(edit => edit.Row).ToList());
            var kept = edits.Where(edit => !edit.IsNone).ToList();
            if (kept.Count > 0)
            {
                yield return new(
                    "INSERT INTO eis.repair_edit (import, number, document) SELECT $1::uuid, unnest($2::bigint[]), unnest($3::text[])", import, kept.ConvertAll(edit => edit.Row), kept.ConvertAll(CatalogJson.Write));
            }
        }

        if (commit.NewKey is { } key) yield return new("INSERT INTO eis.key (id, document) VALUES ($1, $2)", key.Id, CatalogJson.Write(key));
        if (commit.ChangedKey is { } changedKey) yield return new("UPDATE eis.key SET document = $2 WHERE id = $1", changedKey.Id, CatalogJson.Write(changedKey));
        if (commit.NewSession is { } session)
        {
            yield return new("DELETE FROM eis.session WHERE expires <= $1", session.CreatedAt.ToUnixTimeMilliseconds());
            yield return new("INSERT INTO eis.session (id, hash, expires, document) VALUES ($1, $2, $3, $4)", session.Id, session.Hash, session.ExpiresAt.ToUnixTimeMilliseconds(), CatalogJson.Write(session));
        }

        if (commit.OpenedSession is (var opened, var linkHash))
        {
            yield return new(
                "UPDATE eis.session SET hash = $3, expires = $4, document = $5 WHERE id = $1 AND hash = $2",
                opened.Id, linkHash, opened.Hash, opened.ExpiresAt.ToUnixTimeMilliseconds(), CatalogJson.Write(opened))
            { Unchanged = () => new LinkUsedException() };
        }

        if (commit.DeletedSession is { } ended) yield return new("DELETE FROM eis.session WHERE id = $1", ended);
        if (commit.NewProtectionKey is { } protection) yield return new("INSERT INTO eis.protection_key (id, document) VALUES ($1, $2)", protection.Id, CatalogJson.Write(protection));
        if (commit.NewWebhook is { } webhook) yield return new("INSERT INTO eis.webhook (id, document) VALUES ($1, $2)", webhook.Id, CatalogJson.Write(webhook));
        if (commit.ChangedWebhook is { } changedWebhook) yield return new("UPDATE eis.webhook SET document = $2 WHERE id = $1", changedWebhook.Id, CatalogJson.Write(changedWebhook));
        if (commit.DeletedWebhook is { } deletedWebhook)
        {
            yield return new("DELETE FROM eis.webhook WHERE id = $1", deletedWebhook);
            yield return new("DELETE FROM eis.delivery WHERE webhook = $1", deletedWebhook);
        }

        foreach (var (notice, deliveries) in commit.NewNotices ?? [])
        {
            yield return new("INSERT INTO eis.notice (id, noted, document) VALUES ($1, $2, $3)", notice.Id, notice.At.ToUnixTimeMilliseconds(), CatalogJson.Write(notice));
            foreach (var delivery in deliveries)
            {
                yield return new(
                    "INSERT INTO eis.delivery (notice, webhook, state, due, document) VALUES ($1, $2, $3, $4, $5)",
                    delivery.NoticeId, delivery.WebhookId, delivery.State.ToString(), delivery.NextAttemptAt?.ToUnixTimeMilliseconds(), CatalogJson.Write(delivery));
            }
        }

        if (commit.ChangedDelivery is { } changedDelivery)
        {
            yield return new(
                "UPDATE eis.delivery SET state = $3, due = $4, document = $5 WHERE notice = $1 AND webhook = $2",
                changedDelivery.NoticeId, changedDelivery.WebhookId, changedDelivery.State.ToString(), changedDelivery.NextAttemptAt?.ToUnixTimeMilliseconds(), CatalogJson.Write(changedDelivery));
        }

        if (commit.Audit is { } audit)
        {
            yield return new(
                "INSERT INTO eis.audit (id, noted, entity, subject, refused, document) VALUES ($1, $2, $3, $4, $5, $6)",
                audit.Id, audit.At.ToUnixTimeMilliseconds(), audit.Entity is { } about ? Key(about) : null, audit.Subject, audit.Result != AuditEntry.Done, CatalogJson.Write(audit));
        }

        if (commit.Receipt is { } receipt)
        {
            yield return new(
                "INSERT INTO eis.receipt (caller, key, done, document) VALUES ($1, $2, $3, $4)", receipt.Caller, receipt.Key, receipt.DoneAt.ToUnixTimeMilliseconds(), CatalogJson.Write(receipt));
        }
    }

    private static long BytesOf(Plan plan) => plan.ExpiredAt is null && plan.Changes is { } changes ? changes.Bytes : 0;
}
