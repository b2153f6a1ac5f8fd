using System.Text.Json;
using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Engine;
using EntityImport.Options;
using EntityImport.Server;
using EntityImport.Server.Options;

namespace EntityImport.Bench.Compare.Scenarios;

/// <summary>This project: a page of what a plan would do to records, asked for over HTTP from a service that was just started, and was asked for the plan itself, by which a client knows that there is something to page through.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="group">The name of the group that it belongs to.</param>
/// <param name="title">What it does, for the table.</param>
/// <param name="input">The file that was planned.</param>
/// <param name="queries">The queries of the pages in turn. The last is measured.</param>
internal sealed class ProjectChanges(string name, string group, string title, DataVariant input, params IReadOnlyList<string> queries) : ProjectImport(name, group, title, input, "UPSERT")
{
    /// <summary>The service starts: what it reads of the plan's changes it reads for the first time.</summary>
    public override bool IsWarm => false;

    public override string Prepared => $"plan-{base.Prepared}";

    public override string? Content => ContentOf(Existing!.Value);

    public override async Task<Measurement> MeasureAsync(DataSet data, string directory)
    {
        var plan = await ReadSubjectAsync(directory);
        Meter? meter = null;
        await using (var service = EntityImportServer.Build(new ServerOptions { Urls = ["http://127.0.0.1:0"], Engine = new EngineOptions { DataDirectory = directory } }))
        {
            await service.StartAsync();
            using var http = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
            var page = await http.GetStringAsync($"/v1/EntityImport/plans/{plan}");
            foreach (var query in queries)
            {
                meter = Meter.Start();
                page = await http.GetStringAsync($"/v1/EntityImport/plans/{plan}/changes?limit=100{query}");
                meter.Stop();
            }

            ThrowUnlessFull(page);
            await service.StopAsync();
        }

        return await MeasuredAsync(meter!, directory);
    }

    protected override async Task<Guid> BeginAsync(ImportEngine engine, Guid upload) => (await PlanAsync(engine, upload)).Id;

    private static void ThrowUnlessFull(string page)
    {
        using var read = JsonDocument.Parse(page);
        if (read.RootElement.GetProperty("changes").GetArrayLength() is var changes && changes != 100) throw new InvalidOperationException($"The page has {changes} changes, not 100.");
    }
}
