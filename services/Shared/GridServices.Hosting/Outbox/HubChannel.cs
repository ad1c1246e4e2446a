using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Contracts;
using Microsoft.Extensions.Configuration;

namespace GridServices.Hosting;

/// <summary>Posts batches to the hub and reads what it says.</summary>
internal sealed class HubChannel : IDisposable
{
    private const int MaxAnswerBytes = 8 * 1024 * 1024;
    private readonly HttpClient _http;
    private readonly Uri _publish;
    private readonly Uri _hello;
    private readonly IConfiguration _configuration;
    private readonly TimeSpan _timeout;

    internal HubChannel(IConfiguration configuration, TimeSpan timeout)
    {
        _configuration = configuration;
        _timeout = timeout;
        _publish = Address(configuration["Hub:Url"]);
        _hello = new Uri(_publish, "publishers");

        // No redirects and no proxy: the token goes to the configured hub only.
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    internal Uri Publish => _publish;

    internal async Task<HubReply> PostAsync(IReadOnlyList<OutboxRow> rows, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(_timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _publish) { Content = new BatchContent(rows) };
            if (_configuration["Hub:Token"] is { Length: > 0 } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, over.Token);
            var body = await response.Content.ReadAsByteArrayAsync(over.Token);
            return Read(response, body, rows);
        }
        catch (HttpRequestException away)
        {
            return new HubReply.Failed(away.InnerException?.Message ?? away.Message, null);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new HubReply.Failed($"no answer within {_timeout.TotalSeconds} s", null);
        }
    }

    /// <summary>Says hello; where that fails, why.</summary>
    internal async Task<HelloReply> HelloAsync(PublisherHello hello, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(_timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _hello) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(hello, ContractJson.Options)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (_configuration["Hub:Token"] is { Length: > 0 } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, over.Token);
            var body = await response.Content.ReadAsByteArrayAsync(over.Token);
            return response.StatusCode == HttpStatusCode.OK && JsonSerializer.Deserialize<PublisherAnswer>(body, ContractJson.Options) is { } answer
                ? new HelloReply(answer, null)
                : new HelloReply(null, $"{(int)response.StatusCode} {ReadProblem(body)?.Detail ?? response.ReasonPhrase}");
        }
        catch (Exception away) when (away is HttpRequestException or JsonException)
        {
            return new HelloReply(null, away.InnerException?.Message ?? away.Message);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new HelloReply(null, $"no answer within {_timeout.TotalSeconds} s");
        }
    }

    public void Dispose() => _http.Dispose();

    private HubReply Read(HttpResponseMessage response, byte[] body, IReadOnlyList<OutboxRow> rows) => response.StatusCode switch
    {
        HttpStatusCode.OK => ReadResults(body, rows),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new HubReply.Misconfigured(
            $"{_publish} refuses the token ({(int)response.StatusCode} {ReadProblem(body)?.Detail}). Check Hub:Token: it must be a publisher's."),
        HttpStatusCode.RequestEntityTooLarge => new HubReply.Unfit(ReadProblem(body) ?? Problems.Create(ErrorClass.LimitSize, "The hub does not take this much."), TooLarge: true),
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => new HubReply.Unfit(
            ReadProblem(body) ?? Problems.Create(ErrorClass.Malformed, $"The hub answered {(int)response.StatusCode}."), TooLarge: false),
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new HubReply.Failed(
            $"{(int)response.StatusCode} {ReadProblem(body)?.Detail ?? response.ReasonPhrase}", response.Headers.RetryAfter?.Delta),
        _ => new HubReply.Misconfigured($"{_publish} answers {(int)response.StatusCode}. Check Hub:Url: it must be the hub's address."),
    };

    private static HubReply ReadResults(byte[] body, IReadOnlyList<OutboxRow> rows)
    {
        try
        {
            var answer = JsonSerializer.Deserialize<PublishAnswer>(body, ContractJson.Options);
            return answer is not null && ResultOrder.Match(rows, answer.Results) is { } results
                ? new HubReply.Answered(results, answer.Epoch)
                : new HubReply.Failed("its answer does not fit what was sent", null);
        }
        catch (JsonException garbage)
        {
            return new HubReply.Failed($"its answer can't be read: {garbage.Message}", null);
        }
    }

    private static Problem? ReadProblem(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<Problem>(body, ContractJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Uri Address(string? url)
    {
        url = string.IsNullOrWhiteSpace(url) ? "http://127.0.0.1:5100" : url;
        return Uri.TryCreate(url.TrimEnd('/') + "/v1/envelopes", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new StartException($"Hub:Url '{url}' is not an http(s) address, e.g. http://127.0.0.1:5100.");
    }
}

/// <summary>The hub's answer to a hello, or why there is none.</summary>
internal sealed record HelloReply(PublisherAnswer? Answer, string? Reason);
