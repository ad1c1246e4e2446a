using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>
/// The right of one process to command a tenant's assets, granted by the database; each grant to another holder has a higher token. It has run out where it was
/// not renewed for <see cref="Length"/> while this process looked, by its steady clock: wall clocks differ between machines, and are set.
/// </summary>
internal sealed class LeaseStore(Store store, IClock clock, TimeProvider time)
{
    public static readonly Duration Length = Duration.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Seen> _others = new(StringComparer.Ordinal);

    /// <summary>Takes or renews it.</summary>
    /// <returns>The token, or null while another process holds it, or may.</returns>
    /// <exception cref="StoreUnavailableException">Neither granted nor refused.</exception>
    public async Task<long?> TryAcquireAsync(string tenant, string holder, CancellationToken ct)
    {
        var silent = _others.TryGetValue(tenant, out var seen) && time.GetElapsedTime(seen.At) > Length.ToTimeSpan() ? seen : Seen.Nothing;
        var (granted, others) = await store.WriteAsync(tx => TryAcquireAsync(tx, tenant, holder, silent), ct);
        if (granted is not null)
        {
            _others.TryRemove(tenant, out _);
        }
        else if (!_others.TryGetValue(tenant, out var before) || (before.Token, before.Until) != others)
        {
            _others[tenant] = new Seen(others.Token, others.Until, time.GetTimestamp());
        }

        return granted;
    }

    /// <summary>Lets another process take it at once.</summary>
    public Task ReleaseAsync(string holder) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("UPDATE leases SET until_at = 0 WHERE holder = @holder", new { holder }, tx));

    private async Task<(long? Granted, (long Token, long Until) Others)> TryAcquireAsync(DbTransaction tx, string tenant, string holder, Seen silent)
    {
        // A SQLite file belongs to one process: whoever held the right in it before is dead. What it ends at is another number at each renewal; 0 was given back.
        var alone = store.Dialect == Dialect.Sqlite ? 1 : 0;
        var granted = await tx.Connection!.ExecuteScalarAsync<long?>(
            """
            INSERT INTO leases (tenant, token, holder, until_at) VALUES (@tenant, 1, @holder, @until)
            ON CONFLICT (tenant) DO UPDATE SET
              token = CASE WHEN leases.holder = excluded.holder THEN leases.token ELSE leases.token + 1 END,
              holder = excluded.holder, until_at = excluded.until_at
            WHERE leases.holder = excluded.holder OR leases.until_at = 0 OR (leases.token = @Token AND leases.until_at = @Silent) OR @alone = 1
            RETURNING token
            """,
            new { tenant, holder, until = clock.GetCurrentInstant() + Length, silent.Token, Silent = silent.Until, alone },
            tx);
        return granted is not null
            ? (granted, default)
            : (null, await tx.Connection!.QuerySingleAsync<(long, long)>("SELECT token, until_at FROM leases WHERE tenant = @tenant", new { tenant }, tx));
    }

    /// <summary>The right as another process holds it, and since when it has not been renewed.</summary>
    private sealed record Seen(long Token, long Until, long At)
    {
        // No token is below 1.
        internal static Seen Nothing { get; } = new(0, 0, 0);
    }
}
