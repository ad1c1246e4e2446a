using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GridServices.Testing;

namespace GridServices.Contract.Tests;

/// <summary>What people copy from the docs, and what <c>./run</c> sends, is what the documents say.</summary>
public sealed partial class DocumentedBodiesTests
{
    private static readonly string[] Services = ["envelope-hub", "openadr", "ieee2030-5", "tariffs", "frequency-response", "operations"];

    public static TheoryData<string, string, string> Demo => new()
    {
        { "ven.json", "openadr", "putVen" },
        { "der-client.json", "ieee2030-5", "putClient" },
        { "tariff.json", "tariffs", "putTariff" },
        { "meter.json", "tariffs", "putMeter" },
        { "frequency-asset.json", "frequency-response", "putAsset" },
        { "frequency-source.json", "frequency-response", "putSource" },
        { "frequency-contract.json", "frequency-response", "putContract" },
    };

    [Theory]
    [MemberData(nameof(Demo))]
    public void A_body_of_the_demo_keeps_to_the_schema(string file, string service, string operationId)
    {
        // The launcher fills these in, with addresses and ports.
        var body = Placeholder().Replace(File.ReadAllText(RepositoryFiles.Path("deploy", "Local", "demo", file)), "1");
        var operation = ApiContract.For(service)!.Operations.Single(o => o.Id == operationId);
        Assert.Null(operation.RequestFault("application/json", Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void Every_body_in_README_and_docs_keeps_to_the_schema_of_its_operation()
    {
        var faults = new List<string>();
        var held = 0;
        foreach (var file in Directory.EnumerateFiles(RepositoryFiles.Path("docs"), "*.md", SearchOption.AllDirectories).Append(RepositoryFiles.Path("README.md")))
        {
            foreach (var (method, path, body, isRefused) in Bodies(File.ReadAllText(file)))
            {
                var operation = Services.Select(s => ApiContract.For(s)!.Find(method, path)).OfType<ApiOperation>().FirstOrDefault();
                var fault = operation is null ? "is in no document" : operation.RequestFault("application/json", Encoding.UTF8.GetBytes(body));
                held++;
                faults.AddRange((fault is null) == !isRefused ? [] : [$"{Path.GetFileName(file)}: {method} {path}: {fault ?? "is shown as refused, and the schema takes it"}"]);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(held >= 8, $"only {held} bodies were found");
    }

    [Theory]
    [InlineData("tariffs.md", "request", "tariffs", "computeBill")]
    [InlineData("api/envelopes.md", "publications", "envelope-hub", "publishEnvelopes")]
    public void A_body_that_a_document_marks_keeps_to_the_schema(string file, string mark, string service, string operationId)
    {
        var operation = ApiContract.For(service)!.Operations.Single(o => o.Id == operationId);
        var blocks = File.ReadAllText(RepositoryFiles.Path("docs", file)).Split("```json " + mark).Skip(1).Select(b => b[..b.IndexOf("```", StringComparison.Ordinal)]).ToList();
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Null(operation.RequestFault("application/json", Encoding.UTF8.GetBytes(block))));
    }

    /// <summary>A request named in the text, the JSON that begins within the six lines after it, and whether a problem is shown as its answer.</summary>
    private static IEnumerable<(string Method, string Path, string Body, bool IsRefused)> Bodies(string text)
    {
        foreach (Match named in Request().Matches(text))
        {
            var rest = text[(named.Index + named.Length)..];
            var near = string.Join('\n', rest.Split('\n').Take(7));
            var next = Request().Match(near);
            var start = JsonStart().Match(next.Success ? near[..next.Index] : near);
            if (start.Success && Whole(rest[start.Groups["json"].Index..]) is { } body)
            {
                var after = rest[(start.Groups["json"].Index + body.Length)..];
                yield return (named.Groups["method"].Value, named.Groups["path"].Value, body, after[..Math.Min(after.Length, 120)].Contains("urn:gridservices:problem", StringComparison.Ordinal));
            }
        }
    }

    /// <summary>One JSON value from the start of a text; null where it is a sketch with an ellipsis.</summary>
    private static string? Whole(string text)
    {
        try
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var reader = new Utf8JsonReader(bytes);
            reader.Read();
            reader.Skip();
            return Encoding.UTF8.GetString(bytes.AsSpan(0, (int)reader.BytesConsumed));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"(?<method>PUT|POST) `?(http://127\.0\.0\.1:\d+)?(?<path>/v1/[^\s`?]+)", RegexOptions.ExplicitCapture, 60_000)]
    private static partial Regex Request();

    [GeneratedRegex(@"^\s*(?<json>[{\[])[\s""{]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 60_000)]
    private static partial Regex JsonStart();

    [GeneratedRegex(@"\{[a-z]+([+][0-9]+)?\}", RegexOptions.ExplicitCapture, 60_000)]
    private static partial Regex Placeholder();
}
