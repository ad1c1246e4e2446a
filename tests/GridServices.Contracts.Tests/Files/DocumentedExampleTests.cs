using System.Text.Json;
using System.Text.RegularExpressions;

namespace GridServices.Contracts.Tests.Files;

/// <summary>The worked example of docs/api/envelopes.md is what the code does.</summary>
public sealed class DocumentedExampleTests
{
    [Fact]
    public void The_documented_publications_merge_to_the_documented_timeline()
    {
        var page = File.ReadAllText(ContractFolder.Path("..", "..", "docs", "api", "envelopes.md"));
        var published = EnvelopeReader.ReadPublication(Sample.Utf8(Block(page, "publications"))).Items.Select(i => ((EnvelopePublished)i.Value!).Envelope).ToList();
        var documented = JsonSerializer.Deserialize<EffectiveTimeline>(Block(page, "effective"), ContractJson.Options)!;

        var merged = EffectiveEnvelope.Merge("site-1", published, documented.From, documented.Until);

        Assert.Equal(2, published.Count);
        Assert.Equal(JsonSerializer.Serialize(documented, ContractJson.Options), JsonSerializer.Serialize(merged, ContractJson.Options));
    }

    [Fact]
    public void Every_error_class_that_the_page_names_exists()
    {
        var page = File.ReadAllText(ContractFolder.Path("..", "..", "docs", "api", "envelopes.md"));
        var table = page[page.IndexOf("## When something is refused", StringComparison.Ordinal)..];
        var named = Regex.Matches(table, "(?<=`)[A-Z][A-Z_]+(?=`)", RegexOptions.ExplicitCapture, TimeSpan.FromMinutes(1)).Select(m => m.Value).ToList();

        Assert.True(named.Count > 15);
        Assert.Empty(named.Except(Enum.GetValues<ErrorClass>().Select(Problems.GetName), StringComparer.Ordinal));
    }

    private static string Block(string page, string name)
    {
        var start = page.IndexOf($"```json {name}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"the page has no block '{name}'");
        start = page.IndexOf('\n', start) + 1;
        return page[start..page.IndexOf("\n```", start, StringComparison.Ordinal)];
    }
}
