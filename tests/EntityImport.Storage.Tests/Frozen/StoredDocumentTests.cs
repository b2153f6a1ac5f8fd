using System.Text.Json;
using System.Text.Json.Nodes;
using EntityImport.Catalog;
using EntityImport.Changes;
using EntityImport.Conversion.Ambiguity;
using EntityImport.Csv;
using EntityImport.Entities;
using EntityImport.Guards;
using EntityImport.Inputs.Csv;
using EntityImport.Rows;
using EntityImport.SqlStores;
using Xunit;

namespace EntityImport.Storage.Tests.Frozen;

/// <summary>
/// The documents that the store and the files beside it consist of have a form that only changes on purpose. Where a test fails because a member was added or renamed: keep
/// the old file, add the new form as the next one, and make sure that the old one is still read.
/// </summary>
public sealed class StoredDocumentTests
{
    private static readonly Guid Id = Guid.Parse("01a214e4-ec5e-713e-8c3b-6649c7dc656f");
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public void An_entity() => AssertFrozen("entity-2.json", new EntityDefinition
    {
        SystemName = "product",
        KeepBefore = false,
        DisplayName = "Products",
        Fields =
        [
            new FieldDefinition { SystemName = "sku", DisplayName = "SKU", DataType = DataType.String, Required = true, PrimaryKey = true, Length = 40 },
            new FieldDefinition { SystemName = "count", DataType = DataType.Integer },
            new FieldDefinition { SystemName = "weight", DataType = DataType.Decimal, Precision = 18, Scale = 3 },
            new FieldDefinition { SystemName = "ratio", DataType = DataType.Double },
            new FieldDefinition { SystemName = "active", DataType = DataType.Boolean },
            new FieldDefinition { SystemName = "since", DataType = DataType.Date },
            new FieldDefinition { SystemName = "changed", DataType = DataType.DateTime },
            new FieldDefinition { SystemName = "price", DataType = DataType.Currency, Precision = 18, Scale = 4 },
            new FieldDefinition { SystemName = "share", DataType = DataType.Percent, Precision = 18, Scale = 6 },
        ],
    });

    [Fact]
    public void A_mapping() => AssertFrozen("mapping-1.json", new Mapping
    {
        Id = Id,
        Revision = 3,
        EntitySystemName = "product",
        Document = """{"entitySystemName":"product","definition":{"locale":"de-DE"}}""",
        CreatedAt = Time,
    });

    [Fact]
    public void An_upload() => AssertFrozen("upload-1.json", new Upload
    {
        Id = Id,
        MappingId = Id,
        FileName = "products.csv",
        Size = 5_000_000_000,
        Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        CreatedAt = Time,
        ExpiredAt = Time,
    });

    [Fact]
    public void An_upload_without_a_mapping_that_is_not_complete() => AssertFrozen("upload-2.json", new Upload { Id = Id, FileName = "products.csv", Size = 0, SentBy = "key:7", CreatedAt = Time });

    [Fact]
    public void A_session() => AssertFrozen("session-1.json", new UserSession
    {
        Id = Id,
        Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        Scheme = "oidc",
        Subject = "248289761001",
        Name = "Anna",
        Organisation = "https://id.example.com",
        Scopes = ["read", "import:Product"],
        CreatedAt = Time,
        CreatedBy = "Ida",
        OpenedAt = Time,
        ExpiresAt = Time,
    });

    [Fact]
    public void A_key_of_cookies() => AssertFrozen("protection-key-1.json", new ProtectionKey { Id = Id, Name = "key-1", Xml = "<key id=\"1\"><value>x</value></key>" });

    [Fact]
    public void A_receipt() => AssertFrozen("receipt-1.json", new RequestReceipt { Key = "k-1", Fingerprint = "9f86", Subject = Id, DoneAt = Time });

