using Dapper;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>The right of one process to command a tenant's assets, granted by the database; each grant to another holder has a higher token.</summary>
internal sealed class LeaseStore(Store store, IClock clock)
{
    public static readonly Duration Length = Duration.FromSeconds(10);

    /// <summary>Takes or renews it.</summary>
    /// <returns>The token, or null while another process holds it.</returns>
    /// <exception cref="StoreUnavailableException">Neither granted nor refused.</exception>
    public Task<long?> TakeAsync(string tenant, string holder, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();

        // A SQLite file belongs to one process: whoever held the right in it before is dead.
        var alone = store.Dialect == Dialect.Sqlite ? 1 : 0;
        return store.WriteAsync(
            async tx => await tx.Connection!.ExecuteScalarAsync<long?>(
                """
                INSERT INTO leases (tenant, token, holder, until_at) VALUES (@tenant, 1, @holder, @until)
                ON CONFLICT (tenant) DO UPDATE SET
                  token = CASE WHEN leases.holder = excluded.holder THEN leases.token ELSE leases.token + 1 END,
                  holder = excluded.holder, until_at = excluded.until_at
                WHERE leases.holder = excluded.holder OR leases.until_at < @now OR @alone = 1
                RETURNING token
                """,
                new { tenant, holder, until = now + Length, now, alone },
                tx),
            ct);
    }

    /// <summary>Lets another process take it at once.</summary>
    public Task ReleaseAsync(string holder) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("UPDATE leases SET until_at = 0 WHERE holder = @holder", new { holder }, tx));
}
