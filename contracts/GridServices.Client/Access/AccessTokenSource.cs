using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client.Access;

/// <summary>
/// Holds one access token and renews it before it ends: one request at a time, however many ask; a token that is still good is given out meanwhile, and
/// after a failure the server is left alone for a growing while, after a success for ten seconds at least. Neither token nor secret is ever in a message of its.
/// </summary>
public sealed class AccessTokenSource : IDisposable
{
    private static readonly Duration LongestEarly = Duration.FromMinutes(1);
    private static readonly Duration LeastAge = Duration.FromSeconds(30);
    private static readonly Duration LeastKept = Duration.FromSeconds(10);
    private const double EarlyShare = 0.2;
    private const double RetryJitter = 0.2;
    private readonly ClientCredentials _credentials;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly Backoff _backoff;
    private readonly Lock _gate = new();
    private Held? _held;
    private Task<Held>? _flight;
    private (int Failures, long At, Duration Pause, string? Reason) _failed;

    /// <param name="credentials">Where, and as whom.</param>
    /// <param name="handler">Transport; null: a plain one that follows no redirects. Disposed with the source.</param>
    /// <param name="time">Null: the system's.</param>
    /// <exception cref="ArgumentException">The credentials can't be meant.</exception>
    public AccessTokenSource(ClientCredentials credentials, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        if (string.Join(' ', credentials.Faults()) is { Length: > 0 } faults)
        {
            throw new ArgumentException(faults, nameof(credentials));
        }

        (_credentials, _time) = (credentials, time ?? TimeProvider.System);
        _backoff = new Backoff(credentials.FirstRetry, credentials.LongestRetry, RetryJitter);
        _http = new HttpClient(new ConnectionFaultHandler(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) }))
        {
            Timeout = credentials.Timeout.ToTimeSpan(),
            MaxResponseContentBufferSize = TokenAnswer.MostBytes,
        };
    }

    /// <summary>A token that is good now.</summary>
    /// <exception cref="HttpRequestException">There is none to be had; the message says why.</exception>
    public async ValueTask<string> GetAsync(CancellationToken ct = default)
    {
        var (held, flight, failure) = GetState();
        if (held is not null)
        {
            _ = flight?.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return held.Token;
        }

        return flight is not null ? (await flight.WaitAsync(ct).ConfigureAwait(false)).Token : throw new HttpRequestException(failure);
    }

    /// <summary>The token was refused where it was shown: it is not given out again, unless it was fetched a moment ago, and another would be no better.</summary>
    /// <param name="token">The one that was shown; a newer one stays.</param>
    public void Forget(string token)
    {
        lock (_gate)
        {
            _held = _held is { } held && string.Equals(held.Token, token, StringComparison.Ordinal) && held.Age(_time) >= LeastAge ? null : _held;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>What is held and still good; the request for the next one where it is due; why there is neither.</summary>
    private (Held? Held, Task<Held>? Flight, string Failure) GetState()
    {
        lock (_gate)
        {
            var held = _held is { } known && !known.IsOver(_time) ? known : null;
            if (held is not null && !held.IsDue(_time))
            {
                return (held, null, string.Empty);
            }

            if (_flight is not { IsCompleted: false })
            {
                var isPaused = _failed.Failures > 0 && Duration.FromTimeSpan(_time.GetElapsedTime(_failed.At)) < _failed.Pause;
                _flight = isPaused ? null : Task.Run(FetchAsync);
            }

            return (held, _flight, _failed.Reason ?? string.Empty);
        }
    }

    private async Task<Held> FetchAsync()
    {
        var asked = _time.GetTimestamp();
        try
        {
            var answer = await RequestAsync().ConfigureAwait(false);
            var early = Duration.Min(LongestEarly, answer.Lifetime * EarlyShare);
            // However short a token's life: asking anew for each request would flood the server. Whom it is shown to judges it anyway.
            var held = new Held(answer.Token, asked, Duration.Max(LeastKept, answer.Lifetime - early), Duration.Max(LeastKept, answer.Lifetime));
            lock (_gate)
            {
                (_held, _failed) = (held, default);
            }

            return held;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever it was: those who ask know of one exception, and without a pause each of them would ask the server again.
            var reason = $"No access token from {_credentials.TokenUrl} for '{_credentials.ClientId}': {SafeText.Line(fault is OperationCanceledException ? "no answer in time" : fault.InnerException?.Message ?? fault.Message)}";
            lock (_gate)
            {
                var failures = _failed.Failures + 1;
                _failed = (failures, _time.GetTimestamp(), _backoff.After(failures, RandomNumberGenerator.GetInt32(1_000) / 1_000.0), reason);
            }

            throw new HttpRequestException(reason, fault);
        }
    }

    private async Task<TokenAnswer> RequestAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _credentials.TokenUrl);
        Dictionary<string, string> form = new(StringComparer.Ordinal) { ["grant_type"] = "client_credentials" };
        if (_credentials.SecretFile is { } file)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Basic(_credentials.ClientId, Secret(file)));
        }
        else
        {
            form["client_id"] = _credentials.ClientId;
        }

        if (_credentials.Scope is { Length: > 0 } scope)
        {
            form["scope"] = scope;
        }

        if (_credentials.Audience is { Length: > 0 } audience)
        {
            form["audience"] = audience;
        }

        request.Headers.Accept.ParseAdd("application/json");
        request.Content = new FormUrlEncodedContent(form);
        using var response = await _http.SendAsync(request).ConfigureAwait(false);
        return TokenAnswer.Read((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false));
    }

    // RFC 6749 2.3.1: both are form-encoded before they are joined.
    private static string Basic(string id, string secret) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}"));

    private static string Secret(string file) => File.ReadLines(file).FirstOrDefault()?.Trim() is { Length: > 0 } secret
        ? secret
        : throw new IOException($"{file} is empty: its first line is the client's secret");

    // By elapsed time: a wall clock that is set neither ends a token nor keeps one alive.
    private sealed record Held(string Token, long AskedAt, Duration DueAfter, Duration Lifetime)
    {
        internal bool IsDue(TimeProvider time) => Age(time) >= DueAfter;

        internal bool IsOver(TimeProvider time) => Age(time) >= Lifetime;

        internal Duration Age(TimeProvider time) => Duration.FromTimeSpan(time.GetElapsedTime(AskedAt));
    }
}
