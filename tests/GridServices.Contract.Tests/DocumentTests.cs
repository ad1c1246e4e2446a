using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Testing;

namespace GridServices.Contract.Tests;

/// <summary>The checked-in documents are the served ones, and every service shows its own as a page.</summary>
public sealed class DocumentTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Names => [.. ServicesUnderTest.All.Keys];

    /// <summary><c>UPDATE_SNAPSHOTS=1</c> writes the files anew.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_checked_in_document_is_what_the_service_offers(string name)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var service = await ServiceApp.StartAsync(ServicesUnderTest.All[name].Build);
        using var client = service.Client();
        var text = JsonNode.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), ct))!.ToJsonString(Indented) + "\n";
        var file = RepositoryFiles.Path("contracts", "v1", "openapi", name + ".json");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(file, text, ct);
        }

        Assert.Equal(await File.ReadAllTextAsync(file, ct), text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_page_comes_whole_from_the_service_itself(string name)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var service = await ServiceApp.StartAsync(ServicesUnderTest.All[name].Build);
        using var client = service.Client();
        using var page = await client.GetAsync(new Uri("/docs/", UriKind.Relative), ct);
        var html = await page.Content.ReadAsStringAsync(ct);
        Assert.True(page.IsSuccessStatusCode, html);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains("connect-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());

        // What the page loads is named relative to it; no address of another host stands in what it loads or asks.
        foreach (var source in System.Text.RegularExpressions.Regex.Matches(html, "(?:src|href)=\"(?<target>[^\"]+)\"", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromMinutes(1)).Select(m => m.Groups["target"].Value).Where(s => !s.StartsWith("data:", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain("//", source, StringComparison.Ordinal);
            using var part = await client.GetAsync(new Uri(new Uri(service.Address, "/docs/"), source), ct);
            Assert.True(part.IsSuccessStatusCode, $"{source} {part.StatusCode}");
        }

        Assert.DoesNotContain("cdn.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("scalar.com", html, StringComparison.Ordinal);
    }
}
