using System.Security.Cryptography;
using System.Text;
using Dapper;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.Operations.Service.SignIn;

/// <summary>Sessions of 12 hours that can be ended at once, wherever they were begun.</summary>
internal sealed class SessionStore(Store store)
{
    internal static readonly Duration Lifetime = Duration.FromHours(12);
    private const int IdBytes = 32;

    /// <returns>The session's id, which only the browser keeps.</returns>
    internal async Task<string> StartAsync(string tenant, string userId, string method, Instant now, CancellationToken ct)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        await store.WriteAsync(
            async tx =>
            {
                await tx.Connection!.ExecuteAsync("DELETE FROM user_sessions WHERE expires_at <= @now", new { now }, tx);
                await tx.Connection!.ExecuteAsync(
                    "INSERT INTO user_sessions (id_sha256, tenant, user_id, method, created_at, expires_at) VALUES (@hash, @tenant, @userId, @method, @now, @until)",
                    new { hash = ComputeHash(id), tenant, userId, method, now, until = now + Lifetime },
                    tx);
            },
            ct);
        return id;
    }

    /// <summary>Whose session it is; null: there is none, or it is over.</summary>
    internal Task<UserSession?> FindAsync(string idSha256, Instant now, CancellationToken ct) => store.ReadAsync(
        db => db.QuerySingleOrDefaultAsync<UserSession>(
            "SELECT tenant AS Tenant, user_id AS UserId, id_sha256 AS IdSha256, method AS Method, created_at AS CreatedAt FROM user_sessions WHERE id_sha256 = @idSha256 AND expires_at > @now",
            new { idSha256, now }),
        ct);

    internal Task<IReadOnlyList<UserSession>> ListAsync(string tenant, string userId, Instant now, CancellationToken ct) => store.ReadAsync<IReadOnlyList<UserSession>>(
        async db => [.. await db.QueryAsync<UserSession>(
            "SELECT tenant AS Tenant, user_id AS UserId, id_sha256 AS IdSha256, method AS Method, created_at AS CreatedAt FROM user_sessions "
            + "WHERE tenant = @tenant AND user_id = @userId AND expires_at > @now ORDER BY created_at DESC",
            new { tenant, userId, now })],
        ct);

    internal Task EndAsync(string idSha256, CancellationToken ct) =>
        store.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM user_sessions WHERE id_sha256 = @idSha256", new { idSha256 }, tx), ct);

    /// <summary>Ends all of a user's sessions but one: after a new password, whoever had the old one is out.</summary>
    internal Task EndOthersAsync(string tenant, string userId, string? keptSha256, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            "DELETE FROM user_sessions WHERE tenant = @tenant AND user_id = @userId AND id_sha256 <> @kept", new { tenant, userId, kept = keptSha256 ?? string.Empty }, tx),
        ct);

    internal static string ComputeHash(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}

internal sealed record UserSession
{
    public string Tenant { get; init; } = string.Empty;
    public string UserId { get; init; } = string.Empty;
    public string IdSha256 { get; init; } = string.Empty;

    /// <summary><c>password</c>, <c>password+code</c> or <c>openIdConnect</c>.</summary>
    public string Method { get; init; } = string.Empty;
    public Instant CreatedAt { get; init; }
}
