using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EntityImport.Access;
using EntityImport.Catalog;
using EntityImport.Csv;
using EntityImport.DuckDb;
using EntityImport.Engine;
using EntityImport.Options;
using EntityImport.Records;
using Microsoft.Extensions.Logging.Abstractions;

namespace EntityImport.Bench.Pollock;

/// <summary>
/// Loads every file of the Pollock data loading benchmark (Vitagliano et al., PVLDB 16, 2023) by the parameters that come with it, and writes what was loaded
/// in the form that the benchmark's scorer reads.
/// </summary>
internal static class PollockCommand
{
    /// <summary>The command.</summary>
    public static Command Build()
    {
        var benchmark = new Argument<string>("POLLUTED_FILES") { Description = "The benchmark's folder with csv/ and parameters/." };
        var output = new Argument<string>("OUTPUT") { Description = "Where FILE_converted.csv goes." };
        var raggedRows = new Argument<string>("RAGGED_ROWS") { Description = "What becomes of ragged rows.", DefaultValueFactory = _ => "FIT" };
        raggedRows.AcceptOnlyFromAmong("REJECT", "PAD", "FIT");
        var command = new Command("pollock", "Loads every file of the Pollock benchmark and writes what was loaded.") { benchmark, output, raggedRows };
        command.SetAction(arguments => RunAsync(arguments.GetValue(benchmark)!, arguments.GetValue(output)!, arguments.GetValue(raggedRows)!));
        return command;
    }

    /// <summary>Loads all files.</summary>
    /// <param name="benchmark">The benchmark's folder with <c>csv/</c> and <c>parameters/</c>.</param>
    /// <param name="output">Where <c>FILE_converted.csv</c> goes.</param>
    /// <param name="raggedRows">What becomes of ragged rows, the same for all files.</param>
    private static async Task RunAsync(string benchmark, string output, string raggedRows)
    {
        Directory.CreateDirectory(output);
        var data = Directory.CreateTempSubdirectory("eis-pollock-");
        try
        {
            var options = new EngineOptions { DataDirectory = data.FullName };
            await using var engine = await ImportEngine.OpenAsync(DuckDbStore.Open(options), options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
            var files = Directory.GetFiles(Path.Combine(benchmark, "csv")).Order(StringComparer.Ordinal).ToList();
            foreach (var file in files)
            {
                var name = Path.GetFileName(file);
                await using var parameters = File.OpenRead(Path.Combine(benchmark, "parameters", $"{name}_parameters.json"));
                using var document = await JsonDocument.ParseAsync(parameters);
                await using var target = File.Create(Path.Combine(output, $"{name}_converted.csv"));
                await LoadAsync(engine, file, document.RootElement, raggedRows, target);
            }

            Console.WriteLine($"{files.Count} files loaded with raggedRows {raggedRows} into {output}");
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task LoadAsync(ImportEngine engine, string file, JsonElement parameters, string raggedRows, Stream target)
    {
        var columns = parameters.GetProperty("n_columns").GetInt32();
        var header = parameters.GetProperty("column_names").EnumerateArray().Select(name => name.GetString()!).ToList();
        var writer = new CsvFieldWriter(target, CsvDialect.Default);
        if (header.Count > 0) WriteRecord(header);
        // No columns: the file has nothing below its header, if that.
        if (columns == 0) return;
        var entity = await DeclareAsync(engine, columns);
        var mapping = await MapAsync(engine, entity, columns, parameters, raggedRows);
        await using var content = File.OpenRead(file);
        var upload = await engine.Uploads.ReceiveAsync(Request.Anonymous, mapping, content, Path.GetFileName(file), charset: null, CancellationToken.None);
        var import = await engine.Imports.InvokeAsync(Request.Anonymous, upload!.Id, CancellationToken.None);
        var ended = await engine.ImportViews.WaitAsync(Request.Anonymous, import!.Id, CancellationToken.None);
        if (ended.State != ImportState.Succeeded)
        {
            target.SetLength(0);
            target.Write(Encoding.UTF8.GetBytes($"Application Error\n{ended.Message}\n"));
            return;
        }

        var definition = (await engine.Entities.FindAsync(Request.Anonymous, entity, CancellationToken.None))!;
        var page = await engine.Records.ReadAsync(Request.Anonymous, new RecordQuery { Entity = definition, Select = definition.Fields }, CancellationToken.None);
        foreach (var record in page.Records) WriteRecord(record.Select(value => value ?? ""));
        await engine.Entities.DeleteAsync(Request.Anonymous, entity, force: true, CancellationToken.None);

        void WriteRecord(IEnumerable<string> fields)
        {
            writer.WriteRecord(fields);
            writer.WriteLineEnd("\n");
        }
    }

    private static async Task<string> DeclareAsync(ImportEngine engine, int columns)
    {
        var fields = Enumerable.Range(1, columns).Select(column => new { systemName = FieldName(column), dataType = "STRING" });
        using var document = JsonSerializer.SerializeToDocument(new { systemName = "pollock", fields });
        await engine.Entities.PutAsync(Request.Anonymous, "pollock", document.RootElement, CancellationToken.None);
        return "pollock";
    }

    private static async Task<Guid> MapAsync(ImportEngine engine, string entity, int columns, JsonElement parameters, string raggedRows)
    {
        var definition = new Dictionary<string, object>
        {
            ["importMode"] = "INSERT",
            ["header"] = false,
            ["columnCount"] = columns,
            ["skipLines"] = parameters.GetProperty("preamble_lines").GetInt32() + parameters.GetProperty("header_lines").GetInt32(),
            ["raggedRows"] = raggedRows,
            ["fields"] = Enumerable.Range(1, columns).Select(column => new
            {
                systemName = FieldName(column),
                csvColumnName = column.ToString(CultureInfo.InvariantCulture),
            }),
        };
        Copy("delimiter", "fieldDelimiter");
        Copy("quotechar", "quoteCharacter");
        Copy("escapechar", "escapeCharacter");
        using var document = JsonSerializer.SerializeToDocument(new { entitySystemName = entity, definition });
        return (await engine.Mappings.CreateAsync(Request.Anonymous, document.RootElement, CancellationToken.None)).Id;

        // An empty parameter means that the file has no such mark; ASCII is UTF-8 as it stands.
        void Copy(string parameter, string member)
        {
            if (parameters.GetProperty(parameter).GetString() is { Length: > 0 } value) definition[member] = value;
        }
    }

    private static string FieldName(int column) => string.Create(CultureInfo.InvariantCulture, $"c{column}");
}
