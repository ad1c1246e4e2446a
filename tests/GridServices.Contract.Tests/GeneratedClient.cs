using System.Runtime.Loader;
using GridServices.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace GridServices.Contract.Tests;

/// <summary>A client as an integrator makes it: generated from the checked-in document by NSwag, and compiled.</summary>
internal static class GeneratedClient
{
    /// <summary>The client's class, ready to be made with an <see cref="HttpClient"/>.</summary>
    public static async Task<Type> CompileAsync(string service)
    {
        var code = await GenerateAsync(service);
        var compilation = CSharpCompilation.Create(
            $"Generated.{service}",
            [CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Latest))],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(f => MetadataReference.CreateFromFile(f)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(10)));
        image.Position = 0;
        return new AssemblyLoadContext($"{service} client", isCollectible: false).LoadFromStream(image).GetType("Generated.Client", throwOnError: true)!;
    }

    /// <summary>An instance that talks to a service.</summary>
    public static dynamic Make(Type client, HttpClient http) => Activator.CreateInstance(client, http)!;

    /// <summary>A body of the client's own types from JSON, as its serializer reads it.</summary>
    public static dynamic Read(Type client, string type, string json) =>
        Newtonsoft.Json.JsonConvert.DeserializeObject(json, client.Assembly.GetType("Generated." + type, throwOnError: true)!)!;

    /// <summary>The answer of a call; a refusal fails the test with what the service said.</summary>
    public static async Task<dynamic> SucceedAsync(Func<Task<dynamic>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e.GetType().Name.StartsWith("ApiException", StringComparison.Ordinal) && e.GetType().IsGenericType)
        {
            Assert.Fail(Newtonsoft.Json.JsonConvert.SerializeObject((object)((dynamic)e).Result));
            throw;
        }
    }

    private static async Task<string> GenerateAsync(string service)
    {
        var document = await OpenApiDocument.FromJsonAsync(await File.ReadAllTextAsync(RepositoryFiles.Path("contracts", "v1", "openapi", service + ".json")));
        var settings = new CSharpClientGeneratorSettings
        {
            ClassName = "Client",
            InjectHttpClient = true,
            UseBaseUrl = false,
            GenerateOptionalParameters = true,
            CSharpGeneratorSettings = { Namespace = "Generated", GenerateNullableReferenceTypes = true },
        };
        return new CSharpClientGenerator(document, settings).GenerateFile();
    }
}
