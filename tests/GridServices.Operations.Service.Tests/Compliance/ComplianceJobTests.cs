using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Compliance;

public sealed class ComplianceJobTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 7, 1, 12, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_site_whose_report_cannot_be_made_is_told_and_keeps_no_other_from_its_report()
    {
        var clock = new FakeClock(Start + Duration.FromHours(3));
        await using var parts = await OperationsParts.MakeAsync(clock);
        await parts.SitesAsync("depot-1", "depot-2", "depot-3");
        var first = await EventAsync(parts, "e1", Start - Duration.FromHours(1), "depot-1", "depot-2");
        var second = await EventAsync(parts, "e2", Start, "depot-3");

        // A zone of a newer version of the zones' list, say.
        var sites = parts.Get<SiteStore>();
        await parts.WriteAsync(async transaction =>
        {
            var site = (await sites.FindBySiteIdAsync("default", "depot-1", Ct))!;
            await transaction.UpdateAsync(sites, site, site with { TimeZone = "Europe/Nowhere" });
        });

        var told = await Assert.ThrowsAsync<AggregateException>(() => parts.Get<ComplianceJob>().RunAsync(Ct));
        Assert.Contains("openadr:vtn.example/e1 at depot-1", told.Message, StringComparison.Ordinal);
        var reports = parts.Get<ComplianceStore>();
        Assert.Equal(["depot-2"], (await reports.ListByEventAsync("default", first.Id, Ct)).Select(r => r.Head.SiteId));
        Assert.Equal(["depot-3"], (await reports.ListByEventAsync("default", second.Id, Ct)).Select(r => r.Head.SiteId));
    }

    private static async Task<HeldEvent> EventAsync(OperationsParts parts, string id, Instant from, params string[] siteIds)
    {
        var until = from + Duration.FromHours(1);
        var template = (await parts.Get<ProgramStore>().FindAsync("default", "OPENADR-PLAIN", ct: Ct))!;
        return await parts.WriteAsync(async transaction =>
        {
            var sites = new List<EventSite>();
            foreach (var siteId in siteIds)
            {
                var enrollment = await transaction.InsertAsync(parts.Get<EnrollmentStore>(), new Enrollment
                {
                    Id = transaction.NewId(),
                    Tenant = "default",
                    Created = new Stamp(transaction.Now, "ann"),
                    Updated = new Stamp(transaction.Now, "ann"),
                    Version = 1,
                    SiteId = siteId,
                    Template = new TemplateRef(template.Code, template.Version),
                    Period = new DatePeriod { From = new LocalDate(2027, 1, 1) },
                    StateSince = Start,
                    State = EnrollmentState.Active,
                });
                sites.Add(new EventSite { SiteId = siteId, Through = $"ven-{siteId}", EnrollmentId = enrollment.Id, From = from, Until = until, Revision = 0, ToldAt = from, State = SiteEventState.Held });
            }

            return (await EventStore.SaveAsync(transaction, [new Event
            {
                Tenant = "default",
                Source = $"openadr:vtn.example/{id}",
                Origin = EventOrigin.OpenAdr,
                AnnouncedAt = from,
                From = from,
                Until = until,
                Revisions = [new EventRevision { Number = 0, ToldAt = from, From = from, Until = until }],
                Sites = [.. sites],
            }])).Single();
        });
    }
}
