using System.Text;
using System.Text.Json;

namespace GridServices.Tariffs.Tests;

/// <summary>docs/tariffs.md says nothing that the library does not do.</summary>
public sealed class DocumentedExamples
{
    [Fact]
    public void Every_documented_request_gets_its_documented_answer()
    {
        var blocks = Blocks().ToArray();
        var requests = blocks.Where(b => b.Kind == "request").ToArray();
        Assert.True(requests.Length >= 5 && requests.Length == blocks.Count(b => b.Kind == "answer"));
        var failures = blocks.Zip(blocks.Skip(1)).Where(pair => pair.First.Kind == "request").SelectMany(pair => Check(pair.First.Text, pair.Second.Text)).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static IEnumerable<string> Check(string request, string answer)
    {
        var bill = BillRequestJson.Read(Encoding.UTF8.GetBytes(request)).OrThrow().Bill();
        Assert.Equal(bill.Total, bill.Replay());
        return Missing(JsonDocument.Parse(answer).RootElement, JsonDocument.Parse(BillJson.Write(bill)).RootElement, "");
    }

    private static IEnumerable<string> Missing(JsonElement wanted, JsonElement actual, string at)
    {
        if (wanted.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            return wanted.EnumerateObject().SelectMany(m => actual.TryGetProperty(m.Name, out var value) ? Missing(m.Value, value, $"{at}/{m.Name}") : [$"{at}/{m.Name} is not in the answer"]);
        }

        if (wanted.ValueKind == JsonValueKind.Array && actual.ValueKind == JsonValueKind.Array && wanted.GetArrayLength() == actual.GetArrayLength())
        {
            return wanted.EnumerateArray().Zip(actual.EnumerateArray()).SelectMany((pair, i) => Missing(pair.First, pair.Second, $"{at}/{i}"));
        }

        return wanted.GetRawText() == actual.GetRawText() ? [] : [$"{at}: documented {wanted.GetRawText()}, got {actual.GetRawText()}"];
    }

    private static IEnumerable<(string Kind, string Text)> Blocks()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
        {
            folder = folder.Parent!;
        }

        var parts = File.ReadAllText(Path.Combine(folder.FullName, "docs", "tariffs.md")).Split("```json ");
        return parts.Skip(1).Select(p => (p[..p.IndexOf('\n', StringComparison.Ordinal)].Trim(), p[p.IndexOf('\n', StringComparison.Ordinal)..p.IndexOf("```", StringComparison.Ordinal)]));
    }
}