    [Fact]
    public void An_import() => AssertFrozen("import-8.json", new Import
    {
        Id = Id,
        Sequence = 7,
        UploadId = Id,
        MappingId = Id,
        MappingRevision = 3,
        EntitySystemName = "product",
        State = ImportState.Succeeded,
        StartedAt = Time,
        StoppedAt = Time,
        Attempts = 2,
        InvokedBy = "somebody",
        DryRun = true,
        Ledger = new Ledger { Records = 10, Inserted = 1, Updated = 2, Unchanged = 3, Superseded = 1, Skipped = 5, Rejected = 3, Removed = 4, Reversed = 6, Kept = 2 },
        Replaced = true,
        KeptBefore = true,
        Undoes = Id,
        UndoneBy = Id,
        ClientError = true,
        Code = EndCode.NoGoodRows,
        Message = "3 of 10 rows could not be imported.",
        Warnings =
        [
            new ImportWarning
            {
                Code = ImportWarning.AmbiguousDate, Field = "since", Column = "Since", Reading = "dd/MM/yyyy", OtherReading = "MM/dd/yyyy", Values = 9, Differing = 8,
                Example = new AmbiguousValue("03/04/2026", "2026-04-03", "2026-03-04"), Message = "Look at it.",
            },
        ],
        ValueLists = new Dictionary<string, ValueList> { ["status"] = new(9, ["closed", "open"]) },
        Header = new FileHeader(2, "9f86", ["sku", "count"]),
        StageMilliseconds = new Dictionary<string, long> { ["open"] = 1, ["load"] = 2 },
        Timeline = [new TimelinePoint(250, ImportPhase.Loading, 4, 200, 1)],
        DuplicateOf = Id,
        PlanId = Id,
        RejectedExpiredAt = Time,
        RejectedName = "rejected.9f86",
    });

    [Fact]
    public void An_entity_and_an_import_of_before_undos_keep_what_was_and_are_none()
    {
        var entity = JsonSerializer.Deserialize<EntityDefinition>(Read("entity-1.json"), CatalogJson.Default.Options)!;
        var import = JsonSerializer.Deserialize<Import>(Read("import-4.json"), CatalogJson.Default.Options)!;

        Assert.True(entity.KeepsBefore);
        Assert.Equal((false, false, null, null, 0, 0), (import.KeptBefore, import.Replaced, import.Undoes, import.UndoneBy, import.Ledger.Reversed, import.Ledger.Kept));
        Assert.Equal((7, 5), (import.Sequence, import.Ledger.Skipped));
    }

    [Fact]
    public void An_import_of_before_timelines_has_none()
    {
        var import = JsonSerializer.Deserialize<Import>(Read("import-7.json"), CatalogJson.Default.Options)!;

        Assert.Equal((7, null), (import.Sequence, import.Timeline));
    }

    [Fact]
    public void A_repair() => AssertFrozen("repair-2.json", new RepairDraft
    {
        ImportId = Id,
        Version = 3,
        ChangedAt = Time,
        ChangedBy = "somebody",
        Edits = 2,
        Cures =
        [
            new DraftCure("bnVt", new Cure { Definition = """{"decimalSeparator":","}""", Field = """{"normalize":["TRIM"]}""", Entity = """{"length":7}""" }),
            new DraftCure("bnVt", new Cure { Text = new TextChange { Trim = true, Strip = "kg", PadTo = 5, PadWith = "0" }, Drop = true }),
        ],
        Runs = [new RepairRun(Id, Id, 2) { Rows = 5, Superseded = 1, Kept = 2, KeptRows = [31, 812] }],
    });

    [Fact]
    public void A_repair_of_before_its_plans_figures_were_kept_has_none()
    {
        var repair = JsonSerializer.Deserialize<RepairDraft>(Read("repair-1.json"), CatalogJson.Default.Options)!;

        Assert.Equal(new RepairRun(Id, Id, 2), Assert.Single(repair.Runs));
        Assert.Equal((3, 2, 2), (repair.Version, repair.Edits, repair.Cures.Count));
    }

    [Fact]
    public void An_edit_of_a_row() => AssertFrozen("row-edit-1.json", new RowEdit(Id, 31) { Values = new Dictionary<int, string> { [1] = "1234.50" }, Dropped = true });

    [Fact]
    public void An_import_that_repairs_and_its_upload()
    {
        AssertFrozen("import-6.json", new Import
        {
            Id = Id,
            Sequence = 8,
            UploadId = Id,
            MappingId = Id,
            MappingRevision = 3,
            EntitySystemName = "product",
            StartedAt = Time,
            PlanId = Id,
            Repairs = Id,
            RepairsAfter = 7,
        });
        AssertFrozen("upload-3.json", new Upload { Id = Id, MappingId = Id, FileName = "repair.csv", Size = 5, Sha256 = "9f86", CreatedAt = Time, Repairs = Id });
    }

