using System.Globalization;
using Dapper;
using Npgsql;

namespace GridServices.Cluster.Membership;

/// <summary>
/// Which nodes live, in the tables <c>cluster_members</c> and <c>cluster_version</c> of the service's schema. Every change names the version that it was
/// worked out from and is refused where that is not the newest any more, so that nodes that judge each other agree on one history.
/// </summary>
/// <remarks>Source of the contract: Orleans, <c>IMembershipTable</c>. The version's number is its etag; a row's etag is the version that wrote it.</remarks>
internal sealed class PostgreSqlMembershipTable(ClusterDatabase database) : IMembershipTable
{
    private const string Entries =
        """
        SELECT silo AS Silo, etag AS Etag, status AS Status, silo_name AS SiloName, host_name AS HostName, proxy_port AS ProxyPort, suspects AS Suspects,
            started_at AS StartedAt, alive_at AS AliveAt FROM cluster_members
        """;

    private const string Insert =
        """
        INSERT INTO cluster_members (silo, etag, status, silo_name, host_name, proxy_port, suspects, started_at, alive_at)
        VALUES (@Silo, @Etag, @Status, @SiloName, @HostName, @ProxyPort, @Suspects, @StartedAt, @AliveAt) ON CONFLICT (silo) DO NOTHING
        """;

    private const string Update =
        """
        UPDATE cluster_members SET etag = @Etag, status = @Status, silo_name = @SiloName, host_name = @HostName, proxy_port = @ProxyPort, suspects = @Suspects,
            started_at = @StartedAt, alive_at = @AliveAt WHERE silo = @Silo AND etag = @Before
        """;

    public Task InitializeMembershipTable(bool tryInitTableVersion) => tryInitTableVersion
        ? database.WriteAsync(tx => tx.Connection!.ExecuteAsync("INSERT INTO cluster_version (one, version) VALUES (1, 0) ON CONFLICT (one) DO NOTHING", transaction: tx))
        : Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId) => database.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM cluster_members", transaction: tx));

    // Never the version: an older view must not look like the newest.
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => database.WriteAsync(tx => tx.Connection!.ExecuteAsync(
        "DELETE FROM cluster_members WHERE status = @dead AND started_at < @before AND alive_at < @before",
        new { dead = (long)SiloStatus.Dead, before = beforeDate.UtcTicks },
        tx));

    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadAsync(" WHERE silo = @silo", key.ToParsableString());

    public Task<MembershipTableData> ReadAll() => ReadAsync(string.Empty, null);

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => ChangeAsync(tableVersion, Insert, MemberRow.From(entry, tableVersion.Version));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => ChangeAsync(
        tableVersion, Update, MemberRow.From(entry, tableVersion.Version) with { Before = long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var before) ? before : -1 });

    public Task UpdateIAmAlive(MembershipEntry entry) => database.WriteAsync(tx => tx.Connection!.ExecuteAsync(
        "UPDATE cluster_members SET alive_at = @alive WHERE silo = @silo", new { silo = entry.SiloAddress.ToParsableString(), alive = entry.IAmAliveTime.Ticks }, tx));

    private Task<MembershipTableData> ReadAsync(string where, string? silo) => database.SnapshotAsync(async tx =>
    {
        var version = await tx.Connection!.ExecuteScalarAsync<long>("SELECT version FROM cluster_version WHERE one = 1", transaction: tx);
        var rows = await tx.Connection!.QueryAsync<MemberRow>(Entries + where, new { silo }, tx);
        return new MembershipTableData(
            [.. rows.Select(row => Tuple.Create(row.ToEntry(), row.Etag.ToString(CultureInfo.InvariantCulture)))],
            new TableVersion(checked((int)version), version.ToString(CultureInfo.InvariantCulture)));
    });

    /// <returns>False: another change came first, or there is (no) such row.</returns>
    private async Task<bool> ChangeAsync(TableVersion next, string sql, MemberRow row)
    {
        try
        {
            await database.WriteAsync(async tx =>
            {
                var raised = await tx.Connection!.ExecuteAsync(
                    "UPDATE cluster_version SET version = @Version WHERE one = 1 AND version = @expected",
                    new { next.Version, expected = long.TryParse(next.VersionEtag, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1 },
                    tx);
                if (raised != 1 || await tx.Connection!.ExecuteAsync(sql, row, tx) != 1)
                {
                    throw new OvertakenException();
                }
            });
            return true;
        }
        catch (Exception overtaken) when (overtaken is OvertakenException or PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected })
        {
            return false;
        }
    }

    private sealed class OvertakenException() : Exception("another node changed the membership first");
}
