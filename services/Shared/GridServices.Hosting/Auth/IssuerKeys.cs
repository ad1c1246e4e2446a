using GridServices.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using NodaTime;

namespace GridServices.Hosting.Auth;

/// <summary>
/// The issuer's public keys: fetched when the first token comes, kept, and fetched again every ten minutes, when a token names a key that is not there, and
/// when its signature holds with none of them (so that keys may be changed at any time). One fetch at a time, however many tokens wait; after a failure, and
/// after each success, there is a pause, so that nobody can have us flood the issuer. Keys that were not confirmed for <c>KeysGoodFor</c> count no more.
/// </summary>
internal sealed partial class IssuerKeys(AccessTokenOptions options, IssuerDocuments documents, TimeProvider time, ILogger<IssuerKeys> logger)
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(10);
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
    internal async ValueTask<FoundKeys> FindAsync(string? keyId, string algorithm, CancellationToken ct)
    {
        var (held, age) = GetFresh();
        if (held is not null && age >= _lookAgain)
        {
            // Before anybody is let in by them, for a withdrawn key must not open once more; an issuer that is away or slow holds nobody up for long.
            held = await TryFetchAsync(ct) ?? held;
        }

        return held is not null && (keyId is null || held.Has(keyId)) ? held.Find(keyId, algorithm) : (await FetchOnce().WaitAsync(ct)).Find(keyId, algorithm);
    }

    /// <summary>Keys that are newer than those a signature did not hold with: an issuer may change keys that have no id, or keep the id. Null: there are none.</summary>
    internal async ValueTask<FoundKeys?> FindNewerAsync(FoundKeys than, string? keyId, string algorithm, CancellationToken ct) =>
        await TryFetchAsync(ct) is { } held && held.At > than.FetchedAt ? held.Find(keyId, algorithm) : null;

    /// <summary>Whether a key still counts: an endless answer asks at each beat. Where it is time to look again that is begun, and seen at the next one.</summary>
    /// <param name="identity">The key's, by <see cref="VerificationKeys"/>.</param>
    internal bool StillHolds(string identity)
    {
        var (held, age) = GetFresh();
        if (age >= _lookAgain)
        {
            ObserveException(FetchOnce());
        }

        return held is not null && held.Identities.Contains(identity);
    }

    /// <returns>Null: no answer in time, or none that is of use.</returns>
    private async ValueTask<Held?> TryFetchAsync(CancellationToken ct)
    {
        var flight = FetchOnce();
        try
        {
            return await flight.WaitAsync(LongestLook, time, ct);
        }
        catch (Exception none) when (none is IssuerAwayException or TimeoutException)
        {
            ObserveException(flight);
            return null;
        }
    }

    // Why it failed is logged where it fails.
    private static void ObserveException(Task flight) =>
        _ = flight.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private (Held? Held, TimeSpan Age) GetFresh()
    {
        lock (_gate)
        {
            var age = _held is null ? TimeSpan.MaxValue : time.GetElapsedTime(_held.At);
            return age < options.KeysGoodFor ? (_held, age) : (null, age);
        }
    }

    /// <summary>The fetch that is under way, or a new one; after a failure none is begun for a while, and none for keys that were fetched a moment ago.</summary>
    private Task<Held> FetchOnce()
    {
        lock (_gate)
        {
            if (_flight is { IsCompleted: false })
            {
                return _flight;
            }

            if (_held is not null && time.GetElapsedTime(_held.At) < (_lookAgain < LeastAge ? _lookAgain : LeastAge))
            {
                return Task.FromResult(_held);
            }

            var isPaused = _failed.Failures > 0 && time.GetElapsedTime(_failed.At) < FailurePause.After(_failed.Failures).ToTimeSpan();
            return isPaused ? Task.FromException<Held>(new IssuerAwayException(_failed.Reason ?? string.Empty)) : _flight = Task.Run(FetchAsync);
        }
    }

    private async Task<Held> FetchAsync()
    {
        try
        {
            var held = new Held(VerificationKeys.Select(await documents.KeysAsync()), time.GetTimestamp());
            bool isNews;
            lock (_gate)
            {
                isNews = _failed.Failures > 0 || _held is null || !_held.Identities.SetEquals(held.Identities);
                (_held, _failed) = (held, default);
            }

            if (isNews)
            {
                LogFetched(logger, documents.Place, held.Keys.Count, string.Join(", ", held.Keys.Select(key => SafeText.Short(key.Kid ?? "(no id)")).Order(StringComparer.Ordinal)));
            }

            return held;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever it was: without a pause every token would begin another fetch.
            var away = fault as IssuerAwayException ?? new IssuerAwayException($"The keys at {documents.Place} could not be read: {SafeText.Line(fault.Message)}");
            int failures;
            lock (_gate)
            {
                failures = _failed.Failures + 1;
                _failed = (failures, time.GetTimestamp(), away.Message);
            }

            LogAway(logger, away.Message, failures);
            throw away;
        }
    }

    private sealed record Held(IReadOnlyList<JsonWebKey> Keys, long At)
    {
        internal HashSet<string> Identities { get; } = Keys.Select(VerificationKeys.Identity).ToHashSet(StringComparer.Ordinal);

        internal bool Has(string id) => Keys.Any(key => string.Equals(key.Kid, id, StringComparison.Ordinal));

        internal FoundKeys Find(string? id, string algorithm) => new(
            [
                .. Keys.Where(key => (id is null || string.Equals(key.Kid, id, StringComparison.Ordinal))
                    && (key.Alg is null or "" || string.Equals(key.Alg, algorithm, StringComparison.Ordinal))
                    && key.Kty == (algorithm.StartsWith("ES", StringComparison.Ordinal) ? "EC" : "RSA")),
            ],
            At);
    }

    [LoggerMessage(EventIds.IssuerKeysFetched, LogLevel.Information, "Keys of access tokens from {Place}: {Count} ({Ids})")]
    private static partial void LogFetched(ILogger logger, string place, int count, string ids);

    [LoggerMessage(EventIds.IssuerKeysAway, LogLevel.Warning, "{Reason} Access tokens whose key is not known are answered 503 until then (failure {Failures} in a row)")]
    private static partial void LogAway(ILogger logger, string reason, int failures);
}

/// <summary>Keys that a token may be signed with.</summary>
/// <param name="Fitting">None: the issuer publishes none.</param>
/// <param name="FetchedAt">Timestamp of the fetch.</param>
internal sealed record FoundKeys(IReadOnlyList<JsonWebKey> Fitting, long FetchedAt);
