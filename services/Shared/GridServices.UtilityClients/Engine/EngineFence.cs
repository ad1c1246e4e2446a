using System.Data.Common;
using Dapper;

namespace GridServices.UtilityClients.Engine;

/// <summary>
/// Keeps an engine that has been started elsewhere from being written from here. Whoever decides where engines run gives each start a higher number;
/// where one machine runs them all there is none and nothing is checked. Kept in the service's own table
/// <c>engine_fences (tenant TEXT, engine_key TEXT, fence BIGINT, PRIMARY KEY (tenant, engine_key))</c>.
/// </summary>
internal static class EngineFence
{
    /// <summary>The next number: from the commit of the caller's transaction on nothing is written under a lower one.</summary>
    public static Task<long> NextAsync(DbTransaction tx, EngineId engine) => tx.Connection!.ExecuteScalarAsync<long>(
        """
        INSERT INTO engine_fences (tenant, engine_key, fence) VALUES (@Tenant, @Key, 1)
        ON CONFLICT (tenant, engine_key) DO UPDATE SET fence = engine_fences.fence + 1 RETURNING fence
        """,
        new { engine.Tenant, engine.Key },
        tx);

    /// <summary>The highest number that was given out or has written; null: none.</summary>
    public static Task<long?> HighestAsync(DbConnection db, EngineId engine, DbTransaction? tx = null) => db.ExecuteScalarAsync<long?>(
        "SELECT fence FROM engine_fences WHERE tenant = @Tenant AND engine_key = @Key", new { engine.Tenant, engine.Key }, tx);

    /// <summary>Records the number in the caller's transaction, which must not go on where this throws.</summary>
    /// <exception cref="EngineFencedException">A higher number has written.</exception>
    public static async Task RequireAsync(DbTransaction tx, EngineId engine, long? fence)
    {
        if (fence is null)
        {
            return;
        }

        var held = await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO engine_fences (tenant, engine_key, fence) VALUES (@Tenant, @Key, @fence)
            ON CONFLICT (tenant, engine_key) DO UPDATE SET fence = excluded.fence WHERE engine_fences.fence <= excluded.fence
            """,
            new { engine.Tenant, engine.Key, fence },
            tx);
        if (held == 0)
        {
            throw new EngineFencedException(engine);
        }
    }
}

/// <summary>The engine runs elsewhere by now: nothing of it may be written from here any more.</summary>
public sealed class EngineFencedException(EngineId engine) : Exception($"{engine} runs elsewhere by now");
