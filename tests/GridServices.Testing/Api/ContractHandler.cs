using System.Web;
using Xunit;

namespace GridServices.Testing;

/// <summary>
/// Holds every exchange of a test with a service against the service's OpenAPI document: what is taken (2xx) must be a documented request,
/// and every answer a documented answer.
/// </summary>
internal sealed class ContractHandler(ApiContract contract) : DelegatingHandler(TestConnections.Create())
{
    private static readonly string[] RequestHeaders = ["If-Match", "If-None-Match", "Last-Event-ID", "Idempotency-Key", "Prefer"];
    private static readonly string[] ResponseHeaders = ["ETag", "Location", "Idempotency-Replayed", "X-Incomplete", "WWW-Authenticate", "Retry-After"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Other contents are streams, which a test drives itself.
        var isWhole = request.Content is null or ByteArrayContent;
        var sent = request.Content is ByteArrayContent bytes ? await bytes.ReadAsByteArrayAsync(cancellationToken) : [];
        var response = await base.SendAsync(request, cancellationToken);

        // An escaped slash is part of a name.
        var path = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath.Replace("%2F", "~", StringComparison.OrdinalIgnoreCase));
        if (contract.Find(request.Method.Method, path) is { } operation)
        {
            await CheckAsync(operation, request, isWhole, sent, response, cancellationToken);
        }
        else
        {
            Assert.False(response.IsSuccessStatusCode && path.StartsWith("/v1/", StringComparison.Ordinal), $"{request.Method} {path} is answered {(int)response.StatusCode} and is not in the document");
        }

        return response;
    }

    private async Task CheckAsync(ApiOperation operation, HttpRequestMessage request, bool isWhole, byte[] sent, HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var type = response.Content.Headers.ContentType?.MediaType;
        var isStream = type is "text/event-stream" or "application/octet-stream";
        var answer = isStream ? [] : await response.Content.ReadAsByteArrayAsync(ct);
        var faults = new List<string?> { operation.ResponseFault(status, type, answer) };
        faults.AddRange(ResponseHeaders.Where(h => Has(response, h) && !operation.HasResponseHeader(status, h)).Select(h => $"answer header {h} of status {status} is not in the document"));
        if (response.IsSuccessStatusCode)
        {
            var named = operation.Parameters("query").ToHashSet(StringComparer.OrdinalIgnoreCase);
            faults.AddRange(HttpUtility.ParseQueryString(request.RequestUri!.Query).AllKeys.Where(k => !named.Contains(k ?? string.Empty)).Select(k => $"query parameter {k} is not in the document"));
            faults.AddRange(RequestHeaders.Where(h => request.Headers.Contains(h) && !operation.Parameters("header").Contains(h)).Select(h => $"request header {h} is not in the document"));
            faults.Add(isWhole && !HasRejectedItems(answer) ? operation.RequestFault(request.Content?.Headers.ContentType?.MediaType, sent) : null);
        }

        var found = string.Join("\n  ", faults.OfType<string>());
        Assert.True(found.Length == 0, $"{operation.Method} {operation.Path} ({operation.Id}) is not as contracts/v1/openapi/{contract.Service}.json says:\n  {found}\n  sent {Text(sent)}\n  answered {status} {Text(answer)}");
        ExampleRecorder.Note(contract, operation, request, sent, response, answer);
    }

    /// <summary>Items of a batch stand each for itself: one that is refused is not in the form that the document asks for.</summary>
    private static bool HasRejectedItems(byte[] answer) => answer.AsSpan().IndexOf("\"status\":\"rejected\""u8) >= 0;

    private static bool Has(HttpResponseMessage response, string header) =>
        response.Headers.Contains(header) || (response.Content.Headers.TryGetValues(header, out var values) && values.Any());

    private static string Text(byte[] body) => System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 1500)));
}
