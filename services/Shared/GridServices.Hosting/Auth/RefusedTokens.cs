using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Auth;

/// <summary>
/// Refusals, per address and per token: counted, told in the log (at most once a minute an address, and so many a minute at all), and slowed down beyond a burst.
/// A good token always passes: a neighbour behind the same address must not cut a site off.
/// </summary>
internal sealed partial class RefusedTokens : IDisposable
{
    internal const int MostSources = 10_000;

    /// <summary>When a token is worth showing again whose issuer is away.</summary>
    internal static readonly TimeSpan PauseWhileUndecided = TimeSpan.FromSeconds(5);
    private const int Burst = 20;
    private const int MostLines = 100;
    private const int PrefixLength = 12;
    private static readonly TimeSpan RefillOne = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellAgain = TimeSpan.FromMinutes(1);
    private readonly RecentSourceCache<IPAddress> _addresses;
    private readonly RecentSourceCache<ulong> _tokens;
    private readonly RecentSourceCache<string> _denied;
    private readonly SourceRateLimiter _lines;
    private readonly Meter _meter = new("GridServices.Auth");
    private readonly Counter<long> _refused;
    private readonly Counter<long> _deniedCount;
    private readonly ILogger _logger;
    private long _untold;

    public RefusedTokens(TimeProvider time, ILogger<RefusedTokens> logger)
    {
        _logger = logger;
        _addresses = new(MostSources, () => new SourceRateLimiter(time, Burst, RefillOne));
        _tokens = new(MostSources, () => new SourceRateLimiter(time, Burst, RefillOne));
        _denied = new(MostSources, () => new SourceRateLimiter(time, Burst, RefillOne));
        _lines = new SourceRateLimiter(time, MostLines, TellAgain / MostLines);
        _refused = _meter.CreateCounter<long>("auth.refused", description: "Requests without a token that is known here, by reason.");
        _deniedCount = _meter.CreateCounter<long>("auth.denied", description: "Requests whose token is good, but not for what was asked.");
        foreach (var reason in Enum.GetValues<RefusalReason>())
        {
            _refused.Add(0, Tag(reason));
        }
    }

    /// <summary>What is counted here, apart from other services of the process.</summary>
    internal Meter Meter => _meter;

    /// <summary>How many addresses are remembered; bounded.</summary>
    internal int Addresses => _addresses.Count;

    /// <summary>Notes a caller that is not let in.</summary>
    /// <param name="context">The request.</param>
    /// <param name="reason">Why.</param>
    /// <param name="token">What it came with; never written anywhere.</param>
    /// <exception cref="ProblemException">RATE_LIMITED: too many from this address, or of this token.</exception>
    internal void Note(HttpContext context, RefusalReason reason, string? token)
    {
        _refused.Add(1, Tag(reason));
        var source = GetSource(context.Connection.RemoteIpAddress);
        var record = _addresses.GetOrAdd(source);
        if (record.ShouldLog(TellAgain, out var count))
        {
            WriteLine(() => LogRefused(_logger, source, Describe(reason), Name(reason), context.Request.Method, Route(context), count), count);
        }

        var mayGoOn = record.TryAcquire();
        if (token is not null && !_tokens.GetOrAdd(Prefix(token)).TryAcquire())
        {
            mayGoOn = false;
        }

        if (!mayGoOn)
        {
            throw new ProblemException(ErrorClass.RateLimit, "Too many requests without a good token came from this address, or with this token; send a token that is known here.")
            {
                RetryAfter = reason == RefusalReason.Undecided ? PauseWhileUndecided : RefillOne,
            };
        }
    }

    /// <summary>Notes a caller that is known, and asked for what it may not have.</summary>
    internal void NoteDenied(HttpContext context, Caller caller, ErrorClass? why)
    {
        _deniedCount.Add(1);
        if (_denied.GetOrAdd($"{caller.Tenant}/{caller.TokenId}").ShouldLog(TellAgain, out var count))
        {
            WriteLine(() => LogDenied(_logger, SafeText.Short(caller.TokenId), SafeText.Short(caller.Tenant), GetSource(context.Connection.RemoteIpAddress), why?.ToString() ?? "Forbidden", context.Request.Method, Route(context), count), count);
        }
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>Ten thousand sources must not fill the disk with a line each: what is left out is told by number.</summary>
    private void WriteLine(Action write, long count)
    {
        if (!_lines.TryAcquire())
        {
            Interlocked.Add(ref _untold, count);
            return;
        }

        if (Interlocked.Exchange(ref _untold, 0) is var untold and > 0)
        {
            LogUntold(_logger, untold);
        }

        write();
    }

    /// <summary>An IPv6 network of one customer (/64) counts as one: it has more addresses than anybody can remember.</summary>
    private static IPAddress GetSource(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return address ?? IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    // Guesses that go through the rest of a token begin alike. Access tokens all begin alike, so of them the whole counts.
    private static ulong Prefix(string token) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(
        token.Length <= PrefixLength || AccessTokenVerifier.IsTokenShaped(token) ? token : token[..PrefixLength])));

    // The route as it is declared: a path may hold names of people.
    private static string Route(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "-";

    private static KeyValuePair<string, object?> Tag(RefusalReason reason) => new("reason", Name(reason));

    private static string Name(RefusalReason reason) => JsonNamingPolicy.CamelCase.ConvertName(reason.ToString());

    private static string Describe(RefusalReason reason) => reason switch
    {
        RefusalReason.NoToken => "no token",
        RefusalReason.UnknownToken => "a token that is not known here",
        RefusalReason.Malformed => "an access token that can't be read",
        RefusalReason.Signature => "an access token whose signature does not hold",
        RefusalReason.Expired => "an access token that is over, or not yet begun",
        RefusalReason.Audience => "an access token of another issuer, or for another audience",
        RefusalReason.Claims => "an access token that names no tenant, role or sites known here",
        RefusalReason.Certificate => "a token that is bound to another client certificate",
        _ => "an access token that could not be judged, for its issuer is away",
    };

    [LoggerMessage(EventIds.RefusedTokensRefused, LogLevel.Warning, "Refused {Address}: {What} ({Reason}), last at {Method} {Route} ({Count} times since this was last reported)")]
    private static partial void LogRefused(ILogger logger, IPAddress address, string what, string reason, string method, string route, long count);

    [LoggerMessage(EventIds.RefusedTokensDenied, LogLevel.Warning,
        "Denied token '{Token}' of tenant '{Tenant}' at {Address}: {Reason}, last at {Method} {Route} ({Count} times since this was last reported)")]
    private static partial void LogDenied(ILogger logger, string token, string tenant, IPAddress address, string reason, string method, string route, long count);

    [LoggerMessage(EventIds.RefusedTokensUntold, LogLevel.Warning, "{Count} more refusals were not reported one by one: they came from too many sources at once")]
    private static partial void LogUntold(ILogger logger, long count);
}
