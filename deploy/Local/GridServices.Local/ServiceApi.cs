using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace GridServices.Local;

/// <summary>The services' APIs, asked as an operator.</summary>
internal sealed class ServiceApi(HttpClient http, Topology topology, Tokens tokens)
{
    /// <returns>Null when it was taken, otherwise the service's answer.</returns>
    public async Task<string?> PutAsync(string service, string path, string json, CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Put, service, path, json, cancel);
        return answer.IsSuccessStatusCode ? null : await answer.Content.ReadAsStringAsync(cancel);
    }

    /// <returns>Null when it is gone now, also where it was not there; otherwise the service's answer.</returns>
    public async Task<string?> DeleteAsync(string service, string path, CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Delete, service, path, null, cancel);
        return answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.Content.ReadAsStringAsync(cancel);
    }

    /// <returns>What the service answered; null, and why, where it refused.</returns>
    public async Task<(JsonElement? Made, string Refusal)> PostAsync(string service, string path, string json, CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Post, service, path, json, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode ? (JsonElement.Parse(text), string.Empty) : (null, text);
    }

    /// <returns>Null when there is no such thing (yet).</returns>
    public async Task<JsonElement?> GetAsync(string service, string path, CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Get, service, path, null, cancel);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            return null;
        }

        using var document = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel);
        return document.RootElement.Clone();
    }

    /// <summary>The items of a list, whether it is the answer or its first list member; empty when there is no such thing (yet).</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string service, string path, CancellationToken cancel)
    {
        if (await GetAsync(service, path, cancel) is not { } root)
        {
            return [];
        }

        var list = root.ValueKind == JsonValueKind.Array ? root : root.EnumerateObject().First(member => member.Value.ValueKind == JsonValueKind.Array).Value;
        return [.. list.EnumerateArray()];
    }

    /// <summary>The first node of the service that can be reached: any of them answers for all.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string service, string path, string? json, CancellationToken cancel)
    {
        var nodes = topology.GetNodes(service);
        foreach (var node in nodes.SkipLast(1))
        {
            try
            {
                return await SendAsync(method, node, path, json, cancel);
            }
            catch (HttpRequestException)
            {
                // It ended; another one has its work.
                continue;
            }
        }

        return await SendAsync(method, nodes[^1], path, json, cancel);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, LocalProgram node, string path, string? json, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(node.Url + path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", tokens.Operator) } };
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        return await http.SendAsync(request, cancel);
    }
}