    [Fact]
    public void A_webhook() => AssertFrozen("webhook-1.json", new Webhook
    {
        Id = Id,
        Url = "https://hooks.example.com/eis",
        Description = "prices",
        Events = [NoticeEvent.ImportEnded],
        Entities = ["product"],
        Secrets = [new WebhookSecret { Text = "whsec_AAAA", CreatedAt = Time }, new WebhookSecret { Text = "whsec_BBBB", CreatedAt = Time, ExpiresAt = Time }],
        CreatedAt = Time,
        CreatedBy = "somebody",
        DisabledAt = Time,
        DisabledBecause = "The receiver answered 410.",
    });

    [Fact]
    public void A_notice() => AssertFrozen("notice-1.json", new Notice { Id = Id, Event = NoticeEvent.ImportEnded, At = Time, Entity = "product", ImportId = Id, Body = "{}" });

    [Fact]
    public void A_delivery() => AssertFrozen("delivery-1.json", new Delivery
    {
        NoticeId = Id,
        WebhookId = Id,
        State = DeliveryState.Failed,
        RequestedAt = Time,
        Attempts = 3,
        FirstAttemptAt = Time,
        LastAttemptAt = Time,
        NextAttemptAt = Time,
        LastStatus = 500,
        LastFault = "The receiver answered 500.",
        DeliveredAt = Time,
    });

    [Fact]
    public void Guards() => AssertFrozen("guards-1.json", new EntityGuards
    {
        EntitySystemName = "product",
        MaxRemovedRecords = 100,
        MaxRemovedPercent = 5,
        MaxRejectedPercent = 2.5m,
        MinRowsPercent = 80,
        SameHeader = true,
        Moves = [new MoveGuard("price", 20, 5)],
        Emptied = [new EmptiedGuard("weight", 1)],
    });

    [Fact]
    public void An_import_of_before_headers_were_kept_has_none()
    {
        var import = JsonSerializer.Deserialize<Import>(Read("import-4.json"), CatalogJson.Default.Options)!;

        Assert.Null(import.Header);
        Assert.Equal(["closed", "open"], import.ValueLists!["status"].Values);
    }

    [Fact]
    public void An_import_of_before_there_were_plans_has_none()
    {
        var import = JsonSerializer.Deserialize<Import>(Read("import-4.json"), CatalogJson.Default.Options)!;

        Assert.Null(import.PlanId);
        Assert.Equal((7, 9), (import.Sequence, import.ValueLists!["status"].Count));
    }

    [Fact]
    public void A_plan() => AssertFrozen("plan-2.json", new Plan
    {
        Run = new Import
        {
            Id = Id,
            UploadId = Id,
            MappingId = Id,
            MappingRevision = 3,
            EntitySystemName = "product",
            State = ImportState.Succeeded,
            StartedAt = Time,
            StoppedAt = Time,
            Ledger = new Ledger { Records = 3, Inserted = 3, Removed = 2 },
            Message = "3 rows were imported (plan: nothing was written).",
        },
        DryRunId = Id,
        GuardedId = Id,
        Sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        Entity = new EntityDefinition { SystemName = "product", Fields = [new FieldDefinition { SystemName = "sku", DataType = DataType.String, PrimaryKey = true, Length = 40 }, new FieldDefinition { SystemName = "count", DataType = DataType.Integer }] },
        LastSequence = 7,
        EntityRecords = 2,
        Changes = new KeptChanges { Inserted = 1, Updated = 1, Removed = 1, Fields = [new ChangedField("sku", 0, IsMapped: true), new ChangedField("count", 1, IsMapped: false)], Bytes = 99 },
        Signatures = [new ChangeFinding { Code = ChangeFinding.Scaled, Grade = ChangeGrade.Mistake, Field = "count", Count = 8, Of = 9, IsEstimated = true, Message = "count: 8 of 9 changed values are 100 times what they were.", Examples = [new ChangeExample("a", "1", "100")] }],
        Breaches = [new GuardBreach("maxRemovedRecords", null, 1, 2, "maxRemovedRecords: 2 records would be removed, at most 1 may be.")],
        ExpiresAt = Time,
        ExpiredAt = Time,
        AppliedBy = Id,
        Reason = "as agreed",
        PassesGuards = true,
    });

