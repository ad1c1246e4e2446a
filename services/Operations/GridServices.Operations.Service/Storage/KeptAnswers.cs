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
    /// <exception cref="ProblemException">SEMANTIC_ID (422): it was erased with the personal data in it.</exception>
    internal static StoredReply Open(this ColumnProtector protector, IdempotencyKey key, StoredReply held) => held.Answer switch
    {
        Erasure.Word => throw new ProblemException(
            ErrorClass.SemanticId, "What was answered to this key was erased with the personal data in it, and what was asked for then is not done again; send a new key."),
        { } text when text.StartsWith(SealedStart, StringComparison.Ordinal) => Copy(held, protector.Open(text, GetPlace(key))),
        _ => held,
    };

    /// <summary>
    /// Takes the answers away that made or were about some things, such as <c>/v1/contacts/{id}</c>; that the keys were used is kept. All at once: paths below them
    /// are found by one look at all paths of the tenant.
    /// </summary>
    internal static async Task EraseAsync(AuditedTransaction transaction, params IReadOnlyCollection<string> things)
    {
        var names = things.ToHashSet(StringComparer.Ordinal);
        var used = await transaction.Tx.Connection!.QueryAsync<string>("SELECT DISTINCT path FROM idempotency_keys WHERE tenant = @Tenant", new { transaction.Actor.Tenant }, transaction.Tx);
        await EraseAsync(transaction, "location", names);
        await EraseAsync(transaction, "path", used.Where(path => IsBelow(path, names)));
    }

    private static async Task EraseAsync(AuditedTransaction transaction, string column, IEnumerable<string> values)
    {
        foreach (var some in values.Chunk(SqlNames.AtOnce))
        {
            var parameters = new DynamicParameters(new { transaction.Actor.Tenant, word = Erasure.Word });
            await transaction.Tx.Connection!.ExecuteAsync(
                $"UPDATE idempotency_keys SET answer = @word WHERE tenant = @Tenant AND {column} IN ({SqlNames.Add(parameters, "v", some)}) AND answer IS NOT NULL", parameters, transaction.Tx);
        }
    }

    private static bool IsBelow(string path, HashSet<string> things)
    {
        for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (things.Contains(path[..end]))
            {
                return true;
            }
        }

        return false;
    }

    private static StoredReply Copy(StoredReply reply, string? answer) => new() { Sha256 = reply.Sha256, Status = reply.Status, Location = reply.Location, Answer = answer };

    private static ColumnPlace GetPlace(IdempotencyKey key) => new("idempotency_keys", key.Tenant, $"{key.Path} {key.Key}", "answer");
}
