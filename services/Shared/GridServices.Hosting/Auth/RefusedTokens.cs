using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using GridServices.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting;

/// <summary>
/// Wrong tokens, per address: counted, told in the log (at most once a minute an address), and slowed down beyond a burst.
/// A good token always passes: a neighbour behind the same address must not cut a site off.
/// </summary>
internal sealed partial class RefusedTokens : IDisposable
{
    private const int Burst = 20;
    private const int MostAddresses = 10_000;
    private static readonly TimeSpan RefillOne = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellAgain = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<IPAddress, Record> _records = new();
    private readonly Meter _meter = new("GridServices.Auth");
    private readonly Counter<long> _refused;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public RefusedTokens(TimeProvider time, ILogger<RefusedTokens> logger)
    {
        (_time, _logger) = (time, logger);
        _refused = _meter.CreateCounter<long>("auth.refused", description: "Requests without a token that is known here.");
        _refused.Add(0);
    }

    /// <summary>What is counted here, apart from other services of the process.</summary>
    internal Meter Meter => _meter;

    /// <summary>Notes a wrong token.</summary>
    /// <exception cref="ProblemException">RATE_LIMITED: too many from this address.</exception>
    internal void Note(HttpContext context, string what)
    {
        _refused.Add(1);
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (_records.Count >= MostAddresses)
        {
            _records.Clear(); // forgetting is harmless, growing without end is not
        }

        var record = _records.GetOrAdd(address, static _ => new Record());
        bool tell, slow;
        long count;
        lock (record)
        {
            var now = _time.GetTimestamp();
            record.Tokens = Math.Min(Burst, record.Tokens + (_time.GetElapsedTime(record.At ?? now, now) / RefillOne));
            slow = record.Tokens < 1;
            record.Tokens -= slow ? 0 : 1;
            record.At = now;
            record.Count++;
            tell = record.ToldAt is not { } told || _time.GetElapsedTime(told, now) >= TellAgain;
            count = record.Count;
            (record.ToldAt, record.Count) = tell ? (now, 0) : (record.ToldAt, record.Count);
        }

        if (tell)
        {
            LogRefused(_logger, address, what, context.Request.Method, SafeText.Line(context.Request.Path), count);
        }

        if (slow)
        {
            throw new ProblemException(ErrorClass.RateLimit, "Too many requests without a good token came from this address; send a token that is known here.")
            {
                RetryAfter = RefillOne,
            };
        }
    }

    public void Dispose() => _meter.Dispose();

    [LoggerMessage(EventIds.RefusedTokensRefused, LogLevel.Warning, "Refused {Address}: {What}, last at {Method} {Path} ({Count} times since this was last told)")]
    private static partial void LogRefused(ILogger logger, IPAddress address, string what, string method, string path, long count);

    private sealed class Record
    {
        public double Tokens { get; set; } = Burst;

        public long? At { get; set; }

        public long? ToldAt { get; set; }

        public long Count { get; set; }
    }
}
