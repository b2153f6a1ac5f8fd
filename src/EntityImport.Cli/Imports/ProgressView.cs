using EntityImport.Api;
using EntityImport.Cli.Output;
using Spectre.Console;

namespace EntityImport.Cli.Imports;

/// <summary>Shows progress: a moving bar on a terminal, else a line now and then.</summary>
internal static class ProgressView
{
    /// <summary>Runs work that tells its progress.</summary>
    public static Task ShowAsync(Terminal terminal, Func<IProgressView, Task> work) => terminal.Console is { } console
        ? console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context => work(new Bar(context.AddTask("Storing the file"))))
        : work(new Lines(terminal));

    private static string Describe(ImportProgress progress)
    {
        var rows = $"{Amounts.Of(progress.RecordsRead, "row")}, {Amounts.Count((long)progress.RecordsPerSecond)} rows/s";
        return progress.Phase switch
        {
            ImportPhase.Loading => $"{rows}, {Amounts.Bytes(progress.BytesRead)} of {Amounts.Bytes(progress.BytesTotal)}",
            ImportPhase.Merging => $"{Amounts.Of(progress.RecordsRead, "row")} read, merging",
            ImportPhase.Planning => "reading the header",
            _ => "waiting",
        };
    }

    private sealed class Bar(ProgressTask task) : IProgressView
    {
        public void Storing(long bytes, long total) => Show($"Storing the file, {Amounts.Bytes(bytes)} of {Amounts.Bytes(total)}", bytes, total);

        public void Importing(ImportProgress progress) => Show(Describe(progress), progress.BytesRead, progress.BytesTotal);

        private void Show(string text, long done, long total)
        {
            task.Description = Markup.Escape(text);
            task.MaxValue = Math.Max(1, total);
            task.Value = done;
        }
    }

    private sealed class Lines(Terminal terminal) : IProgressView
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

        private long _last = TimeProvider.System.GetTimestamp();

        public void Storing(long bytes, long total) => Show(() => $"Storing the file: {Amounts.Bytes(bytes)} of {Amounts.Bytes(total)}");

        public void Importing(ImportProgress progress) => Show(() => $"Importing: {Describe(progress)}");

        private void Show(Func<string> line)
        {
            if (TimeProvider.System.GetElapsedTime(_last) < Interval) return;
            _last = TimeProvider.System.GetTimestamp();
            terminal.WriteLine(line());
        }
    }
}
