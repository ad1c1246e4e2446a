using GridServices.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using NodaTime;

namespace GridServices.Hosting.Auth;

/// <summary>
/// The issuer's public keys: fetched when the first token comes, kept, and fetched again every ten minutes and when a token names a key that is not there
/// (so that keys may be changed at any time). One fetch at a time, however many tokens wait; after a failure, and between two unknown keys, there is a pause,
/// so that nobody can have us flood the issuer. Keys that were not confirmed for <c>KeysGoodFor</c> count no more.
/// </summary>
internal sealed partial class IssuerKeys(AccessTokenOptions options, IssuerDocuments documents, TimeProvider time, ILogger<IssuerKeys> logger)
{
    private const int LeastRsaBits = 2048;
    private static readonly TimeSpan UnknownKeyPause = TimeSpan.FromSeconds(10);
    private static readonly Backoff FailurePause = new(Duration.FromSeconds(1), Duration.FromMinutes(1), 0);
    private readonly TimeSpan _lookAgain = options.KeysFile is null ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private Held? _held;
    private Task<Held>? _flight;
    private (int Failures, long At, string? Reason) _failed;

    /// <summary>A keys file is read at the start, so that a wrong one is told then.</summary>
    /// <exception cref="StartException">It can't be used.</exception>
    internal async Task OpenAsync(CancellationToken ct)
    {
        if (!options.IsOn || options.KeysFile is null)
        {
            return;
        }

        try
        {
            await FetchOnce().WaitAsync(ct);
        }
        catch (IssuerAwayException wrong)
        {
            throw new StartException(wrong.Message, wrong);
        }
    }

    /// <summary>The keys that a token may be signed with: the one of this id, or without an id every one, as far as they fit the algorithm.</summary>
    /// <exception cref="IssuerAwayException">It can't be told, for the issuer is away.</exception>
    internal async ValueTask<IReadOnlyList<JsonWebKey>> FindAsync(string? keyId, string algorithm, CancellationToken ct)
    {
        var (held, age) = Fresh();
        if (held is not null && (keyId is null || held.Has(keyId)))
        {
            if (age >= _lookAgain)
            {
                // Behind the caller's back: what is held still counts.
                _ = FetchOnce().ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }

            return held.Fitting(keyId, algorithm);
        }

        if (held is not null && age < UnknownKeyPause)
        {
            return [];
        }

        return (await FetchOnce().WaitAsync(ct)).Fitting(keyId, algorithm);
    }

    private (Held? Held, TimeSpan Age) Fresh()
    {
        lock (_gate)
        {
            var age = _held is null ? TimeSpan.MaxValue : time.GetElapsedTime(_held.At);
            return age < options.KeysGoodFor ? (_held, age) : (null, age);
        }
    }

    /// <summary>The fetch that is under way, or a new one; after a failure none is begun for a while.</summary>
    private Task<Held> FetchOnce()
    {
        lock (_gate)
        {
            if (_flight is { IsCompleted: false })
            {
                return _flight;
            }

            var isPaused = _failed.Failures > 0 && time.GetElapsedTime(_failed.At) < FailurePause.After(_failed.Failures).ToTimeSpan();
            return isPaused ? Task.FromException<Held>(new IssuerAwayException(_failed.Reason ?? string.Empty)) : _flight = Task.Run(FetchAsync);
        }
    }

    private async Task<Held> FetchAsync()
    {
        try
        {
            var held = new Held(Usable(await documents.KeysAsync()), time.GetTimestamp());
            bool isNews;
            lock (_gate)
            {
                isNews = _failed.Failures > 0 || _held is null || !_held.Ids.SetEquals(held.Ids);
                (_held, _failed) = (held, default);
            }

            if (isNews)
            {
                LogFetched(logger, documents.Place, held.Ids.Count, string.Join(", ", held.Ids.Order(StringComparer.Ordinal)));
            }

            return held;
        }
        catch (IssuerAwayException away)
        {
            int failures;
            lock (_gate)
            {
                failures = _failed.Failures + 1;
                _failed = (failures, time.GetTimestamp(), away.Message);
            }

            LogAway(logger, away.Message, failures);
            throw;
        }
    }

    /// <summary>Keys that verify signatures, and nothing else: no symmetric ones, none for encryption, none whose private half is published, none that is weak.</summary>
    private static List<JsonWebKey> Usable(JsonWebKeySet set)
    {
        List<JsonWebKey> usable = [.. set.Keys.Where(key => key.Kty is "RSA" or "EC" && key.Use is null or "" or "sig" && !key.HasPrivateKey && (key.Kty == "EC" || Bits(key) >= LeastRsaBits))];
        return usable.Count > 0 ? usable : throw new IssuerAwayException("The issuer publishes no key that signatures can be verified with (RSA of 2048 bits or more, or EC, for 'sig').");
    }

    private static int Bits(JsonWebKey key)
    {
        try
        {
            return key.KeySize;
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            return 0;
        }
    }

    private sealed record Held(IReadOnlyList<JsonWebKey> Keys, long At)
    {
        internal HashSet<string> Ids { get; } = Keys.Select(key => SafeText.Short(key.Kid ?? "(no id)")).ToHashSet(StringComparer.Ordinal);

        internal bool Has(string id) => Keys.Any(key => string.Equals(key.Kid, id, StringComparison.Ordinal));

        internal IReadOnlyList<JsonWebKey> Fitting(string? id, string algorithm) =>
        [
            .. Keys.Where(key => (id is null || string.Equals(key.Kid, id, StringComparison.Ordinal))
                && (key.Alg is null or "" || string.Equals(key.Alg, algorithm, StringComparison.Ordinal))
                && key.Kty == (algorithm.StartsWith("ES", StringComparison.Ordinal) ? "EC" : "RSA")),
        ];
    }

    [LoggerMessage(EventIds.IssuerKeysFetched, LogLevel.Information, "Keys of access tokens from {Place}: {Count} ({Ids})")]
    private static partial void LogFetched(ILogger logger, string place, int count, string ids);

    [LoggerMessage(EventIds.IssuerKeysAway, LogLevel.Warning, "{Reason} Access tokens whose key is not known are answered 503 until then (failure {Failures} in a row)")]
    private static partial void LogAway(ILogger logger, string reason, int failures);
}
