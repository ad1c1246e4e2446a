using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using GridServices.Client.Access;
using GridServices.Contracts;
using NodaTime;
using Refit;

namespace GridServices.Client;

/// <summary>
/// One site's line to the hub: the subscription that never ends by itself, the questions beside it, and feedback.
/// Knows nothing of fail-safe; <see cref="SiteSession"/> puts both together.
/// </summary>
public sealed partial class HubClient : IDisposable
{
    private readonly HubClientOptions _options;
    private readonly HttpClient _http;
    private readonly IHubSiteApi _api;
    private readonly TimeProvider _time;
    private readonly Random _jitter;
    /// <summary>Share of a pause.</summary>
    internal const double RetryJitter = 0.2;

    private readonly Backoff _backoff;

    /// <param name="options">Where and how.</param>
    /// <param name="handler">Transport; null: a plain <see cref="SocketsHttpHandler"/>. Give one for mutual TLS or for tests; the authorization server
    /// has <see cref="HubClientOptions.CredentialsHandler"/>. Disposed with the client.</param>
    /// <param name="time">Timers; null: the system's.</param>
    public HubClient(HubClientOptions options, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time ?? TimeProvider.System;
        _jitter = new Random(options.JitterSeed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        _backoff = new Backoff(options.FirstRetry, options.LongestRetry, RetryJitter);
        var transport = new ConnectionFaultHandler(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10) });
        _http = new HttpClient(options.Credentials is { } credentials ? new AccessTokenHandler(new AccessTokenSource(credentials, options.CredentialsHandler, _time), transport) : transport)
        {
            BaseAddress = options.Hub,
            Timeout = Timeout.InfiniteTimeSpan, // each request has its own limit; the stream has none
        };
        _http.DefaultRequestHeaders.Authorization = options.Credentials is null ? new AuthenticationHeaderValue("Bearer", options.Token) : null;
        _api = RestService.ForGenerated<IHubSiteApi>(_http, new RefitSettings(new SystemTextJsonContentSerializer(ContractJson.Options))
        {
            Buffered = true,
            TransportExceptionFactory = (_, fault, _) => fault, // as HttpClient says it
        });
    }

    private string Site => $"v1/sites/{Uri.EscapeDataString(_options.SiteId)}";

    /// <summary>
    /// Everything the hub says about the site, for ever: opens the stream, and when it ends, breaks or falls silent opens it again
    /// after a growing wait, from where it was. Where a sequence is missing, the whole set is fetched and stated first.
    /// </summary>
    /// <param name="from">Asked before every opening: the cursor to go on from; null = state the whole set.</param>
    /// <param name="ct">Ends it.</param>
    public IAsyncEnumerable<HubMessage> SubscribeAsync(Func<Cursor?> from, CancellationToken ct = default) => SubscribeAsync(from, static () => null, ct);

    /// <param name="from">As above.</param>
    /// <param name="held">Where it is not gone on from it, the hub is at least shown this cursor first: it tells a hub that was set back.</param>
    /// <param name="ct">Ends it.</param>
    internal async IAsyncEnumerable<HubMessage> SubscribeAsync(Func<Cursor?> from, Func<Cursor?> held, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(from);
        var failures = 0;
        var trusted = true; // after something unreadable the cursor is not relied on
        while (!ct.IsCancellationRequested)
        {
            string? end = null;
            await using (var events = ReadStreamAsync(trusted ? from() : null, held(), ct).GetAsyncEnumerator(ct))
            {
                while (end is null)
                {
                    HubMessage? message = null;
                    try
                    {
                        message = await events.MoveNextAsync() ? events.Current : null;
                        end = message is null ? "the hub ended the stream" : null;
                    }
                    catch (Exception fault) when (IsExpected(fault) && !ct.IsCancellationRequested)
                    {
                        (end, trusted) = (Describe(fault), trusted && fault is not HubTalkException { Status: null } and not HubTalkException { MayPass: false });
                    }

                    if (message is not null)
                    {
                        failures = message is LinkChanged ? failures : 0;
                        trusted |= message is SetStated;
                        yield return message;
                    }
                }
            }

            failures++;
            var wait = _backoff.After(failures, _jitter.NextDouble());
            yield return new LinkChanged(false, end, wait);
            await Task.Delay(wait.ToTimeSpan(), _time, ct);
        }
    }

    /// <summary>All that is live, at a cursor.</summary>
    /// <exception cref="HubTalkException">The hub refused, or its answer can't be read.</exception>
    /// <exception cref="HttpRequestException">The hub was not reached.</exception>
    public async Task<SetStated> GetSetAsync(CancellationToken ct = default)
    {
        var (_, body, _) = await SendAsync(limit => _api.GetEnvelopesAsync(_options.SiteId, since: null, wait: null, limit), ct);
        return HubEvents.Set(body);
    }

    /// <summary>
    /// Shows the hub a cursor that it gave out: one that is ahead of its log tells it that its store was set back. What it answers comes by the stream.
    /// </summary>
    /// <exception cref="HubTalkException">The hub refused: it does not know the cursor any more.</exception>
    /// <exception cref="HttpRequestException">The hub was not reached.</exception>
    public Task ShowCursorAsync(string cursor, CancellationToken ct = default) =>
        SendAsync(limit => _api.GetEnvelopesAsync(_options.SiteId, cursor, wait: "PT0S", limit), ct);

    /// <summary>The hub's merged timeline.</summary>
    /// <param name="from">Begin; null: now.</param>
    /// <param name="until">End; null: the hub's 48 h.</param>
    /// <param name="etag">Of an earlier answer: the hub then may say that nothing changed.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="HubTalkException">The hub refused, or its answer can't be read.</exception>
    /// <exception cref="HttpRequestException">The hub was not reached.</exception>
    public async Task<EffectiveAnswer> GetEffectiveAsync(Instant? from = null, Instant? until = null, string? etag = null, CancellationToken ct = default)
    {
        var (status, body, tag) = await SendAsync(limit => _api.GetEffectiveAsync(_options.SiteId, from?.ToString(), until?.ToString(), etag, limit), ct);
        return status == HttpStatusCode.NotModified ? new EffectiveAnswer(null, etag) : new EffectiveAnswer(HubEvents.Json<EffectiveTimeline>(body), tag);
    }

    /// <summary>Tells the hub what became of envelopes. Idempotent: telling again does no harm.</summary>
    /// <returns>One result per receipt, in their order; rejected ones are not stored.</returns>
    /// <exception cref="HubTalkException">The hub refused all, or what was answered is not about these receipts: nothing counts as told.</exception>
    /// <exception cref="HttpRequestException">The hub was not reached.</exception>
    public async Task<IReadOnlyList<PublishResult>> SendAsync(IReadOnlyList<Receipt> receipts, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        return Results(await SendAsync(limit => _api.PostReceiptsAsync(_options.SiteId, receipts, limit), ct), receipts.Count);
    }

    /// <summary>Tells the hub what was measured. Idempotent by site, asset and instant.</summary>
    /// <returns>One result per reading, in their order; rejected ones are not stored.</returns>
    /// <exception cref="HubTalkException">The hub refused all, or what was answered is not about these readings: nothing counts as told.</exception>
    /// <exception cref="HttpRequestException">The hub was not reached.</exception>
    public async Task<IReadOnlyList<PublishResult>> SendAsync(IReadOnlyList<Reading> readings, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(readings);
        return Results(await SendAsync(limit => _api.PostReadingsAsync(_options.SiteId, readings, limit), ct), readings.Count);
    }

    /// <summary>Ends all that is under way.</summary>
    public void Dispose() => _http.Dispose();

    internal Duration RetryWait(int failures) => _backoff.After(failures, _jitter.NextDouble());

    private async Task<(HttpStatusCode Status, byte[] Body, string? ETag)> SendAsync(Func<CancellationToken, Task<HttpResponseMessage>> send, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeout.ToTimeSpan(), _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var response = await send(both.Token);
            await using var bounded = new BoundedStream(await response.Content.ReadAsStreamAsync(both.Token), _options.MaxBytes);
            using var body = new MemoryStream();
            await bounded.CopyToAsync(body, both.Token);
            return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified
                ? (response.StatusCode, body.ToArray(), response.Headers.ETag?.ToString())
                : throw Refused(response.StatusCode, body.ToArray());
        }
        catch (OperationCanceledException silence) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new HubTalkException($"The hub did not answer within {_options.RequestTimeout.TotalSeconds:0} s.", silence);
        }
    }

    // A portal answers 200 with a page of its own: what was sent is lost if that counts as told.
    private static IReadOnlyList<PublishResult> Results((HttpStatusCode Status, byte[] Body, string? ETag) answer, int sent)
    {
        try
        {
            if (answer.Status == HttpStatusCode.OK && JsonSerializer.Deserialize<PublishAnswer>(answer.Body, ContractJson.Options) is { Results: { } results }
                && results.Count == sent && results.All(result => result is not null))
            {
                return results;
            }
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw new HubTalkException($"{(int)answer.Status} was answered, but not as the hub does, with one result per item: something between may have answered for it.") { IsOfAnother = true };
    }

    private static HubTalkException Refused(HttpStatusCode status, byte[] body)
    {
        Problem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize<Problem>(body, ContractJson.Options);
        }
        catch (JsonException)
        {
            // Not a problem document: a proxy's page, or nothing.
        }

        var isOurs = problem?.Type?.StartsWith(Problems.TypePrefix, StringComparison.Ordinal) == true;
        var words = isOurs ? $": {problem!.Detail ?? problem.Title}" : ", and not as the hub does: something between may have answered for it";
        return new HubTalkException($"The hub answered {(int)status}{words}", status) { IsOfAnother = !isOurs };
    }

    private static bool IsExpected(Exception fault) => fault is HttpRequestException or IOException or HubTalkException or OperationCanceledException or FormatException;

    private static string Describe(Exception fault) => fault is OperationCanceledException ? "the hub fell silent" : fault.Message;
}

/// <summary>The answer to a question for the merged timeline.</summary>
/// <param name="Timeline">Null: nothing changed since the ETag that was sent.</param>
/// <param name="ETag">To send with the next question.</param>
public sealed record EffectiveAnswer(EffectiveTimeline? Timeline, string? ETag);
