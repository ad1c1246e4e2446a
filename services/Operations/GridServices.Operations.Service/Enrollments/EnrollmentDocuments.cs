using System.Security.Cryptography;
using Dapper;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>Papers that belong to enrollments; their content is kept by hash.</summary>
internal sealed class EnrollmentDocuments(EnrollmentStore store, EnrollmentFactsReader facts, EnrollmentWork work, OperationsStore operations)
{
    /// <remarks><c>require</c> throws where the enrollment, as the transaction finds it, is not the one that the caller has seen.</remarks>
    internal Task<Enrollment> PutAsync(Actor actor, Enrollment held, string name, string fileName, ReadOnlyMemory<byte> content, Action<Enrollment> require, CancellationToken ct)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        return operations.WriteAsync(
            actor,
            async transaction =>
            {
                var current = await store.FindAsync(transaction.Tx, held.Tenant, held.Id) ?? held;
                require(current);
                await transaction.Tx.Connection!.ExecuteAsync(
                    "INSERT INTO enrollment_documents (tenant, enrollment_id, sha256, content) VALUES (@Tenant, @Id, @hash, @content) ON CONFLICT (tenant, enrollment_id, sha256) DO NOTHING",
                    new { held.Tenant, held.Id, hash, content = content.ToArray() },
                    transaction.Tx);
                var document = new EnrollmentDocument(name, fileName, hash, new Stamp(transaction.Now, actor.Name));
                var next = current with { Documents = current.Documents.Where(d => d.Name != name).Append(document).ToValueList() };
                next = Lifecycle.Apply(next, new LifecycleCommand(CommandKind.Evaluate), await facts.ReadAsync(transaction.Tx, next), transaction.Now).Enrollment ?? next;
                var written = await transaction.UpdateAsync(store, current, next, "documentReceived");
                await work.FollowStateAsync(transaction, current, written);
                return written;
            },
            ct);
    }

    /// <summary>Null: none of this name.</summary>
    internal async Task<(EnrollmentDocument Document, byte[] Content)?> FindAsync(Enrollment enrollment, string name, CancellationToken ct)
    {
        if (enrollment.Documents.FirstOrDefault(d => d.Name == name) is not { } document)
        {
            return null;
        }

        var content = await operations.Store.ReadAsync(
            db => db.QuerySingleAsync<byte[]>(
                "SELECT content FROM enrollment_documents WHERE tenant = @Tenant AND enrollment_id = @Id AND sha256 = @Sha256", new { enrollment.Tenant, enrollment.Id, document.Sha256 }), ct);
        return (document, content);
    }
}
