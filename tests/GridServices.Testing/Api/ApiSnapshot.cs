using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace GridServices.Testing;

/// <summary>The document that a service serves, held against the one that is checked in.</summary>
public static class ApiSnapshot
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>UPDATE_SNAPSHOTS=1</c> writes the file anew.</summary>
    public static async Task HoldAsync(ServiceApp service, string name)
    {
        using var client = service.Client();
        var text = JsonNode.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken))!.ToJsonString(Indented) + "\n";
        var file = RepositoryFiles.Path("contracts", "v1", "openapi", name + ".json");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), text);
    }
}
