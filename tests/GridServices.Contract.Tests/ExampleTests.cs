using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Testing;

namespace GridServices.Contract.Tests;

/// <summary>The examples of the documents: there is one where there is a body, and it keeps to its schema.</summary>
public sealed class ExampleTests
{
    [Theory]
    [InlineData("envelope-hub")]
    [InlineData("openadr")]
    [InlineData("ieee2030-5")]
    [InlineData("tariffs")]
    [InlineData("frequency-response")]
    [InlineData("operations")]
    public void Every_operation_has_an_example_of_what_is_sent_and_answered(string service)
    {
        var contract = ApiContract.For(service)!;
        var faults = contract.Operations.SelectMany(o => Faults(o).Where(f => f.Length > 0).Select(f => $"{o.Id}: {f}")).ToList();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("envelope-hub")]
    [InlineData("openadr")]
    [InlineData("ieee2030-5")]
    [InlineData("tariffs")]
    [InlineData("frequency-response")]
    [InlineData("operations")]
    public void Every_operation_and_parameter_says_what_it_is(string service)
    {
        var contract = ApiContract.For(service)!;
        var silent = contract.Operations
            .SelectMany(o => (o.Node["parameters"]?.AsArray() ?? []).Where(p => string.IsNullOrWhiteSpace((string?)p!["description"])).Select(p => $"{o.Id} {p!["name"]}"))
            .Concat(contract.Operations.Where(o => string.IsNullOrWhiteSpace((string?)o.Node["summary"]) || string.IsNullOrWhiteSpace((string?)o.Node["description"])).Select(o => o.Id))
            .ToList();
        Assert.True(silent.Count == 0, string.Join('\n', silent));
    }

    private static IEnumerable<string> Faults(ApiOperation operation)
    {
        if (operation.Node["requestBody"] is JsonObject request && (bool?)request["required"] == true)
        {
            var example = Example(request["content"]!);
            yield return example is null ? "no example of the body" : operation.RequestFault(example.Value.Type, example.Value.Body) ?? string.Empty;
        }

        var answers = operation.Node["responses"]!.AsObject().Where(r => r.Key[0] == '2' && r.Value!["content"] is not null).ToList();
        var shown = answers.Select(r => (r.Key, Example: Example(r.Value!["content"]!))).Where(r => r.Example is not null).ToList();
        if (answers.Count > 0 && shown.Count == 0)
        {
            yield return "no example of an answer";
        }

        foreach (var (status, example) in shown)
        {
            yield return operation.ResponseFault(int.Parse(status, CultureInfo.InvariantCulture), example!.Value.Type, example.Value.Body) ?? string.Empty;
        }
    }

    private static (string Type, byte[] Body)? Example(JsonNode content) => content.AsObject().Where(m => m.Value!["example"] is not null)
        .Select(m => ((string, byte[])?)(m.Key, Encoding.UTF8.GetBytes(m.Value!["example"]!.ToJsonString()))).FirstOrDefault();
}
