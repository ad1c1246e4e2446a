using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GridServices.Adapters.Messages;
using GridServices.Client.Access;

namespace GridServices.Adapters.Service.Oscp;

/// <summary>Posts messages of OSCP, each under an id of its own.</summary>
internal sealed class OscpClient : IDisposable
{
    private readonly HttpClient http = new(new ConnectionFaultHandler(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(3) }))
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = 65_536,
    };

    /// <summary>Null: the other side took it; else why not. Throws nothing but cancellation.</summary>
    /// <param name="address">Where.</param>
    /// <param name="token">What we bear.</param>
    /// <param name="body">The message.</param>
    /// <param name="answers">The id of the request that this answers; null: none.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<string?> PostAsync(Uri address, string token, string body, string? answers, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Token", token);
            request.Headers.Add("X-Request-ID", Guid.NewGuid().ToString());
            if (answers is { Length: > 0 })
            {
                request.Headers.TryAddWithoutValidation("X-Correlation-ID", answers);
            }

            using var answer = await http.SendAsync(request, ct);
            var text = await answer.Content.ReadAsStringAsync(ct);
            return !answer.IsSuccessStatusCode ? $"{address} answers {(int)answer.StatusCode}: {PeerText.Sanitize(text)}"
                : IsFromProvider(answer.Content.Headers.ContentType?.MediaType, text) ? null
                : $"{address} answers {(int)answer.StatusCode}, but not as a flexibility provider does, so that something between may have answered for it: {PeerText.Sanitize(text)}";
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            return $"{address} does not answer: {fault.Message}";
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>OSCP asks for 204. Some answer 200 with nothing, with JSON or with a word; markup is of a portal or a load balancer, and nobody behind it has heard.</summary>
    /// <param name="kind">The media type; null: not said.</param>
    /// <param name="text">The body.</param>
    internal static bool IsFromProvider(string? kind, string text) => string.IsNullOrWhiteSpace(text)
        || (!text.TrimStart().StartsWith('<') && (kind is null || IsTextOrJson(kind) || IsJson(kind, text)));

    private static bool IsTextOrJson(string kind) =>
        kind.Equals("text/plain", StringComparison.OrdinalIgnoreCase) || kind.Contains("json", StringComparison.OrdinalIgnoreCase);

    // By whatever name, but a page's.
    private static bool IsJson(string kind, string text)
    {
        try
        {
            using var read = JsonDocument.Parse(text);

            // An object or a list is no page, whatever it is called (PHP says text/html of all that it answers).
            return read.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                || (!kind.Contains("html", StringComparison.OrdinalIgnoreCase) && !kind.Contains("xml", StringComparison.OrdinalIgnoreCase));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
