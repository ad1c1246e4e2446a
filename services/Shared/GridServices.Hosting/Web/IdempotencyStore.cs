using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using NodaTime;

namespace GridServices.Hosting.Web;

/// <summary>
/// Keys and what was answered to them, in the same transaction as the work itself:
/// <code>
///   in one transaction:  ClaimAsync ─▶ null: do the work, then SaveAsync(answer)
///                                   └▶ an answer: send it again, do nothing
/// </code>
/// Of requests that come at once one claims the key; the others wait for its commit and find the answer. The service has a table <c>idempotency_keys</c>
/// (tenant, path, idempotency_key, sha256, status, location, answer, created_at; primary key tenant, path, idempotency_key) among its migrations.
/// </summary>
public static class IdempotencyStore
{
    /// <summary>Keys are kept so long; then one may stand for something else.</summary>
    public static readonly Duration KeptFor = Duration.FromDays(30);

    /// <summary>Claims the key, or gives what was answered to it before.</summary>
    /// <exception cref="ProblemException">SEMANTIC_ID (422): the key was used for other content.</exception>
    public static async Task<StoredReply?> ClaimAsync(DbTransaction tx, IdempotencyKey key, Instant now)
    {
        await tx.Connection!.ExecuteAsync("DELETE FROM idempotency_keys WHERE created_at < @before", new { before = now - KeptFor }, tx);
        var claimed = await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO idempotency_keys (tenant, path, idempotency_key, sha256, created_at) VALUES (@Tenant, @Path, @Key, @Sha256, @now)
            ON CONFLICT (tenant, path, idempotency_key) DO NOTHING
            """,
            new { key.Tenant, key.Path, key.Key, key.Sha256, now },
            tx);
        if (claimed == 1)
        {
            return null;
        }

        return await FindAsync(tx.Connection!, key, tx);
    }

    /// <summary>What was answered to the key before; null: nothing is known of it.</summary>
    /// <exception cref="ProblemException">SEMANTIC_ID (422): the key was used for other content.</exception>
    public static async Task<StoredReply?> FindAsync(DbConnection db, IdempotencyKey key, DbTransaction? tx = null)
    {
        var held = await db.QuerySingleOrDefaultAsync<StoredReply>(
            """
            SELECT sha256 AS Sha256, status AS Status, location AS Location, answer AS Answer FROM idempotency_keys
            WHERE tenant = @Tenant AND path = @Path AND idempotency_key = @Key
            """,
            new { key.Tenant, key.Path, key.Key },
            tx);
        return held is null || string.Equals(held.Sha256, key.Sha256, StringComparison.Ordinal) ? held : throw new ProblemException(
            ErrorClass.SemanticId, $"This {IdempotencyKey.Header} was used for another request; send a new key with new content, or the same content again.", IdempotencyKey.Header);
    }

    /// <summary>Keeps what is answered to a key that was just claimed.</summary>
    public static Task SaveAsync(DbTransaction tx, IdempotencyKey key, StoredReply answer) => tx.Connection!.ExecuteAsync(
        "UPDATE idempotency_keys SET status = @Status, location = @Location, answer = @Answer WHERE tenant = @Tenant AND path = @Path AND idempotency_key = @Key",
        new { answer.Status, answer.Location, answer.Answer, key.Tenant, key.Path, key.Key },
        tx);
}
