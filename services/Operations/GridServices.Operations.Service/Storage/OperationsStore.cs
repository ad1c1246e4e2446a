using System.Data;
using System.Data.Common;
using Dapper;
using GridServices.Hosting;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Operations.Audit;
using NodaTime;

namespace GridServices.Operations.Service.Storage;

/// <summary>
/// The one way in which this service writes: a transaction that first locks the tenant, so that what it then reads stays as it is (unique meter points,
/// exclusive programs, the audit chain), and that tells its changes once it is committed.
/// </summary>
internal sealed partial class OperationsStore(Store store, ChangeFeed feed, IClock clock, ILogger<OperationsStore> logger)
{
    internal Store Store => store;

    /// <exception cref="ProblemException">As <paramref name="work"/> throws it; nothing was written.</exception>
    internal async Task<T> WriteAsync<T>(Actor actor, Func<AuditedTransaction, Task<T>> work, CancellationToken ct = default)
    {
        AuditedTransaction? done = null;
        var result = await store.WriteAsync(
            async tx =>
            {
                var head = await LockAsync(tx, actor.Tenant);
                var transaction = new AuditedTransaction(tx, actor, clock.GetCurrentInstant(), head);
                var answer = await DoAsync(transaction, work);
                if (transaction.Head != head)
                {
                    await tx.Connection!.ExecuteAsync(
                        "UPDATE tenant_heads SET audit_seq = @Sequence, audit_hash = @Hash WHERE tenant = @Tenant", new { transaction.Head.Sequence, transaction.Head.Hash, transaction.Head.Tenant }, tx);
                }

                CrashPoint.Hit("operations.commit");
                done = transaction;
                return answer;
            },
            IsolationLevel.ReadCommitted,
            ct);
        done!.After.ForEach(Run);
        feed.Publish(done.Changes);
        return result;
    }

    private async Task<T> DoAsync<T>(AuditedTransaction transaction, Func<AuditedTransaction, Task<T>> work)
    {
        try
        {
            return await work(transaction);
        }
        catch
        {
            transaction.Failed.ForEach(Run);
            throw;
        }
    }

    internal Task WriteAsync(Actor actor, Func<AuditedTransaction, Task> work, CancellationToken ct = default) => WriteAsync(
        actor,
        async transaction =>
        {
            await work(transaction);
            return true;
        },
        ct);

    /// <summary>What is committed is done: what fails afterwards takes nothing back, and keeps nothing else from being done and told.</summary>
    private void Run(Action action)
    {
        try
        {
            action();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogAfterFailed(logger, fault);
        }
    }

    [LoggerMessage(EventIds.AfterCommitFailed, LogLevel.Error,
        "What is done after a change was committed, or after it failed, could not be done; for what follows a commit the jobs make up")]
    private static partial void LogAfterFailed(ILogger logger, Exception fault);

    /// <summary>The update takes the row's lock on PostgreSQL; a SQLite file has one writer anyway.</summary>
    private static async Task<AuditHead> LockAsync(DbTransaction tx, string tenant)
    {
        var start = AuditChain.Start(tenant);
        await tx.Connection!.ExecuteAsync(
            "INSERT INTO tenant_heads (tenant, audit_seq, audit_hash) VALUES (@tenant, 0, @Hash) ON CONFLICT (tenant) DO UPDATE SET audit_seq = tenant_heads.audit_seq",
            new { tenant, start.Hash },
            tx);
        var (sequence, hash) = await tx.Connection!.QuerySingleAsync<(long, string)>("SELECT audit_seq, audit_hash FROM tenant_heads WHERE tenant = @tenant", new { tenant }, tx);
        return new AuditHead(tenant, sequence, hash);
    }
}
