using System.Text.Json.Nodes;

namespace GridServices.Tariffs.Service.Tests;

public sealed class OpenApiDocumentTests
{
    /// <summary>UPDATE_SNAPSHOTS=1 writes the document anew.</summary>
    [Fact]
    public async Task The_checked_in_document_is_what_the_service_offers()
    {
        await using var service = await TariffsUnderTest.StartAsync();
        var served = JsonNode.Parse(await service.Operator.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken))!;
        var text = served.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        var path = Path.Combine(RepositoryRoot.Path, "contracts", "v1", "openapi", "tariffs.json");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), text);
    }
}
