using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Protection;
using NodaTime;

namespace GridServices.Operations.Service.Storage;

/// <summary>Requests to signers. Those that have ended are kept as evidence; an ended one is never changed again.</summary>
internal sealed class SignatureStore(Store store, ColumnProtector protector, IClock clock)
{
    /// <summary>Of one enrollment, newest first.</summary>
    internal Task<IReadOnlyList<SignatureRequest>> ListByEnrollmentAsync(string tenant, string enrollmentId, CancellationToken ct) => store.ReadAsync<IReadOnlyList<SignatureRequest>>(
        async db => [.. (await db.QueryAsync<string>(
            "SELECT body FROM signature_requests WHERE tenant = @tenant AND enrollment_id = @enrollmentId ORDER BY id DESC", new { tenant, enrollmentId })).Select(StoredJson.Read<SignatureRequest>)], ct);

    /// <summary>The open one of an enrollment, else the last; null: none was made.</summary>
    internal static async Task<SignatureRequest?> FindLastAsync(DbTransaction tx, string tenant, string enrollmentId) => await tx.Connection!.QueryFirstOrDefaultAsync<string>(
        "SELECT body FROM signature_requests WHERE tenant = @tenant AND enrollment_id = @enrollmentId ORDER BY ended_at IS NOT NULL, id DESC LIMIT 1", new { tenant, enrollmentId }, tx) is { } body
        ? StoredJson.Read<SignatureRequest>(body)
        : null;

    /// <summary>The one that a link's token is of; null: none.</summary>
    internal async Task<SignatureRequest?> FindByTokenAsync(string token, CancellationToken ct)
    {
        var hash = SignatureRequest.HashToken(token);
        var body = await store.ReadAsync(db => db.QuerySingleOrDefaultAsync<string>("SELECT body FROM signature_requests WHERE token_hash = @hash", new { hash }), ct);
        return body is not null && StoredJson.Read<SignatureRequest>(body) is var found && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(found.TokenHash!)) ? found : null;
    }

    internal static async Task AddAsync(AuditedTransaction transaction, SignatureRequest request, string siteId)
    {
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO signature_requests (tenant, id, enrollment_id, contact_id, body) VALUES (@Tenant, @Id, @EnrollmentId, @ContactId, @body)",
            new { request.Tenant, request.Id, request.EnrollmentId, request.ContactId, body = StoredJson.Write(request) },
            transaction.Tx);
        await transaction.AuditAsync("enrollment", request.EnrollmentId, "signatureAsked", null, StoredJson.Write(new { request.ContactId, request.ConsentUntil }), siteId: siteId);
    }

    /// <summary>
    /// Makes the link's token. The same at each try, for a mail may have arrived although its answer was lost: its bytes are kept sealed until the request ends. Where
    /// they can't be read any more, or are of a version that kept none, they are drawn anew, and the mail of this try brings the link that works. Null: the request
    /// has ended, and nothing is to be sent.
    /// </summary>
    internal async Task<string?> SendAsync(string tenant, string id, CancellationToken ct) => await store.WriteAsync(
        async tx =>
        {
            var (body, held) = await tx.Connection!.QuerySingleOrDefaultAsync<(string?, string?)>(
                "SELECT body, seed FROM signature_requests WHERE tenant = @tenant AND id = @id AND ended_at IS NULL", new { tenant, id }, tx);
            if (body is null)
            {
                return null;
            }

            var place = new ColumnPlace("signature_requests", tenant, id, "seed");
            var seed = OpenSeed(held, place) ?? RandomNumberGenerator.GetBytes(SignatureRequest.RandomBytes);
            var (token, sent) = StoredJson.Read<SignatureRequest>(body).Send(seed, clock.GetCurrentInstant());
            return await SaveAsync(tx, sent, protector.Seal(Convert.ToBase64String(seed), place)) ? token : null;
        },
        ct);

    private byte[]? OpenSeed(string? held, ColumnPlace place)
    {
        try
        {
            return protector.Open(held, place) is { } text ? Convert.FromBase64String(text) : null;
        }
        catch (ProtectionException)
        {
            // Its key is not here any more, or it was changed: no link is made of it.
            return null;
        }
    }

    /// <summary>Whether the signer has answered by the link: then a mail with it has arrived, whatever the mail server's answer was.</summary>
    internal async Task<bool> IsAnsweredAsync(string tenant, string id, CancellationToken ct) => await store.ReadAsync(
        db => db.QuerySingleOrDefaultAsync<string>("SELECT body FROM signature_requests WHERE tenant = @tenant AND id = @id", new { tenant, id }), ct) is { } body
        && StoredJson.Read<SignatureRequest>(body).End is SignatureEnd.Signed or SignatureEnd.Declined;

    /// <summary>Ends it; its link works no more. False: it had ended before.</summary>
    internal static async Task<bool> EndAsync(AuditedTransaction transaction, SignatureRequest request, SignatureEnd end, string? reason, string? siteId = null)
    {
        if (!await SaveAsync(transaction.Tx, request with { End = end, EndedAt = transaction.Now, Reason = reason }))
        {
            return false;
        }

        if (end != SignatureEnd.Signed)
        {
            await transaction.AuditAsync("enrollment", request.EnrollmentId, $"signature{end}", null, StoredJson.Write(new { request.ContactId }), reason, siteId);
        }

        return true;
    }

    /// <summary>Links of a contact that is another person now, or gone, work no more.</summary>
    internal static async Task EndByContactAsync(AuditedTransaction transaction, string contactId, string reason)
    {
        var bodies = await transaction.Tx.Connection!.QueryAsync<string>(
            "SELECT body FROM signature_requests WHERE tenant = @Tenant AND contact_id = @contactId AND ended_at IS NULL", new { transaction.Actor.Tenant, contactId }, transaction.Tx);
        foreach (var open in bodies.Select(StoredJson.Read<SignatureRequest>))
        {
            // A mail that waits has nothing to bring any more, and has not failed.
            await WaitingMessages.WithdrawAsync(transaction, open.EnrollmentId, Trigger.SignatureAsked);
            await EndAsync(transaction, open, SignatureEnd.Revoked, reason);
        }
    }

    private static async Task<bool> SaveAsync(DbTransaction tx, SignatureRequest request, string? seed = null) => await tx.Connection!.ExecuteAsync(
        "UPDATE signature_requests SET token_hash = @TokenHash, ended_at = @EndedAt, body = @body, seed = @seed WHERE tenant = @Tenant AND id = @Id AND ended_at IS NULL",
        new { request.TokenHash, request.EndedAt, body = StoredJson.Write(request), seed, request.Tenant, request.Id },
        tx) == 1;
}
