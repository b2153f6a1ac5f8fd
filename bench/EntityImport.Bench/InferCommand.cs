using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using EntityImport.Inference;

namespace EntityImport.Bench;

/// <summary><c>bench infer</c>: how fast a schema is inferred from 16 MiB of a usual file, the whole of it, by the processor time that it takes.</summary>
internal static class InferCommand
{
    private const int SampleBytes = 16 << 20;
    private const int WarmUps = 10;

    private static readonly string[] Categories = ["Tools", "Garden", "Office supplies", "Kitchen & dining", "Toys"];

    /// <summary>The command.</summary>
    public static Command Build()
    {
        var rounds = new Option<int>("--rounds") { Description = "How often it is inferred; the median counts.", DefaultValueFactory = _ => 9 };
        var command = new Command("infer", "Measures the inference of entity and mapping from 16 MiB of a file of 12 columns, in MB for each second of processor time.") { rounds };
        command.SetAction(arguments => Run(arguments.GetValue(rounds), Console.Out));
        return command;
    }

    /// <summary>Measures and writes a line for each kind of file; answers 0.</summary>
    public static int Run(int rounds, TextWriter output)
    {
        output.WriteLine($"{"file",-24} {"columns",7} {"MB",6} {"ms",6} {"MB/s",6}");
        (string Name, byte[] Sample)[] files =
        [
            ("12 columns", Write(CultureInfo.InvariantCulture, ',', quoted: false)),
            ("12 columns, German", Write(CultureInfo.GetCultureInfo("de-DE"), ';', quoted: false)),
            ("12 columns, all quoted", Write(CultureInfo.InvariantCulture, ',', quoted: true)),
        ];
        // All of them before the first is measured: the compiler's own work on what is hot takes processor time, too.
        for (var round = 0; round < WarmUps; round++)
            foreach (var (_, sample) in files) Infer(sample);
        foreach (var (name, sample) in files) Measure(name, sample, rounds, output);
        return 0;
    }

    private static void Measure(string name, byte[] sample, int rounds, TextWriter output)
    {
        var times = new List<double>();
        var columns = 0;
        using var process = Process.GetCurrentProcess();
        for (var round = 0; round < rounds; round++)
        {
            GC.Collect();
            process.Refresh();
            var before = process.TotalProcessorTime;
            columns = Infer(sample);
            process.Refresh();
            times.Add((process.TotalProcessorTime - before).TotalMilliseconds);
        }

        times.Sort();
        var median = times[times.Count / 2];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24} {columns,7} {sample.Length / 1e6,6:0.0} {median,6:0} {sample.Length / 1e3 / median,6:0}"));
    }

    private static int Infer(byte[] sample) =>
        SchemaInference.Infer(new InferenceRequest { Sample = sample, IsWholeFile = false, EntitySystemName = "products", Today = new DateOnly(2026, 11, 27) })
            .Columns.Count(column => column.Field is not null);

    private static byte[] Write(CultureInfo culture, char delimiter, bool quoted)
    {
        var text = new StringBuilder(SampleBytes + 1024);
        var quote = quoted ? "\"" : "";
        Add("orderNo", "sku", "name", "category", "unitPrice", "discount", "stock", "weight", "addedOn", "updatedAt", "active", "ean");
        var random = new Random(20261127);
        for (var row = 0; text.Length < SampleBytes; row++)
        {
            var day = new DateTime(2019, 1, 1).AddMinutes(row * 37L);
            Add(
                (1_000_000 + row).ToString(culture),
                $"P-{random.Next(100_000):00000}-{(char)('A' + (row % 26))}",
                $"{Categories[row % 5]} item {random.Next(10_000)}, size {row % 12}".Replace(delimiter, ' '),
                Categories[random.Next(5)],
                (random.Next(1, 1_000_000) / 100m).ToString("0.00", culture),
                random.Next(4) == 0 ? "" : (random.Next(500) / 1000m).ToString("0.000", culture),
                random.Next(5000).ToString(culture),
                (random.Next(1, 100_000) / 1000m).ToString("0.###", culture),
                day.ToString(culture.Name.Length == 0 ? "yyyy-MM-dd" : "dd.MM.yyyy", CultureInfo.InvariantCulture),
                day.AddSeconds(random.Next(60)).ToString(culture.Name.Length == 0 ? "yyyy-MM-dd HH:mm:ss" : "dd.MM.yyyy HH:mm:ss", CultureInfo.InvariantCulture),
                row % 3 == 0 ? "false" : "true",
                (4_000_000_000_000L + random.NextInt64(999_999_999_999)).ToString(CultureInfo.InvariantCulture));
        }

        return Encoding.UTF8.GetBytes(text.ToString());

        void Add(params ReadOnlySpan<string> fields)
        {
            for (var i = 0; i < fields.Length; i++) text.Append(i == 0 ? "" : delimiter.ToString()).Append(quote).Append(fields[i]).Append(quote);
            text.Append('\n');
        }
    }
}