    [Fact]
    public void A_plan_of_before_changes_were_reviewed_has_nothing_of_that()
    {
        var plan = JsonSerializer.Deserialize<Plan>(Read("plan-1.json"), CatalogJson.Default.Options)!;

        Assert.Equal((0, 0, null, null, plan.DryRunId!.Value), (plan.Signatures.Count, plan.Breaches.Count, plan.GuardedId, plan.PassesGuards, plan.RejectedId));
    }

    /// <summary>Their numbers are stored.</summary>
    [Fact]
    public void Each_kind_of_change_has_its_number() => Assert.Equal([(0, "Inserted"), (1, "Updated"), (2, "Removed")], Enum.GetValues<ChangeKind>().Select(kind => ((int)kind, kind.ToString())));

    [Fact]
    public void An_import_of_before_lists_of_values_were_kept_has_none()
    {
        var import = JsonSerializer.Deserialize<Import>(Read("import-3.json"), CatalogJson.Default.Options)!;

        Assert.Null(import.ValueLists);
        Assert.Equal((7, 5), (import.Sequence, import.Ledger.Skipped));
    }

    [Fact]
    public void An_import_of_before_rows_were_skipped_has_none_of_them()
    {
        var import = JsonSerializer.Deserialize<Import>(Read("import-2.json"), CatalogJson.Default.Options)!;

        Assert.Equal(new Ledger { Records = 10, Inserted = 1, Updated = 2, Unchanged = 3, Superseded = 1, Rejected = 3, Removed = 4 }, import.Ledger);
    }

    [Fact]
    public void An_import_of_before_ends_had_codes_has_none()
    {
        var import = JsonSerializer.Deserialize<Import>(Read("import-1.json"), CatalogJson.Default.Options)!;

        Assert.Null(import.Code);
        Assert.Equal((7, ImportState.Succeeded, 3, "3 of 10 rows could not be imported."), (import.Sequence, import.State, import.Ledger.Rejected, import.Message));
    }

    [Fact]
    public void Each_state_of_an_import_has_its_name() =>
        Assert.Equal(["Queued", "Running", "Succeeded", "Failed", "Cancelled"], Enum.GetNames<ImportState>());

    [Fact]
    public void The_index_of_an_upload() => AssertFrozen("index-4.json", StoredIndexJson.Default.Options, new StoredIndex(
        new RecordIndex
        {
            Layout = new FileLayout(";", '"', '\\', TrimSpaces: true, HasHeader: true, SkipLines: 2, ColumnCount: 0, SkipFooterLines: 1, MaxRecordBytes: 4096, MultilineFields: false),
            Size = 123_456,
            End = 123_406,
            InnerByteOrderMarks = new InnerByteOrderMarks(2, 61, 65),
            ByteOrderMarkLength = 3,
            Header = new RecordPlace(10, 40, 3, RecordFault.TooLong),
            RecordCount = 77,
            Parts = [new FilePart(51, 100_000, 0, 60, 4), new FilePart(100_051, 23_405, 60, 17, 64)],
            Hashes = [1, ulong.MaxValue],
        },
        ulong.MaxValue - 1));

    /// <summary>The first one has no hashes to compare the file with, the second one knows no end of the records, the third one not whether fields have several lines; they are made anew from the file.</summary>
    [Fact]
    public void Earlier_forms_of_an_index_are_read_as_none()
    {
        Assert.Null(JsonSerializer.Deserialize<StoredIndex>(Read("index-1.json"), StoredIndexJson.Default.Options)!.Index);
        foreach (var file in new[] { "index-2.json", "index-3.json" })
            Assert.Null(StoredIndex.Read(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Frozen", file)), 123_456));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Frozen", file));

    private static void AssertFrozen<T>(string file, T value) => AssertFrozen(file, CatalogJson.Default.Options, value);

    private static void AssertFrozen<T>(string file, JsonSerializerOptions options, T value)
    {
        var frozen = Read(file);
        var written = JsonSerializer.Serialize(value, options);
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(frozen), JsonNode.Parse(written)), $"{file} is no longer how this document is written. It is written as\n{written}");
        // What is read has every member: written again, it is the same.
        Assert.Equal(written, JsonSerializer.Serialize(JsonSerializer.Deserialize<T>(frozen, options)!, options));
    }
}
