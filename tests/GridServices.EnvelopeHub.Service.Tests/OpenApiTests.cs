using System.Text.Json;
using System.Text.Json.Nodes;

namespace GridServices.EnvelopeHub.Tests;

public sealed class OpenApiTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public async Task The_document_that_is_served_is_the_one_that_is_checked_in()
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.App.Client();
        var served = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!.ToJsonString(Indented) + "\n";
        var file = Path.Combine(Root(), "contracts", "v1", "openapi", "envelope-hub.json");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, served, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), served);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
