using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Readiness;

/// <summary>Runs the readiness test of an enrollment: an advisory limit of a minute through the hub, passed once the site's controller has taken it.</summary>
internal sealed class TestLimits(
    SiteStore sites, EnrollmentStore enrollments, OperationsStore operations, Outbox outbox, PublisherName publisher, HubLink link,
    ServiceCalls calls, IEnvelopeHubApi hub, IClock clock)
{
    private static readonly Duration Before = Duration.FromSeconds(5);

    /// <summary>Sends the limit; what it says is the connection's own, so that it binds nobody.</summary>
    /// <exception cref="ProblemException">409: not in test, or nothing can be sent.</exception>
    internal async Task StartAsync(AuditedTransaction transaction, Enrollment held)
    {
        if (held.State != EnrollmentState.Testing)
        {
            throw new ProblemException(ErrorClass.Conflict, "A test is run while the enrollment is in test.");
        }

        var site = await sites.FindBySiteIdAsync(transaction.Tx, held.Tenant, held.SiteId);
        if (site is null || ConnectionLimit.Compute(site).ImportW is not { } limit)
        {
            throw new ProblemException(ErrorClass.Conflict, "Nothing is known of the site's connection: a test limit needs a number that binds nobody.");
        }

        if (!string.Equals(held.Tenant, link.Tenant, StringComparison.Ordinal))
        {
            throw new ProblemException(ErrorClass.Conflict, "The hub's token here is another tenant's: no test can be sent.");
        }

        var revision = 1 + await transaction.Tx.Connection!.QuerySingleAsync<long>("SELECT COALESCE(MAX(revision), 0) FROM test_limits WHERE tenant = @Tenant AND site_id = @SiteId", new { held.Tenant, held.SiteId }, transaction.Tx);
        var envelope = TestLimit.Create(site, limit, Guid.CreateVersion7(transaction.Now.ToDateTimeOffset()), revision, transaction.Now);
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO test_limits (tenant, enrollment_id, site_id, revision, waiting, body) VALUES (@Tenant, @Id, @SiteId, @revision, 1, @body)
            ON CONFLICT (tenant, enrollment_id) DO UPDATE SET revision = excluded.revision, waiting = 1, body = excluded.body
            """,
            new { held.Tenant, held.Id, held.SiteId, revision, body = JsonSerializer.Serialize(envelope, ContractJson.Options) },
            transaction.Tx);
        await transaction.AuditAsync("enrollment", held.Id, "testStarted", null, null, siteId: held.SiteId);
        await outbox.AddAsync(transaction.Tx, [publisher.Item(held.Tenant, envelope, transaction.Now)], transaction.Now);
        transaction.AfterCommit(outbox.Wake);
    }

    /// <summary>Whether a test is waited for.</summary>
    internal Task<bool> IsWaitingAsync(string tenant, string enrollmentId, CancellationToken ct) => operations.Store.ReadAsync(
        db => db.QuerySingleAsync<bool>("SELECT COUNT(*) > 0 FROM test_limits WHERE tenant = @tenant AND enrollment_id = @enrollmentId AND waiting = 1", new { tenant, enrollmentId }), ct);

    /// <summary>Looks what the controllers said to the tests that are waited for. While the hub does not answer, nothing is decided.</summary>
    internal async Task CheckAsync(string tenant, CancellationToken ct)
    {
        var waiting = await operations.Store.ReadAsync(
            db => db.QueryAsync<(string EnrollmentId, string Body)>("SELECT enrollment_id, body FROM test_limits WHERE tenant = @tenant AND waiting = 1", new { tenant }), ct);
        foreach (var (enrollmentId, body) in waiting)
        {
            var (test, now) = (JsonSerializer.Deserialize<Envelope>(body, ContractJson.Options)!, clock.GetCurrentInstant());
            var reply = await calls.ListAsync<SiteReceipts, ReceivedReceipt>(
                ServiceName.EnvelopeHub, tenant, (token, after) => hub.ListReceiptsAsync(token, test.SiteId, Text(test.Segments[0].From - Before), Text(now + Before), after, ct), page => (page.Items, page.Next), ct);
            if (reply.IsDone && TestLimit.Evaluate(test, reply.Value!.Select(r => r.Receipt), now) is { } outcome)
            {
                await operations.WriteAsync(Actor.Job(tenant, "watch"), transaction => EndAsync(transaction, enrollmentId, test, outcome), ct);
            }
        }
    }

    private async Task EndAsync(AuditedTransaction transaction, string enrollmentId, Envelope test, ReadinessTest outcome)
    {
        var ended = await transaction.Tx.Connection!.ExecuteAsync(
            "UPDATE test_limits SET waiting = 0 WHERE tenant = @Tenant AND enrollment_id = @enrollmentId AND revision = @Revision AND waiting = 1", new { transaction.Actor.Tenant, enrollmentId, test.Revision }, transaction.Tx);
        if (ended == 1 && await enrollments.FindAsync(transaction.Tx, transaction.Actor.Tenant, enrollmentId) is { } held)
        {
            await TestStore.AddAsync(transaction, held, outcome);
        }
    }

    private static string Text(Instant at) => InstantPattern.ExtendedIso.Format(at);
}
