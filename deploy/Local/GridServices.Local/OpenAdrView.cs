using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace GridServices.Local;

/// <summary>Enrolls the demo site with the simulated utility, and tells what the OpenAdr service sees.</summary>
internal sealed class OpenAdrView(HttpClient http, Topology topology, Tokens tokens)
{
    private readonly Dictionary<string, string> told = new(StringComparer.Ordinal);

    /// <summary>The VEN as a person would write it; README shows the same request.</summary>
    public async Task EnrollDemoSiteAsync(CancellationToken cancel)
    {
        var ven = await File.ReadAllTextAsync(Path.Combine(topology.RepositoryRoot, "deploy", "Local", "demo-ven.json"), cancel);
        var utility = topology.Simulators[0].Url;
        using var request = Request(HttpMethod.Put, $"/v1/vens/{Topology.DemoSite}");
        request.Content = new StringContent(ven.Replace("{utility}", utility, StringComparison.Ordinal), Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request, cancel);
        if (!answer.IsSuccessStatusCode)
        {
            throw new LocalFault($"The OpenAdr service refused deploy/Local/demo-ven.json: {await answer.Content.ReadAsStringAsync(cancel)}");
        }
    }

    /// <summary>Looks once a second until cancelled; a look that fails is tried again.</summary>
    public async Task TellAsync(CancellationToken cancel)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await second.WaitForNextTickAsync(cancel))
        {
            try
            {
                await LookAsync(cancel);
            }

            // The one who tells must never be the reason that the services stop.
            catch (Exception fault) when (!cancel.IsCancellationRequested)
            {
                Terminal.Say("openadr", $"does not answer: {fault.Message}");
            }
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        foreach (var ven in (await GetAsync("/v1/vens", cancel))?.EnumerateArray().ToArray() ?? [])
        {
            var key = Text(ven, "venKey");
            Say($"VEN {key}", Registration(ven));

            foreach (var occurrence in (await GetAsync($"/v1/vens/{key}/events", cancel))?.EnumerateArray().ToArray() ?? [])
            {
                Say($"event {Text(occurrence, "eventId")}", Occurrence(occurrence));
            }
        }
    }

    private static string Registration(JsonElement ven)
    {
        var condition = ven.GetProperty("condition");
        var line = $"the line is {Text(condition, "status")}";
        return Text(ven, "state") == "registered"
            ? $"registered with {Text(condition, "vtnId")} as {Text(ven, "venId")}; {line}"
            : $"not registered ({Text(ven, "state")}); {line}";
    }

    private static string Occurrence(JsonElement occurrence)
    {
        var end = Text(occurrence, "end") is { Length: > 0 } known ? known : "it is cancelled";
        return $"modification {Text(occurrence, "modificationNumber")}, {Text(occurrence, "status")}, from {Text(occurrence, "start")} until {end}, {Text(occurrence, "optType")}";
    }

    /// <summary>Says it once, and again only when it has changed.</summary>
    private void Say(string what, string state)
    {
        if (!told.TryGetValue(what, out var before) || before != state)
        {
            told[what] = state;
            Terminal.Say("openadr", $"{what}: {state}");
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.ToString() : string.Empty;

    private async Task<JsonElement?> GetAsync(string path, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Get, path);
        using var answer = await http.SendAsync(request, cancel);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            return null;
        }

        using var document = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel);
        var root = document.RootElement.Clone();
        return root.ValueKind == JsonValueKind.Array ? root : root.EnumerateObject().First(member => member.Value.ValueKind == JsonValueKind.Array).Value;
    }

    private HttpRequestMessage Request(HttpMethod method, string path) =>
        new(method, new Uri(topology.OpenAdr.Url + path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", tokens.Operator) } };
}
