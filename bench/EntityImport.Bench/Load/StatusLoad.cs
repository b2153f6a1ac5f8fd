using EntityImport.Bench.Compare.Data;
using EntityImport.Bench.Compare.Results;
using EntityImport.Bench.Compare.Scenarios;

namespace EntityImport.Bench.Load;

/// <summary>Status polls while an import runs, and after it, against the bare endpoint beside the same import: both in turn, in slices of a second, now one first and now the other.</summary>
internal static class StatusLoad
{
    private const string Entity = "products";
    private const int SlicesAfterwards = 3;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);

    /// <summary>Runs it.</summary>
    /// <returns>The table, and how many answers were not good.</returns>
    public static async Task<(string Table, long Failed)> RunAsync(LoadTarget target, DataSet data, int rounds, int connections, CancellationToken cancellationToken)
    {
        data.Ensure(DataVariant.Iso);
        await target.DeclareAsync(Entity, ProductTable.Fields, cancellationToken);
        using var service = new HttpLoad(target.Service, connections, target.Headers);
        using var bare = new HttpLoad(target.Bare, connections, target.Headers);
        var (running, ended) = (new Pair(), new Pair());
        for (var round = 0; round <= rounds; round++)
        {
            await using var file = File.OpenRead(data.PathOf(DataVariant.Iso));
            var import = await target.ImportAsync(Entity, "REPLACE", file, cancellationToken);
            var path = $"/v1/EntityImport/{import}/status";
            // What is compiled during the first round is not measured.
            var (whileRunning, afterwards) = round == 0 ? (new Pair(), new Pair()) : (running, ended);
            await MeasureAsync(path, import, () => IsRunningAsync(target, path, cancellationToken), whileRunning);
            await target.ExpectImportedAsync(import, data.Rows, cancellationToken);
            var slices = 0;
            await MeasureAsync(path, import, () => Task.FromResult(slices++ < SlicesAfterwards), afterwards);
        }

        var table = new TextTable(["status of an import", "slices", "answers/s", "bare, answers/s", "ratio", "wanted", "p99 ms", "bare, p99 ms", "failed"], [false, true, true, true, true, true, true, true, true]);
        running.AddTo(table, "that runs", "≥ 0.80");
        ended.AddTo(table, "that has ended", "");
        return (table.ToString(), running.Failed + ended.Failed);

        async Task MeasureAsync(string path, string import, Func<Task<bool>> goesOn, Pair pair)
        {
            await target.SetAnswerAsync(await target.GetAsync(path, cancellationToken), cancellationToken);
            var (asked, askedBare) = (service.Get(path, import), bare.Get(path, import));
            for (var isServiceFirst = true; ; isServiceFirst = !isServiceFirst)
            {
                var before = isServiceFirst ? null : bare.Run(Slice, [askedBare]);
                var measured = service.Run(Slice, [asked]);
                var measuredBare = before ?? bare.Run(Slice, [askedBare]);
                // Only what was measured while it ran, from beginning to end.
                if (!await goesOn()) return;
                pair.Add(measured, measuredBare);
            }
        }
    }

    private static async Task<bool> IsRunningAsync(LoadTarget target, string path, CancellationToken cancellationToken) =>
        (await target.GetAsync(path, cancellationToken)).Contains("\"RUNNING\"", StringComparison.Ordinal);

    /// <summary>Slices of the service, and of the bare endpoint beside each.</summary>
    private sealed class Pair
    {
        private readonly List<(LoadResult Service, LoadResult Bare)> _slices = [];

        public long Failed => _slices.Sum(slice => slice.Service.Failed + slice.Bare.Failed);

        public void Add(LoadResult service, LoadResult bare) => _slices.Add((service, bare));

        public void AddTo(TextTable table, string name, string wanted) => table.Add(
            name,
            Text($"{_slices.Count}"),
            Text($"{Median(slice => slice.Service.Rate):0}"),
            Text($"{Median(slice => slice.Bare.Rate):0}"),
            Text($"{Median(slice => slice.Service.Rate / slice.Bare.Rate):0.00}"),
            wanted,
            Text($"{Median(slice => slice.Service.Percentile99):0.0}"),
            Text($"{Median(slice => slice.Bare.Percentile99):0.0}"),
            Text($"{Failed}"));

        private static string Text(FormattableString text) => FormattableString.Invariant(text);

        private double Median(Func<(LoadResult Service, LoadResult Bare), double> figure) =>
            _slices.Count == 0 ? double.NaN : _slices.Select(figure).Order().ElementAt(_slices.Count / 2);
    }
}
