using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace EntityImport.Server.Tests.Generated;

/// <summary>A client that a generator makes of the API's description, as the server serves it, does the main job against that server.</summary>
public sealed class GeneratedClientTests(TestServer server)
{
    [Fact]
    public async Task A_client_generated_from_the_description_does_the_main_job()
    {
        var cancel = TestContext.Current.CancellationToken;
        var client = await GenerateAsync(await server.Http.GetStringAsync("/openapi/v1.json", cancel), cancel);
        var job = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Generated", "MainJob.txt"), cancel);
        var entity = $"generated_{Guid.NewGuid():N}";

        var told = await Run(Compile(client, job), entity).WaitAsync(TestServer.Patience, cancel);

        Assert.Equal(
            [
                "SUCCEEDED PARTIAL_SUCCESS 2 1",
                "A2;two;2;3;\"price: not a number of this format; expected a number like 1.234,50, with at most 2 decimals and 10 digits in all (two)\"",
                "number.format",
                """{"sku":"A3","price":3.25} {"sku":"A1","price":1.50}""",
                "urn:eis:problem:upload-already-imported",
            ],
            told);
    }

    private static async Task<string> GenerateAsync(string description, CancellationToken cancellationToken)
    {
        var settings = new CSharpClientGeneratorSettings { ClassName = "EntityImportClient", InjectHttpClient = true, DisposeHttpClient = false, UseBaseUrl = false, GenerateOptionalParameters = true };
        settings.CSharpGeneratorSettings.Namespace = "Generated";
        settings.CSharpGeneratorSettings.JsonLibrary = CSharpJsonLibrary.SystemTextJson;
        settings.CSharpGeneratorSettings.GenerateNullableReferenceTypes = true;
        settings.CSharpGeneratorSettings.GenerateOptionalPropertiesAsNullable = true;
        return new CSharpClientGenerator(await OpenApiDocument.FromJsonAsync(description, cancellationToken), settings).GenerateFile();
    }

    private static MethodInfo Compile(params string[] sources)
    {
        var libraries = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "Generated",
            sources.Select(source => CSharpSyntaxTree.ParseText(source)),
            libraries.Where(library => Path.GetFileName(library).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(library) is "mscorlib.dll" or "netstandard.dll")
                .Select(library => MetadataReference.CreateFromFile(library)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        using var assembly = new MemoryStream();
        var result = compilation.Emit(assembly);
        Assert.Empty(result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        assembly.Position = 0;
        return new AssemblyLoadContext("Generated").LoadFromStream(assembly).GetType("Generated.MainJob", throwOnError: true)!.GetMethod("RunAsync")!;
    }

    private Task<string[]> Run(MethodInfo job, string entity) => (Task<string[]>)job.Invoke(null, [server.Http, entity])!;
}
