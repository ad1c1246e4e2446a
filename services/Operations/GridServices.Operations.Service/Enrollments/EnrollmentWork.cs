using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>
/// Which enrollments have something to be written at the services: a row per enrollment, added in the transaction that makes it so, and removed once it is
/// done. A service that is away leaves the row for later; nothing is lost by a restart.
/// </summary>
internal sealed class EnrollmentWork(Store store, WorkSignal signal)
{
    private static readonly Backoff Pauses = new(Duration.FromSeconds(2), Duration.FromMinutes(2), Spread: 0);

    /// <summary>The one rule of what a new state asks for; who writes a state calls this in the same transaction. What was refused before is then an old story.</summary>
    internal async Task FollowStateAsync(AuditedTransaction transaction, Enrollment before, Enrollment after)
    {
        if (IsToBeApplied(before.State, after.State))
        {
            await transaction.Tx.Connection!.ExecuteAsync("DELETE FROM enrollment_refusals WHERE tenant = @Tenant AND enrollment_id = @Id", new { after.Tenant, after.Id }, transaction.Tx);
            await EnqueueAsync(transaction, after);
        }
        else if ((before.State, after.State) is (EnrollmentState.Provisioning, EnrollmentState.Accepted))
        {
            // What was wanted again in the meantime would now be taken away: a person reads the refusal, and provisions anew.
            await transaction.Tx.Connection!.ExecuteAsync("DELETE FROM enrollment_work WHERE tenant = @Tenant AND enrollment_id = @Id", new { after.Tenant, after.Id }, transaction.Tx);
        }
    }

    /// <summary>Something that the documents are made of is different: applied where there are documents, also where a try is under way, which read it as it was.</summary>
    internal async Task FollowContentAsync(AuditedTransaction transaction, IEnumerable<Enrollment> changed)
    {
        foreach (var enrollment in changed.Where(e => e.State == EnrollmentState.Ending || ProvisionSource.IsProvisionedIn(e.State)))
        {
            await EnqueueAsync(transaction, enrollment);
        }
    }

    /// <summary>Accepted ones may have documents of an earlier try. While suspended the documents are others than before and after.</summary>
    private static bool IsToBeApplied(EnrollmentState before, EnrollmentState after) => before != after && (before, after) switch
    {
        (_, EnrollmentState.Provisioning or EnrollmentState.Ending or EnrollmentState.Suspended) => true,
        (EnrollmentState.Suspended, _) or (EnrollmentState.Accepted, EnrollmentState.Withdrawn) => true,
        _ => false,
    };

