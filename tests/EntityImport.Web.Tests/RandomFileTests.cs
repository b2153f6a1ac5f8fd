using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EntityImport.Web.Tests;

/// <summary>Screen, API and store say the same, over files that nobody has prepared: <c>EIS_TEST_RANDOM_FILES</c> says how many.</summary>
[Collection(nameof(Browser))]
public sealed class RandomFileTests(Browser browser)
{
    private const int Seed = 2026;

    private static readonly string[] Words = ["Schraube M4", "Ölfass, 60 l", "1/2\" Rohr", "naïve", "a;b", "x|y", "Łódź", "100 %", "n/a", "true story", "<b>", "''"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_read_planned_and_told_is_what_is_stored()
    {
        var files = int.TryParse(Environment.GetEnvironmentVariable("EIS_TEST_RANDOM_FILES"), CultureInfo.InvariantCulture, out var wanted) ? wanted : 12;
        var page = await browser.OpenAsync();
        var values = 0;
        for (var number = 0; number < files; number++)
        {
            var drawn = Draw(new Random((Seed * 397) ^ number));
            try
            {
                values += await FollowAsync(page, Walk.NewName("random"), drawn);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new InvalidOperationException($"File {number} of the seed {Seed} ({drawn.Encoding.WebName}, {drawn.Rows.Count} rows, at {page.Url}):\n{drawn.Text[..Math.Min(drawn.Text.Length, 1500)]}", exception);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{files} files, {values} values compared.");
        Assert.True(values > 20 * files);
    }

    /// <summary>Takes a file from the desk to its records, and compares what each page shows; answers how many values were shown as read.</summary>
    private async Task<int> FollowAsync(IPage page, string entity, DrawnFile file)
    {
        await Walk.DropAsync(page, $"{entity}.csv", file.Bytes);
        // What is asked is answered by what comes first.
        for (var answered = 0; answered < 5 && await page.Locator(".asked:not(#alike, #known)").CountAsync() > 0; answered++)
        {
            var before = page.Url;
            await page.Locator(".asked:not(#alike, #known) a").First.ClickAsync();
            await page.WholeAsync("before => location.href !== before", before);
            await page.WaitForFunctionAsync("() => !document.querySelector('.htmx-request, [aria-busy=true]')");
        }

        var shown = await page.Locator("table.read tbody tr").EvaluateAllAsync<string?[][]>("rows => rows.map(row => [...row.cells].map(cell => cell.querySelector('.value')?.innerText ?? (cell.classList.contains('bad') ? '!' : null)))");
        Assert.NotEmpty(shown);
        await page.GetByRole(AriaRole.Link, new() { Name = "On to the columns" }).ClickAsync();
        await page.GetByLabel("Name of the entity").FillAsync(entity);
        if (!await page.Locator("input[name=k0]").IsCheckedAsync()) await Walk.KeyAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "See what would change" }).ClickAsync();
        await Walk.PlannedAsync(page);
        var imported = await Walk.ApplyWithLedgerAsync(browser, page);
        Assert.Equal(file.Rows.Count, imported["records"]);

        using var answer = await browser.Http.GetAsync(new Uri($"/v1/LogicalEntityData/{entity}?$top=1000", UriKind.Relative), Cancel);
        var stored = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel)).EnumerateArray()
            .Select(record => record.EnumerateObject().Select(field => Text(field.Value)).ToArray()).ToDictionary(record => record[0]!);
        Assert.Equal(imported["inserted"], stored.Count);
        var compared = 0;
        foreach (var row in shown.Where(row => row.Length > 1 && !row.Contains("!") && file.Rows.Count(other => other[0] == row[0]) == 1))
        {
            Assert.Equal(stored[row[0]!], row);
            compared += row.Length;
        }

        await page.GotoAsync($"/entities/{entity}");
        var kept = (await browser.AnswersAsync(page))[1].EnumerateArray().Select(record => record.EnumerateObject().Select(field => Text(field.Value) ?? "∅").ToArray());
        Assert.Equal(kept, await page.Locator("table.records tbody tr").EvaluateAllAsync<string[][]>("rows => rows.map(row => [...row.cells].map(cell => cell.querySelector('.value')?.innerText ?? '∅'))"));
        return compared;
    }

    private static string? Text(JsonElement value) => value.ValueKind switch { JsonValueKind.Null => null, JsonValueKind.String => value.GetString(), _ => value.GetRawText() };

    /// <summary>Draws a file as people send them: its separator, encoding and line ends, columns of several types as several countries write them, and some rows that do not fit.</summary>
    private static DrawnFile Draw(Random random)
    {
        var delimiter = ",;\t|"[random.Next(4)];
        Encoding encoding = random.Next(5) switch { 0 => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), 1 => Encoding.Unicode, 2 => Encoding.Latin1, _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) };
        var comma = random.Next(2) == 0;
        var kinds = Enumerable.Range(0, random.Next(1, 7)).Select(_ => random.Next(6)).Prepend(6).ToArray();
        var dates = new[] { "yyyy-MM-dd", "dd.MM.yyyy", "dd/MM/yyyy" }[random.Next(3)];
        var rows = new List<string[]>();
        for (var number = 1; number <= 20 + random.Next(180); number++)
        {
            var id = random.Next(30) == 0 && rows.Count > 0 ? rows[random.Next(rows.Count)][0] : $"{1000 + number}";
            rows.Add([.. kinds.Select((kind, column) => column == 0 ? id : random.Next(12) == 0 ? "" : random.Next(60) == 0 ? "?!" : Value(kind))]);
        }

        var text = new StringBuilder().AppendJoin(delimiter, kinds.Select((_, column) => column == 0 ? "id" : $"Column {column}"));
        var end = random.Next(3) == 0 ? "\n" : "\r\n";
        foreach (var row in rows) text.Append(end).AppendJoin(delimiter, row.Select(field => field.AsSpan().IndexOfAny(delimiter, '"') >= 0 ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field));
        return new DrawnFile(rows, encoding, text.Append(end).ToString());

        string Value(int kind) => kind switch
        {
            0 => $"{random.Next(-50, 100_000)}",
            1 => (random.Next(-100_000, 1_000_000) / 100m).ToString("0.00", CultureInfo.GetCultureInfo(comma ? "de-DE" : "en-US")),
            2 => (random.Next(1, 2_000_000_000) / 1000m).ToString("#,##0.###", CultureInfo.GetCultureInfo(comma ? "de-DE" : "en-US")),
            3 => new DateOnly(2020, 1, 1).AddDays(random.Next(2500)).ToString(dates, CultureInfo.InvariantCulture),
            4 => random.Next(2) == 0 ? "true" : "false",
            _ => Words[random.Next(Words.Length)] + (encoding is UnicodeEncoding && random.Next(4) == 0 ? " 日本" : ""),
        };
    }

    private sealed record DrawnFile(IReadOnlyList<string[]> Rows, Encoding Encoding, string Text)
    {
        public byte[] Bytes => [.. Encoding.GetPreamble(), .. Encoding.GetBytes(Text)];
    }
}
