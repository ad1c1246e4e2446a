using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Testing;

namespace GridServices.Contract.Tests.Access;

/// <summary>What must hold of every operation of every service, whoever wrote it: nothing that a caller says is passed over in silence.</summary>
public sealed class SweepTests
{
    private const string KeyHeader = "Idempotency-Key";

    /// <summary>POSTs that take a key and need none: they store nothing, or what is sent has a name of its own.</summary>
    private static readonly Dictionary<string, string[]> Harmless = new(StringComparer.Ordinal)
    {
        // CloudEvents by their ids, feedback by what it is about, reports and hellos replace the one before.
        ["envelope-hub"] = ["/v1/envelopes", "/v1/publishers", "/v1/sites/{siteId}/receipts", "/v1/sites/{siteId}/telemetry", "/v1/upstream-health"],
        ["openadr"] = ["/v1/policies/preview"],
        ["ieee2030-5"] = [],
        ["tariffs"] =
        [
            "/v1/allocations", "/v1/baselines", "/v1/billing-runs/{runId}/cancel", "/v1/bills", "/v1/carbon-reports", "/v1/comparisons", "/v1/intervals/preview",
            "/v1/ocpi/cdr-checks", "/v1/ocpi/cdr-cost", "/v1/settlements/demand-response", "/v1/settlements/frequency", "/v1/statement-comparisons",
            "/v1/tariffs/{tariffId}/approval", "/v1/tariffs/{tariffId}/rejection",
        ],

        // Samples by their instants, a signal replaces the one before, a cease by its instruction.
        ["frequency-response"] = ["/v1/contracts/{contractId}/instructions/{instructionId}/cease", "/v1/contracts/{contractId}/signal", "/v1/evaluate", "/v1/samples"],
        ["operations"] = ["/v1/bills/{meterPointId}/{month}/comparison", "/v1/events/{id}/sites/{siteId}/settlements/comparison"],
    };

    /// <summary>POSTs that can't keep a key: an action is a wish to a line now, and a token is shown once.</summary>
    private static readonly Dictionary<string, string[]> Refusing = new(StringComparer.Ordinal)
    {
        ["envelope-hub"] = [],
        ["openadr"] = ["/v1/vens/{venKey}/actions/{action}"],
        ["ieee2030-5"] = ["/v1/clients/{clientKey}/actions/{action}"],
        ["tariffs"] = [],
        ["frequency-response"] = [],
        ["operations"] = ["/v1/controllers/{siteId}/tokens"],
    };

    /// <summary>Envelopes have a law of their own; the others look at their body only where what the path names is held, is of the right kind, or at none at all.</summary>
    private static readonly string[] NotSwept =
    [
        "envelope-hub POST /v1/envelopes", "openadr POST /v1/vens/{venKey}/actions/{action}", "openadr PUT /v1/vens/{venKey}/events/{eventId}/opt", "tariffs POST /v1/billing-runs/{runId}/cancel",
        "frequency-response POST /v1/contracts/{contractId}/instructions", "frequency-response POST /v1/contracts/{contractId}/instructions/{instructionId}/cease",
        "operations POST /v1/bills/{meterPointId}/{month}/allocations", "operations POST /v1/bills/{meterPointId}/{month}/comparison",
    ];

    /// <summary>Objects whose members a program's form or a foreign standard names.</summary>
    private static readonly string[] OwnNames =
    [
        "/v1/enrollments /answers", "/v1/enrollments/{id} /answers", "/v1/ocpi/cdr-cost /cdr", "/v1/ocpi/cdr-cost /cdr/charging_periods/0", "/v1/ocpi/cdr-cost /cdr/charging_periods/0/dimensions/0",
        "/v1/ocpi/cdr-checks /tariff", "/v1/ocpi/cdr-checks /cdrs/0", "/v1/ocpi/cdr-checks /cdrs/0/total_cost", "/v1/ocpi/cdr-checks /cdrs/0/charging_periods/0",
        "/v1/ocpi/cdr-checks /cdrs/0/charging_periods/0/dimensions/0",
    ];