    internal async Task EnqueueAsync(AuditedTransaction transaction, Enrollment enrollment)
    {
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO enrollment_work (tenant, enrollment_id, wanted_at, due_at, tries, problem) VALUES (@Tenant, @Id, @Now, @Now, 0, NULL)
            ON CONFLICT (tenant, enrollment_id) DO UPDATE SET wanted_at = excluded.wanted_at, due_at = excluded.due_at, tries = 0, problem = NULL
            """,
            new { enrollment.Tenant, enrollment.Id, transaction.Now },
            transaction.Tx);
        transaction.AfterCommit(signal.Wake);
    }

    /// <summary>
    /// Those that end, or want nothing and have a part in documents still, and that no row speaks of: their last try was refused, or an older version forgot them.
    /// Accepted ones keep what they have until a person applies them again, or withdraws.
    /// </summary>
    internal async Task EnqueueForgottenAsync(AuditedTransaction transaction)
    {
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO enrollment_work (tenant, enrollment_id, wanted_at, due_at, tries, problem)
            SELECT e.tenant, e.id, @Now, @Now, 0, NULL FROM enrollments e
            WHERE e.tenant = @Tenant AND (e.state = 'ending' OR e.state NOT IN ('accepted', 'provisioning', 'testing', 'active', 'suspended', 'ended') AND EXISTS (
                SELECT 1 FROM document_enrollments d WHERE d.tenant = e.tenant AND d.enrollment_id = e.id))
            ON CONFLICT (tenant, enrollment_id) DO NOTHING
            """,
            new { transaction.Actor.Tenant, transaction.Now },
            transaction.Tx);
        transaction.AfterCommit(signal.Wake);
    }

    /// <summary>Whether something is to be written at the services for the enrollment.</summary>
    internal static async Task<bool> IsWantedAsync(AuditedTransaction transaction, string enrollmentId) => await transaction.Tx.Connection!.ExecuteScalarAsync<long>(
        "SELECT COUNT(*) FROM enrollment_work WHERE tenant = @Tenant AND enrollment_id = @enrollmentId", new { transaction.Actor.Tenant, enrollmentId }, transaction.Tx) > 0;

    /// <summary>Whether something is to be written at the services for the enrollment, or something of it is kept there.</summary>
    internal static async Task<bool> IsAtServicesAsync(AuditedTransaction transaction, string enrollmentId) =>
        await IsWantedAsync(transaction, enrollmentId) || await transaction.Tx.Connection!.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM document_enrollments WHERE tenant = @Tenant AND enrollment_id = @enrollmentId", new { transaction.Actor.Tenant, enrollmentId }, transaction.Tx) > 0;

    internal Task<IReadOnlyList<WorkRow>> ListDueAsync(Instant now, int most, CancellationToken ct) => store.ReadAsync<IReadOnlyList<WorkRow>>(
        async db => [.. await db.QueryAsync<WorkRow>(
            """
            SELECT tenant AS Tenant, enrollment_id AS EnrollmentId, wanted_at AS WantedAt, due_at AS DueAt, tries AS Tries, problem AS Problem FROM enrollment_work
            WHERE due_at <= @now ORDER BY due_at LIMIT @most
            """,
            new { now, most = (long)most })],
        ct);

    internal Task<WorkRow?> FindAsync(string tenant, string enrollmentId, CancellationToken ct = default) => store.ReadAsync(
        db => db.QuerySingleOrDefaultAsync<WorkRow?>(
            "SELECT tenant AS Tenant, enrollment_id AS EnrollmentId, wanted_at AS WantedAt, due_at AS DueAt, tries AS Tries, problem AS Problem FROM enrollment_work WHERE tenant = @tenant AND enrollment_id = @enrollmentId",
            new { tenant, enrollmentId }),
        ct);

    /// <summary>Done, unless it was wanted again in the meantime.</summary>
    internal static Task CompleteAsync(AuditedTransaction transaction, WorkRow row) => transaction.Tx.Connection!.ExecuteAsync(
        "DELETE FROM enrollment_work WHERE tenant = @Tenant AND enrollment_id = @EnrollmentId AND wanted_at = @WantedAt", new { row.Tenant, row.EnrollmentId, row.WantedAt }, transaction.Tx);

    /// <summary>Not now: tried again later, each time after a longer pause.</summary>
    internal Task DelayAsync(WorkRow row, string problem, Instant now, CancellationToken ct)
    {
        var pause = Pauses.After((int)Math.Min(row.Tries, 100) + 1);
        return store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                "UPDATE enrollment_work SET due_at = @due, tries = tries + 1, problem = @problem WHERE tenant = @Tenant AND enrollment_id = @EnrollmentId AND wanted_at = @WantedAt",
                new { due = now + pause, problem, row.Tenant, row.EnrollmentId, row.WantedAt },
                tx),
            ct);
    }
}

/// <summary>Something to be written at the services.</summary>
internal sealed record WorkRow
{
    public string Tenant { get; init; } = string.Empty;
    public string EnrollmentId { get; init; } = string.Empty;
    public Instant WantedAt { get; init; }
    public Instant DueAt { get; init; }
    public long Tries { get; init; }

    /// <summary>Why the last try did not do it.</summary>
    public string? Problem { get; init; }
}

/// <summary>Wakes who waits for work.</summary>
internal sealed class WorkSignal : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0, 1);

    internal void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already awake.
        }
    }

    /// <summary>Until there may be work, at most so long.</summary>
    internal async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(_wake.WaitAsync(over.Token), Task.Delay(atMost, time, over.Token));
        await over.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    public void Dispose() => _wake.Dispose();
}
