using System.Text.Json.Nodes;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests.Api;

public sealed class OpenApiDocumentTests
{
    /// <summary>UPDATE_SNAPSHOTS=1 writes the document anew.</summary>
    [Fact]
    public async Task The_checked_in_document_is_what_the_service_offers()
    {
        await using var service = await ServiceApp.StartAsync(FrequencyResponseApp.Build);
        using var client = service.Client();
        var served = JsonNode.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken))!;
        var text = served.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        var path = Path.Combine(RepositoryRoot(), "contracts", "v1", "openapi", "frequency-response.json");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), text);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