    public static TheoryData<string> Names => [.. ServiceEndpoints.Services.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_operation_refuses_a_query_parameter_that_it_does_not_know_and_names_the_nearest(string service)
    {
        await using var app = await AccessTests.StartAsync(service);
        var (tokens, documented) = (await AccessTests.TokensAsync(app, "default", ["nobody-site"]), Documented(service));
        var faults = new List<string>();
        var meant = 0;
        foreach (var endpoint in ServiceEndpoints.GetAll(app.App))
        {
            var token = tokens[endpoint.Required!.Admitted[0]];
            await DemandAsync(endpoint, "zzz=1", "There is no query parameter 'zzz' here");
            foreach (var name in documented(endpoint, "query").Where(name => name.Length > 2))
            {
                meant++;
                await DemandAsync(endpoint, $"{name}q=1", $"did you mean '{name}'?");
            }

            async Task DemandAsync(ServiceEndpoint of, string query, string words)
            {
                var (status, body) = await AskAsync(app, token, of, query, key: null);
                if (status != HttpStatusCode.BadRequest || !Detail(body).Contains(words, StringComparison.Ordinal))
                {
                    faults.Add($"{of.Method} {of.Template}?{query}: {(int)status} {body}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(meant > 0, "no documented parameter was found");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_post_honours_an_idempotency_key_or_refuses_it_or_needs_none(string service)
    {
        await using var app = await AccessTests.StartAsync(service);
        var (tokens, documented) = (await AccessTests.TokensAsync(app, "default", ["nobody-site"]), Documented(service));
        var (refusing, harmless) = (new List<string>(), new List<string>());
        foreach (var endpoint in ServiceEndpoints.GetAll(app.App).Where(endpoint => endpoint.Method == "POST"))
        {
            var (status, body) = await AskAsync(app, tokens[endpoint.Required!.Admitted[0]], endpoint, query: null, key: "once");
            if (status == HttpStatusCode.BadRequest && Detail(body).Contains($"no {KeyHeader} is kept here", StringComparison.Ordinal))
            {
                refusing.Add(endpoint.Template);
            }
            else if (!documented(endpoint, "header").Contains(KeyHeader))
            {
                harmless.Add(endpoint.Template);
            }
        }

        Assert.Equal(Refusing[service], refusing);
        Assert.Equal(Harmless[service].Order(StringComparer.Ordinal), harmless);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_body_refuses_an_invented_member_at_every_depth_and_who_takes_none_refuses_one(string service)
    {
        await using var app = await AccessTests.StartAsync(service);
        var ids = await AccessTests.HoldAsync(app, service);
        var (tokens, documents, faults) = (await AccessTests.TokensAsync(app, "default", ["home-site"]), Bodies(service), new List<string>());
        foreach (var endpoint in ServiceEndpoints.GetAll(app.App).Where(e => !NotSwept.Contains($"{service} {e.Method} {e.Template}")))
        {
            var bodies = endpoint.MediaType is null ? [("none", """{"zzz":1}""")] : documents(endpoint).ToList();
            foreach (var (place, body) in bodies)
            {
                using var client = AccessTests.Client(app, tokens[endpoint.Required!.Admitted[0]]);
                using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), ServiceEndpoints.BuildPath(endpoint, "home", ids));
                request.Content = new StringContent(body, Encoding.UTF8, endpoint.MediaType ?? "application/json");
                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

                // Of a batch each item is refused for itself.
                var said = await answer.Content.ReadAsStringAsync();
                faults.AddRange(said.Contains(endpoint.MediaType is null ? "Nothing is read from a body here" : "zzz", StringComparison.Ordinal) ? [] : [$"{endpoint.Method} {endpoint.Template} {place}: {(int)answer.StatusCode} {said}"]);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>The documented JSON body of an operation, once with an invented member in each of its objects.</summary>
    private static Func<ServiceEndpoint, IEnumerable<(string Place, string Body)>> Bodies(string service)
    {
        var paths = JsonNode.Parse(File.ReadAllText(RepositoryFiles.Path("contracts", "v1", "openapi", $"{service}.json")))!["paths"]!;
        return endpoint => paths[endpoint.Template.Replace("{**", "{", StringComparison.Ordinal)]![endpoint.Method.ToLowerInvariant()]!["requestBody"]?["content"]?[endpoint.MediaType!]?["example"] is { } example && example is not JsonValue
            ? Objects(example).Where(place => !OwnNames.Contains($"{endpoint.Template} {place}")).Select(place => (place, With(example, place)))
            : endpoint.MediaType!.EndsWith("json", StringComparison.Ordinal) ? [("empty", """{"zzz":1}""")] : [];
    }

    private static IEnumerable<string> Objects(JsonNode? node, string at = "")
    {
        var inside = node switch
        {
            JsonObject o => o.SelectMany(m => Objects(m.Value, $"{at}/{m.Key}")),
            JsonArray list => list.Take(1).SelectMany(item => Objects(item, $"{at}/0")),
            _ => [],
        };
        return node is JsonObject ? inside.Prepend(at) : inside;
    }

    private static string With(JsonNode example, string place)
    {
        var body = example.DeepClone();
        var target = place.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(body, (node, step) => node is JsonArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)]! : node[step]!);
        target["zzz"] = 1;
        return body.ToJsonString();
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(ServiceApp app, string token, ServiceEndpoint endpoint, string? query, string? key)
    {
        using var client = AccessTests.Client(app, token);
        using var request = ServiceEndpoints.Request(endpoint, "nobody", new HeldIds(), withSense: false);
        request.RequestUri = new Uri($"{request.RequestUri}{(query is null ? string.Empty : $"?{query}")}", UriKind.Relative);
        if (key is not null)
        {
            request.Headers.Add(KeyHeader, key);
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? string.Empty : await answer.Content.ReadAsStringAsync());
    }

    private static string Detail(string body) => body.StartsWith('{') && JsonDocument.Parse(body).RootElement.TryGetProperty("detail", out var detail) ? detail.GetString()! : string.Empty;

    /// <summary>The names of parameters that the service's document has for an operation, by where they stand.</summary>
    private static Func<ServiceEndpoint, string, IReadOnlyList<string>> Documented(string service)
    {
        var paths = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Path("contracts", "v1", "openapi", $"{service}.json"))).RootElement.GetProperty("paths");
        return (endpoint, place) => paths.GetProperty(endpoint.Template.Replace("{**", "{", StringComparison.Ordinal)).GetProperty(endpoint.Method.ToLowerInvariant()) is var operation
            && operation.TryGetProperty("parameters", out var parameters)
            ? [.. parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == place).Select(p => p.GetProperty("name").GetString()!)]
            : [];
    }
}
