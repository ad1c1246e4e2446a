using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;

namespace GridServices.Operations.Service.Storage;

/// <summary>Answers that are kept for an <c>Idempotency-Key</c>: they hold what was asked for, personal data too, so they are sealed, and go with it.</summary>
internal static class KeptAnswers
{
    private const string SealedStart = "v1:";

    internal static StoredReply Seal(this ColumnProtector protector, IdempotencyKey key, StoredReply reply) =>
        Copy(reply, protector.Seal(reply.Answer, GetPlace(key)));

    /// <summary>As it was answered; those of versions that did not seal them are read as they are.</summary>
    /// <exception cref="ProblemException">SEMANTIC_ID (422): it was erased with a customer's personal data.</exception>
    internal static StoredReply Open(this ColumnProtector protector, IdempotencyKey key, StoredReply held) => held.Answer switch
    {
        Erasure.Word => throw new ProblemException(
            ErrorClass.SemanticId, "What was answered to this key was erased with the customer's personal data, and what was asked for then is not done again; send a new key."),
        { } text when text.StartsWith(SealedStart, StringComparison.Ordinal) => Copy(held, protector.Open(text, GetPlace(key))),
        _ => held,
    };

    /// <summary>Takes the answers away that made or were about something, such as <c>/v1/contacts/{id}</c>; that the key was used is kept.</summary>
    internal static Task EraseAsync(AuditedTransaction transaction, string path) => transaction.Tx.Connection!.ExecuteAsync(
        "UPDATE idempotency_keys SET answer = @word WHERE tenant = @Tenant AND (location = @path OR path LIKE @below) AND answer IS NOT NULL",
        new { transaction.Actor.Tenant, path, below = $"{path}/%", word = Erasure.Word },
        transaction.Tx);

    private static StoredReply Copy(StoredReply reply, string? answer) => new() { Sha256 = reply.Sha256, Status = reply.Status, Location = reply.Location, Answer = answer };

    private static ColumnPlace GetPlace(IdempotencyKey key) => new("idempotency_keys", key.Tenant, $"{key.Path} {key.Key}", "answer");
}
