using System.Text;
using EntityImport.Changes;
using EntityImport.Entities;

namespace EntityImport.Core.Tests.Changes;

/// <summary>A record of a list of products as these tests draw it, and how two states of the list become batches.</summary>
internal sealed record Product
{
    private static readonly string[] Words =
        ["Schraube", "Dübel", "Winkel", "Käfig", "Größe", "Bohrer", "Façade", "Öse", "Leiter", "Hülse", "Mutter", "Niete", "Scharnier", "Bügel", "Kabel", "Stecker", "Rohr", "Ventil", "Dichtung", "Feder"];

    private static readonly string[] Categories = ["tools", "screws", "pipes", "paint", "wood", "garden", "light", "doors", "safety", "floors"];

    private static readonly EntityDefinition Entity = new()
    {
        SystemName = "product",
        Fields =
        [
            new FieldDefinition { SystemName = "sku", DataType = DataType.String, PrimaryKey = true }, Field("name", DataType.String), Field("description", DataType.String), Field("category", DataType.String),
            Field("ean", DataType.String), Field("price", DataType.Decimal, 2), Field("cost", DataType.Decimal, 2), Field("balance", DataType.Currency, 4), Field("discount", DataType.Percent, 4), Field("stock", DataType.Integer),
            Field("weight", DataType.Double), Field("discontinued", DataType.Boolean), Field("validFrom", DataType.Date), Field("changedAt", DataType.DateTime),
        ],
    };

    /// <summary>The value of each field that may change, in the entity's order.</summary>
    private static readonly Func<Product, object?>[] Values =
    [
        p => p.Name, p => p.Description, p => p.Category, p => p.Ean, p => p.Price, p => p.Cost, p => p.Balance, p => p.Discount, p => p.Stock, p => p.Weight, p => p.Discontinued, p => p.ValidFrom, p => p.ChangedAt,
    ];

    public required string Sku { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public string? Category { get; init; }

    public string? Ean { get; init; }

    public decimal? Price { get; init; }

    public decimal? Cost { get; init; }

    public decimal? Balance { get; init; }

    public decimal? Discount { get; init; }

    public long? Stock { get; init; }

    public double? Weight { get; init; }

    public bool? Discontinued { get; init; }

    public DateOnly? ValidFrom { get; init; }

    public DateTime? ChangedAt { get; init; }

    /// <summary>Draws a product.</summary>
    public static Product Draw(Random random, int number) => new()
    {
        Sku = $"P-{number:D5}",
        Name = $"{Pick(random, Words)} {Pick(random, Words)} {random.Next(1, 200)}mm \"{Pick(random, Words)}\" & {Pick(random, Words)}",
        Description = string.Join(' ', Enumerable.Range(0, random.Next(3, 9)).Select(_ => Pick(random, Words))),
        Category = Pick(random, Categories),
        Ean = $"00{random.NextInt64(1_000_000_000, 99_999_999_999):D11}",
        Price = Math.Round((decimal)Math.Exp(random.NextDouble() * 7), 2) + 0.37m,
        Cost = Math.Round((decimal)Math.Exp(random.NextDouble() * 6), 2) + 0.11m,
        Balance = Math.Round((decimal)(random.NextDouble() * 20_000 - 5_000), 4),
        Discount = random.Next(1, 40) / 200m,
        Stock = random.Next(0, 500),
        Weight = Math.Round(random.NextDouble() * 40, 3) + 0.05,
        Discontinued = false,
        ValidFrom = new DateOnly(2024, 1, 1).AddDays(random.Next(0, 700)),
        ChangedAt = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(random.Next(1, 20_000_000)),
    };

    /// <summary>What is found in what becomes of a list; products are the same that have one key.</summary>
    public static IReadOnlyList<ChangeFinding> Find(IReadOnlyList<Product> before, IReadOnlyList<Product> after)
    {
        var (old, now) = (before.ToDictionary(product => product.Sku, StringComparer.Ordinal), after.ToDictionary(product => product.Sku, StringComparer.Ordinal));
        var common = before.Where(product => now.ContainsKey(product.Sku)).Select(product => (Before: product, After: now[product.Sku])).ToList();
        var fields = Entity.Fields.Skip(1).ToList();
        var signatures = new ChangeSignatures(fields);
        var batch = new ChangeBatch(Entity, fields);
        Add(ChangeKind.Updated, [.. common.Where(pair => pair.Before != pair.After)]);
        Add(ChangeKind.Removed, [.. before.Where(product => !now.ContainsKey(product.Sku)).Select(product => (product, product))]);
        Add(ChangeKind.Inserted, [.. after.Where(product => !old.ContainsKey(product.Sku)).Select(product => (product, product))]);
        return signatures.Describe(common.Count(pair => pair.Before == pair.After));

        void Add(ChangeKind kind, List<(Product Before, Product After)> records)
        {
            foreach (var chunk in records.Chunk(ChangeBatch.Capacity))
            {
                batch.Begin(kind, chunk.Length);
                for (var i = 0; i < chunk.Length; i++) Fill(batch, i, chunk[i].Before, chunk[i].After);
                signatures.Add(batch);
            }
        }
    }

    private static FieldDefinition Field(string name, DataType type, int scale = 0) => new() { SystemName = name, DataType = type, Precision = scale > 0 ? 18 : 0, Scale = scale };

    private static string Pick(Random random, string[] words) => words[random.Next(words.Length)];

    private static void Fill(ChangeBatch batch, int record, Product before, Product after)
    {
        batch.Keys[0].SetText(record, Encoding.UTF8.GetBytes(before.Sku));
        if (batch.Kind != ChangeKind.Updated) return;
        for (var i = 0; i < Values.Length; i++)
        {
            Fill(batch.Columns[i].Before, record, Values[i](before));
            Fill(batch.Columns[i].After, record, Values[i](after));
        }
    }

    private static void Fill(ChangeValues values, int record, object? value)
    {
        switch (value)
        {
            case null: values.SetNull(record); break;
            case string text: values.SetText(record, Encoding.UTF8.GetBytes(text)); break;
            case decimal number: values.Scaled[record] = (Int128)(number * (decimal)Math.Pow(10, values.Field.Scale)); break;
            case double number: values.Binary[record] = number; break;
            case long number: values.Whole[record] = number; break;
            case bool flag: values.Whole[record] = flag ? 1 : 0; break;
            case DateOnly date: values.Whole[record] = date.DayNumber - new DateOnly(1970, 1, 1).DayNumber; break;
            case DateTime instant: values.Whole[record] = (instant - DateTime.UnixEpoch).Ticks / 10; break;
        }
    }
}
