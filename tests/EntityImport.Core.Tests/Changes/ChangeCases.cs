using System.Globalization;
using System.Text;
using EntityImport.Changes;

namespace EntityImport.Core.Tests.Changes;

/// <summary>A change of a list of products that somebody made.</summary>
/// <param name="Code">What must be told of it; null where nothing need be.</param>
/// <param name="Field">Of which field.</param>
/// <param name="Make">What becomes of the list.</param>
internal sealed record ChangeCase(string? Code, string? Field, Func<List<Product>, Random, IEnumerable<Product>> Make)
{
    /// <summary>What the products are like before.</summary>
    public Func<Product, Product> Before { get; init; } = product => product;
}

/// <summary>Real mistakes, and honest updates.</summary>
internal static class ChangeCases
{
    static ChangeCases() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static IReadOnlyDictionary<string, ChangeCase> Mistakes { get; } = new Dictionary<string, ChangeCase>
    {
        ["prices in cents"] = Each(ChangeFinding.Scaled, "price", p => p with { Price = p.Price * 100 }),
        ["prices divided by 100, rounded to cents"] = Each(ChangeFinding.Scaled, "price", p => p with { Price = Math.Round(p.Price!.Value / 100, 2, MidpointRounding.AwayFromZero) }),
        ["prices of a third of the products in cents, the others as ever"] = Each(ChangeFinding.Scaled, "price", (p, r) => r.Next(3) > 0 ? p : p with { Price = p.Price * 100 }),
        ["stock times 10"] = Each(ChangeFinding.Scaled, "stock", p => p with { Stock = p.Stock * 10 }),
        ["percents as numbers"] = Each(ChangeFinding.Scaled, "discount", p => p with { Discount = p.Discount * 100 }),
        ["weights times 1000"] = Each(ChangeFinding.Scaled, "weight", p => p with { Weight = p.Weight * 1000 }),
        ["weights in pounds"] = Each(ChangeFinding.Scaled, "weight", p => p with { Weight = p.Weight / 0.45359237 }),
        ["prices in marks"] = Each(ChangeFinding.Scaled, "price", p => p with { Price = Math.Round(p.Price!.Value * 1.95583m, 2, MidpointRounding.AwayFromZero) }),
        ["signs of balances turned"] = Each(ChangeFinding.SignTurned, "balance", p => p with { Balance = -p.Balance }),
        ["flags the other way round"] = Each(ChangeFinding.SignTurned, "discontinued", p => p with { Discontinued = !p.Discontinued }) with { Before = p => p with { Discontinued = p.Stock < 200 } },
        ["decimals cut off"] = Each(ChangeFinding.DecimalsLost, "price", p => p with { Price = Math.Truncate(p.Price!.Value) }),
        ["day and month swapped"] = Each(ChangeFinding.DayMonthSwapped, "validFrom", p => p.ValidFrom is { Day: <= 12 } d ? p with { ValidFrom = new DateOnly(d.Year, d.Day, d.Month) } : p),
        ["dates a day earlier"] = Each(ChangeFinding.Shifted, "validFrom", p => p with { ValidFrom = p.ValidFrom!.Value.AddDays(-1) }),
        ["dates of a spreadsheet that counts from 1904"] = Each(ChangeFinding.Shifted, "validFrom", p => p with { ValidFrom = p.ValidFrom!.Value.AddDays(1462) }),
        ["dates of another century"] = Each(ChangeFinding.CenturyChanged, "validFrom", p => p with { ValidFrom = p.ValidFrom!.Value.AddDays(p.ValidFrom is { Month: 2, Day: 29 } ? -1 : 0).AddYears(-100) }),
        ["instants of another zone"] = Each(ChangeFinding.Shifted, "changedAt", p => p with { ChangedAt = p.ChangedAt!.Value.AddHours(-2) }),
        ["times of day lost"] = Each(ChangeFinding.TimeLost, "changedAt", p => p with { ChangedAt = p.ChangedAt!.Value.Date }),
        ["names in capitals"] = Each(ChangeFinding.CaseOnly, "name", p => p with { Name = p.Name!.ToUpperInvariant() }),
        ["a status of two values in capitals"] = Each(ChangeFinding.CaseOnly, "category", p => p with { Category = p.Category!.ToUpperInvariant() }) with { Before = p => p with { Category = p.Stock > 250 ? "Active" : "Ended" } },
        ["categories with spaces behind them"] = Each(ChangeFinding.SpacesOnly, "category", p => p with { Category = p.Category!.PadRight(20) }),
        ["spaces between words lost"] = Each(ChangeFinding.SpacesOnly, "description", p => p with { Description = p.Description!.Replace(" ", "", StringComparison.Ordinal) }),
        ["UTF-8 read as windows-1252"] = Each(ChangeFinding.Mojibake, "description", p => p with { Description = Misread(p.Description!) }),
        ["windows-1252 read as UTF-8"] = Each(ChangeFinding.CharactersLost, "description", p => p with { Description = Encoding.UTF8.GetString(Encoding.GetEncoding(1252).GetBytes(p.Description!)) }),
        ["umlauts as question marks"] = Each(ChangeFinding.CharactersLost, "description", p => p with { Description = Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(p.Description!)) }),
        ["leading zeros lost"] = Each(ChangeFinding.LeadingZerosLost, "ean", p => p with { Ean = p.Ean!.TrimStart('0') }),
        ["codes shortened by a spreadsheet"] = Each(ChangeFinding.NumberRewritten, "ean", p => p with { Ean = double.Parse(p.Ean!, CultureInfo.InvariantCulture).ToString("0.#####E+00", CultureInfo.InvariantCulture) }),
        ["codes as floating point numbers"] = Each(ChangeFinding.NumberRewritten, "ean", p => p with { Ean = p.Ean!.TrimStart('0') + ".0" }),
        ["descriptions cut"] = Each(ChangeFinding.TextsCut, "description", p => p with { Description = p.Description!.Length > 20 ? p.Description[..20] : p.Description }),
        ["names as in HTML"] = Each(ChangeFinding.Escaped, "name", p => p with { Name = p.Name!.Replace("&", "&amp;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal) }),
        ["names with quotes around them"] = Each(ChangeFinding.Escaped, "category", p => p with { Category = $"\"{p.Category}\"" }),
        ["descriptions emptied"] = Each(ChangeFinding.Emptied, "description", p => p with { Description = null }),
        ["prices emptied, and other things done"] = Each(ChangeFinding.Emptied, "price", (p, r) => p with { Price = null, Stock = r.Next(500), ChangedAt = p.ChangedAt!.Value.AddSeconds(r.Next(1, 9_999_999)) }),
        ["one name for all"] = Each(ChangeFinding.OneValue, "name", p => p with { Name = "Schraube" }),
        ["prices all zero"] = Each(ChangeFinding.OneValue, "price", p => p with { Price = 0 }),
        ["a column sorted without the others"] = new(ChangeFinding.ValuesPermuted, "price", (list, _) =>
        {
            var sorted = list.Select(p => p.Price).Order().ToList();
            return list.Select((p, i) => p with { Price = sorted[i] });
        }),
        ["names and descriptions exchanged"] = Each(ChangeFinding.FieldsExchanged, "name", p => p with { Name = p.Description, Description = p.Name }),
        ["prices and costs exchanged"] = Each(ChangeFinding.FieldsExchanged, "price", p => p with { Price = p.Cost, Cost = p.Price }),
        ["keys in small letters"] = Each(ChangeFinding.KeysRenamed, null, p => p with { Sku = p.Sku.ToLowerInvariant() }),
        ["keys without separators"] = Each(ChangeFinding.KeysRenamed, null, p => p with { Sku = p.Sku.Replace("-", "", StringComparison.Ordinal) }),
        ["keys without zeros"] = Each(ChangeFinding.KeysRenamed, null, p => p with { Sku = $"P-{int.Parse(p.Sku[2..], CultureInfo.InvariantCulture)}" }),
        ["keys without their prefix"] = Each(ChangeFinding.KeysRenamed, null, p => p with { Sku = p.Sku[2..] }),
        ["keys with a suffix"] = Each(ChangeFinding.KeysRenamed, null, p => p with { Sku = p.Sku + "-DE" }),
    };

    public static IReadOnlyDictionary<string, ChangeCase> Honest { get; } = new Dictionary<string, ChangeCase>
    {
        ["another VAT for a group"] = Each(null, null, p => p.Category is "tools" or "wood" ? p with { Price = Math.Round(p.Price!.Value / 1.16m * 1.19m, 2) } : p),
        ["everything 3 % dearer"] = Each(null, null, p => p with { Price = Math.Round(p.Price!.Value * 1.03m, 2) }),
        ["each price by some percents of its own"] = Each(null, null, (p, r) => p with { Price = Math.Round(p.Price!.Value * (0.9m + 0.25m * (decimal)r.NextDouble()), 2) }),
        ["prices that end in .99"] = Each(null, null, p => p with { Price = Math.Floor(p.Price!.Value) + 0.99m }),
        ["prices rounded to whole ones"] = Each(null, null, p => p with { Price = Math.Round(p.Price!.Value, MidpointRounding.AwayFromZero) }),
        ["half price for a group"] = Each(null, null, p => p.Category is "tools" ? p with { Price = Math.Round(p.Price!.Value / 2, 2) } : p),
        ["everything 5 dearer"] = Each(null, null, p => p with { Price = p.Price + 5 }),
        ["another exchange rate"] = Each(null, null, p => p with { Price = Math.Round(p.Price!.Value * 1.0843m, 2), Cost = Math.Round(p.Cost!.Value * 1.0843m, 2) }),
        ["three of four prices doubled"] = new(null, null, (list, _) => list.Select((p, i) => i < 3 ? p with { Price = p.Price * 2 } : i == 3 ? p with { Price = p.Price + 1.13m } : p)),
        ["four prices in cents put right"] = new(null, null, (list, r) => list.Select((p, i) => i < 4 ? p with { Price = p.Price * 100 } : p with { Price = p.Price + r.Next(1, 400) / 100m })),
        ["stock counted"] = Each(null, null, (p, r) => p with { Stock = r.Next(0, 500) }),
        ["one of each sold"] = Each(null, null, p => p with { Stock = Math.Max(0, p.Stock!.Value - 1) }),
        ["some sold"] = Each(null, null, (p, r) => p with { Stock = Math.Max(0, p.Stock!.Value - r.Next(0, 6)) }),
        ["sold out in a group"] = Each(null, null, p => p.Category is "paint" ? p with { Stock = 0 } : p),
        ["payments booked"] = Each(null, null, (p, r) => r.Next(2) > 0 ? p with { Balance = 0 } : p with { Balance = p.Balance + r.Next(-90_000, 90_000) / 100m }),
        ["dates a year later"] = Each(null, null, p => p with { ValidFrom = p.ValidFrom!.Value.AddYears(1) }),
        ["dates a week later"] = Each(null, null, p => p with { ValidFrom = p.ValidFrom!.Value.AddDays(7) }),
        ["one date for all"] = Each(null, null, p => p with { ValidFrom = new DateOnly(2026, 1, 2) }),
        ["dates of the next delivery"] = Each(null, null, (p, r) => p with { ValidFrom = p.ValidFrom!.Value.AddDays(r.Next(1, 90)) }),
        ["changed now"] = Each(null, null, (p, r) => p with { ChangedAt = new DateTime(2026, 11, 27, 6, 0, 0, DateTimeKind.Utc), Stock = r.Next(500) }),
        ["discontinued"] = Each(null, null, (p, r) => r.Next(2) > 0 ? p with { Discontinued = true } : p),
        ["other categories"] = Each(null, null, p => p.Category is "pipes" or "paint" ? p with { Category = "water & colours" } : p),
        ["one category for all"] = Each(null, null, p => p with { Category = "hardware" }),
        ["descriptions written anew"] = Each(null, null, (p, r) => p with { Description = Product.Draw(r, 0).Description }),
        ["descriptions longer"] = Each(null, null, (p, r) => p with { Description = p.Description + " mit " + Product.Draw(r, 0).Name }),
        ["descriptions shorter"] = Each(null, null, (p, r) => p with { Description = p.Description![..r.Next(p.Description!.Length / 2, p.Description.Length)].Trim() }),
        ["spaces tidied"] = Each(null, null, p => p with { Description = p.Description!.Trim() }) with { Before = p => p with { Description = $" {p.Description} " } },
        ["names in capitals written as names"] = Each(null, null, p => p with { Name = CultureInfo.InvariantCulture.TextInfo.ToTitleCase(p.Name!.ToLowerInvariant()) }) with { Before = p => p with { Name = p.Name!.ToUpperInvariant() } },
        ["misread texts put right"] = Each(null, null, p => p with { Description = Encoding.UTF8.GetString(Encoding.GetEncoding(1252).GetBytes(p.Description!)) }) with { Before = p => p with { Description = Misread(p.Description!) } },
        ["numbers written in groups without spaces"] = Each(null, null, p => p with { Ean = p.Ean!.Replace(" ", "", StringComparison.Ordinal) }) with { Before = p => p with { Ean = $"DE{p.Ean![..2]} {p.Ean[2..6]} {p.Ean[6..10]} {p.Ean[10..]}" } },
        ["numbers written in groups"] = Each(null, null, p => p with { Ean = $"{p.Ean![..1]} {p.Ean[1..7]} {p.Ean[7..]}" }),
        ["leading zeros put right"] = Each(null, null, p => p with { Ean = p.Ean!.PadLeft(13, '0') }) with { Before = p => p with { Ean = p.Ean!.TrimStart('0') } },
        ["discounts ended in a group"] = Each(null, null, p => p.Category is "garden" or "light" ? p with { Discount = null } : p),
        ["empty fields filled"] = Each(null, null, p => p with { Weight = 1.5, Description = "a thing" }) with { Before = p => p with { Weight = null, Description = null } },
        ["some products instead of others"] = new(null, null, (list, r) => list.Where((_, i) => i % 2 == 0).Concat(Enumerable.Range(50_000, list.Count / 2).Select(number => Product.Draw(r, number)))),
        ["another year's products"] = new(null, null, (list, r) => list.Select((p, i) => Product.Draw(r, i) with { Sku = $"{2027}-{i:D4}" })),
    };

    private static string Misread(string text) => Encoding.GetEncoding(1252).GetString(Encoding.UTF8.GetBytes(text));

    private static ChangeCase Each(string? code, string? field, Func<Product, Product> change) => new(code, field, (list, _) => list.Select(change));

    private static ChangeCase Each(string? code, string? field, Func<Product, Random, Product> change) => new(code, field, (list, random) => list.Select(product => change(product, random)));
}
