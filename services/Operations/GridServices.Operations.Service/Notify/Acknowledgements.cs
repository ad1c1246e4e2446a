using System.Security.Cryptography;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Audit;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>Links by which a contact acknowledges without signing in: single use, 24 hours, kept as a hash.</summary>
internal sealed class Acknowledgements(Store store, OperationsStore operations, IClock clock)
{
    /// <summary>The link's token; only its hash is kept.</summary>
    internal async Task<string> IssueAsync(string tenant, string recipientId, string subject, CancellationToken ct)
    {
        var (token, kept) = AcknowledgementToken.Issue(RandomNumberGenerator.GetBytes(AcknowledgementToken.RandomBytes), tenant, recipientId, subject, clock.GetCurrentInstant());
        await store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                "INSERT INTO ack_tokens (token_hash, tenant, body, issued_at) VALUES (@TokenHash, @Tenant, @body, @IssuedAt)", new { kept.TokenHash, kept.Tenant, body = StoredJson.Write(kept), kept.IssuedAt }, tx),
            ct);
        return token;
    }

    /// <summary>Whether the link can be used, without using it: mail scanners open links too.</summary>
    internal async Task<AcknowledgementVerdict> CheckAsync(string token, CancellationToken ct) =>
        await FindAsync(token, ct) is { } kept ? kept.Check(token, clock.GetCurrentInstant()) : AcknowledgementVerdict.Unknown;

    /// <summary>Uses the link up: everything that the contact was told of the subject is acknowledged.</summary>
    internal async Task<AcknowledgementVerdict> RedeemAsync(string token, CancellationToken ct)
    {
        if (await FindAsync(token, ct) is not { } kept)
        {
            return AcknowledgementVerdict.Unknown;
        }

        var (verdict, used) = kept.Redeem(token, clock.GetCurrentInstant());
        if (used.UsedAt is not null && kept.UsedAt is null)
        {
            await operations.WriteAsync(
                new Actor(kept.Tenant, kept.RecipientId, AuditActorKind.User),
                async transaction =>
                {
                    await transaction.Tx.Connection!.ExecuteAsync("UPDATE ack_tokens SET used_at = @UsedAt, body = @body WHERE token_hash = @TokenHash", new { used.UsedAt, body = StoredJson.Write(used), used.TokenHash }, transaction.Tx);
                    await transaction.Tx.Connection!.ExecuteAsync(
                        "UPDATE notifications SET ack_at = @Now WHERE tenant = @Tenant AND recipient_id = @RecipientId AND subject = @Subject AND ack_at IS NULL",
                        new { transaction.Now, kept.Tenant, kept.RecipientId, kept.Subject },
                        transaction.Tx);
                    await transaction.AuditAsync("notification", kept.Subject, "acknowledged", null, null);
                },
                ct);
        }

        return verdict;
    }

    private async Task<AcknowledgementToken?> FindAsync(string token, CancellationToken ct) => await store.ReadAsync(
        db => db.QuerySingleOrDefaultAsync<string>("SELECT body FROM ack_tokens WHERE token_hash = @hash", new { hash = AcknowledgementToken.HashToken(token) }), ct) is { } body
        ? StoredJson.Read<AcknowledgementToken>(body)
        : null;
}
