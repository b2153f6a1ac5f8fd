using System.Diagnostics;
using System.Globalization;
using System.Text;
using EntityImport.Api;
using EntityImport.Client;

namespace EntityImport.Web.Tests;

/// <summary>
/// What pages take, told and not judged; run only where they are asked for (<c>-explicit only</c>). <c>EIS_BENCH_PROGRAM</c> names the <c>eis.dll</c> that is measured, which is to be one of a release build, and <c>EIS_BENCH_ROWS</c> how many rows there are.
/// </summary>
[Collection(nameof(Browser))]
public sealed class PageBenchmarks(Browser browser) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly ServiceProcess _service = new(Environment.GetEnvironmentVariable("EIS_BENCH_PROGRAM"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _service.Dispose();

    [Fact(Explicit = true)]
    public async Task The_desk_and_a_preview_after_a_change()
    {
        await _service.StartAsync(Cancel);
        var page = await browser.OpenAsync(address: _service.Address);
        var loads = new List<double>();
        for (var i = 0; i < 21; i++)
        {
            await page.GotoAsync("/");
            loads.Add(await page.EvaluateAsync<double>("performance.getEntriesByType('navigation')[0].loadEventEnd"));
        }

        Tell("Desk, from the address to the load event, ms", loads[1..], first: loads[0]);
        await Walk.DropAsync(page, "prices.csv", "id;name;price;since\n" + string.Concat(Enumerable.Range(1, 100_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i};Article {i};1.{i % 1000:000},50;31.12.20{i % 90 + 10}\n"))));
        var changes = new List<double>();
        for (var i = 0; i < 60; i++)
        {
            changes.Add(await page.EvaluateAsync<double>(
                """
                value => new Promise(done => {
                  const select = document.querySelector('select[name=locale]'), begun = performance.now();
                  document.addEventListener('eis:swapped', () => done(performance.now() - begun), { once: true });
                  select.value = value;
                  select.dispatchEvent(new Event('change', { bubbles: true }));
                })
                """,
                i % 2 == 0 ? "en-US" : "de-DE"));
        }

        Tell("Preview, from a change to the rows, ms", changes[1..], first: changes[0]);
    }

    [Fact(Explicit = true)]
    public async Task A_sheet_of_many_rejected_rows()
    {
        var rows = Rows(1_000_000);
        await _service.StartAsync(Cancel);
        using var http = new HttpClient { BaseAddress = new Uri(_service.Address) };
        var client = new EntityImportClient(http);
        await client.PutEntityAsync(new Entity { SystemName = "sheet", Fields = [new EntityField { SystemName = "id", DataType = "STRING", PrimaryKey = true }, new EntityField { SystemName = "price", DataType = "DECIMAL" }] }, Cancel);
        var mapping = await client.CreateMappingAsync("sheet", new ImportDefinition { FieldDelimiter = ";" }, Cancel);
        var import = (await client.RunAsync(mapping, File("id;price\ngood;1\n", rows, i => $"a{i};{i} kg\n"), "sheet.csv", Patience, Cancel)).Status.EntityImportId;
        _service.Kill();
        await _service.StartAsync(Cancel);

        var page = await browser.OpenAsync(address: _service.Address);
        page.SetDefaultTimeout(60_000);
        var shown = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await page.GotoAsync($"/imports/{import}/repair?all=true", new() { WaitUntil = WaitUntilState.Commit });
            await page.Locator("[data-index='0']:not([aria-busy]) [data-cell='4']").WaitForAsync();
            shown.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            if (i < 2) await TellPartsAsync(page, i == 0 ? "In a service just started" : "The next time");
        }

        Tell($"First of {rows:N0} rejected rows, from the address on, ms; the first in a service just started", shown[1..], first: shown[0]);
        await page.Locator("[data-index='0'] [data-cell='4']").ClickAsync();
        for (var i = 0; i < 2000; i++) await page.Keyboard.PressAsync("ArrowDown");
        await page.WaitForFunctionAsync("() => document.activeElement.closest('[role=row]')?.ariaRowIndex === '2002' && document.activeElement.textContent.includes('2001 kg')");
        var ends = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            await page.Keyboard.PressAsync("Control+Home");
            await page.WaitForFunctionAsync("() => document.activeElement.closest('[data-index=\"0\"]:not([aria-busy])')");
            var begun = Stopwatch.GetTimestamp();
            await page.Keyboard.PressAsync("Control+End");
            await page.WaitForFunctionAsync($"() => document.activeElement.closest('[data-index=\"{rows - 1}\"]:not([aria-busy])')");
            ends.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        Tell("From the first row to the last, ms", ends[1..], first: ends[0]);
        await using var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("HeapProfiler.collectGarbage");
        var heap = await page.EvaluateAsync<double>("performance.memory.usedJSHeapSize / 1048576");
        Write($"Elements {await page.EvaluateAsync<int>("document.querySelectorAll('*').length")}, heap {heap:F1} MiB");
    }

    [Fact(Explicit = true)]
    public async Task An_import_with_its_page_open_and_without()
    {
        var rows = Rows(5_000_000);
        await _service.StartAsync(Cancel);
        using var http = new HttpClient { BaseAddress = new Uri(_service.Address), Timeout = TimeSpan.FromMinutes(10) };
        var client = new EntityImportClient(http);
        await client.PutEntityAsync(
            new Entity
            {
                SystemName = "opened",
                KeepBefore = false,
                Fields = [new EntityField { SystemName = "id", DataType = "INTEGER", PrimaryKey = true }, new EntityField { SystemName = "name", DataType = "STRING" }, new EntityField { SystemName = "price", DataType = "DECIMAL" }],
            },
            Cancel);
        var mapping = await client.CreateMappingAsync("opened", new ImportDefinition { FieldDelimiter = ";", ImportMode = ImportMode.Replace }, Cancel);
        var file = File("id;name;price\n", rows, i => $"{i};Article {i};{i}.50\n").ToArray();
        var page = await browser.OpenAsync(address: _service.Address);
        page.SetDefaultTimeout(300_000);
        var (open, closed, openOfImport, closedOfImport) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < 161; round++)
        {
            var isOpen = round % 2 == 1;
            await page.GotoAsync(isOpen ? "/imports" : "about:blank");
            var upload = await client.UploadAsync(mapping, new MemoryStream(file), "opened.csv", Cancel);
            var (before, answeringBefore) = (_service.ProcessorTime, _service.AnsweringTimes);
            var import = await client.ImportAsync(upload, Cancel);
            if (isOpen)
            {
                await page.GotoAsync($"/imports/{import}");
                await page.Locator("table.account").First.WaitForAsync();
            }

            await client.WaitAsync(import, Patience, Cancel);
            Assert.Equal(ImportState.Succeeded, (await client.GetImportAsync(import, Cancel)).State);
            if (round == 0) continue;
            var all = _service.ProcessorTime - before;
            var answering = TimeSpan.FromTicks(_service.AnsweringTimes.Sum(thread => (thread.Value - answeringBefore.GetValueOrDefault(thread.Key)).Ticks));
            (isOpen ? open : closed).Add(all.TotalMilliseconds);
            (isOpen ? openOfImport : closedOfImport).Add((all - answering).TotalMilliseconds);
        }

        Compare("Processor time of the service for an import", open, closed);
        Compare("That of the import's threads", openOfImport, closedOfImport);
    }

    private static int Rows(int otherwise) => int.TryParse(Environment.GetEnvironmentVariable("EIS_BENCH_ROWS"), CultureInfo.InvariantCulture, out var rows) ? rows : otherwise;

    private static MemoryStream File(string header, int rows, Func<int, string> row)
    {
        var text = new StringBuilder(header);
        for (var i = 1; i <= rows; i++) text.Append(row(i));
        return new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static double Median(List<double> figures) => figures.Order().ElementAt(figures.Count / 2);

    private static void Tell(string what, List<double> figures, double first) =>
        Write(string.Create(CultureInfo.InvariantCulture, $"{what}: median {Median(figures):F0}, p95 {figures.Order().ElementAt((int)(figures.Count * 0.95)):F0}, most {figures.Max():F0}; the first {first:F0} ({figures.Count})"));

    private static void Compare(string what, List<double> open, List<double> closed)
    {
        Tell($"{what}, its page open, ms", open, open[0]);
        Tell("The same, no page open, ms", closed, closed[0]);
        Write($"Ratio of the medians {Median(open) / Median(closed):F3}, of the least {open.Min() / closed.Min():F3}");
    }

    /// <summary>What of the time to a page is whose: of the service until it answers, and of the browser from then on.</summary>
    private static async Task TellPartsAsync(IPage page, string when)
    {
        var parts = await page.EvaluateAsync<double[]>(
            """
            () => {
              const page = performance.getEntriesByType('navigation')[0], parts = performance.getEntriesByType('resource');
              return [page.requestStart, page.responseStart, page.responseEnd, page.domInteractive, page.domContentLoadedEventEnd, parts.length, Math.max(...parts.map(part => part.responseEnd))];
            }
            """);
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{when}, ms from the address on: asked {parts[0]:F0}, answer begins {parts[1]:F0} and ends {parts[2]:F0}, document read {parts[3]:F0}, modules run {parts[4]:F0}, the last of {parts[5]:F0} files and calls {parts[6]:F0}"));
    }

    private static void Write(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
