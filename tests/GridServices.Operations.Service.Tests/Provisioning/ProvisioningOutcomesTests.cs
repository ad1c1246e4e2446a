using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Provisioning;

public sealed class ProvisioningOutcomesTests
{
    private static readonly WantedDocument Wanted = new(ProvisionedService.OpenAdr, "/v1/vens/site-1", """{"a":1}""", []);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_difference_that_was_noted_while_the_document_was_on_its_way_goes_with_it()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("site-1");
        var (first, second) = (await DriftedAsync(parts, Wanted.Path), await DriftedAsync(parts, Wanted.Path, "/v1/vens/another"));
        var row = new WorkRow { Tenant = "default", EnrollmentId = first.Id };
        var step = new PlanStep(new ServiceRequest(Wanted.Service, "PUT", Wanted.Path, Wanted.Json), null, Wanted);
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(row, new PlannedWork([first, second]), [(step, Wanted.Json, "\"2\"")], Ct);

        var document = await parts.Get<ServiceDocumentStore>().FindAsync("default", Wanted.Path, Ct);
        Assert.Equal((false, "\"2\""), (document!.IsDrifted, document.ETag));
        Assert.False((await parts.Get<EnrollmentStore>().FindAsync("default", first.Id, Ct))!.Drifted);

        // The other one has a document that still differs.
        Assert.True((await parts.Get<EnrollmentStore>().FindAsync("default", second.Id, Ct))!.Drifted);

        // Until that is deleted.
        var gone = new PlanStep(new ServiceRequest(Wanted.Service, "DELETE", "/v1/vens/another", null), null, null);
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(row with { EnrollmentId = second.Id }, new PlannedWork([second]), [(gone, null, null)], Ct);
        Assert.False((await parts.Get<EnrollmentStore>().FindAsync("default", second.Id, Ct))!.Drifted);
    }

    [Fact]
    public async Task What_is_found_in_its_place_is_kept_as_written_where_the_answer_to_our_own_write_was_lost()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("site-1");
        var enrollment = await DriftedAsync(parts, "/v1/vens/another");
        var planned = new PlannedWork([enrollment]);
        planned.Judge(Wanted.Path, Wanted.Service, Wanted, null, """{"a":1,"default":2}""", "\"7\"");
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(new WorkRow { Tenant = "default", EnrollmentId = enrollment.Id }, planned, [], Ct);

        var kept = await parts.Get<ServiceDocumentStore>().FindAsync("default", Wanted.Path, Ct);
        Assert.Equal((Wanted.Json, """{"a":1,"default":2}""", "\"7\"", false), (kept!.Wanted, kept.Seen, kept.ETag, kept.IsDrifted));
        Assert.Contains(Wanted.Path, (await parts.Get<ServiceDocumentStore>().ListByEnrollmentAsync("default", enrollment.Id, Ct)).Select(d => d.Path));

        // Another enrollment that wants the same has a part in it from then on, though nothing is written.
        var second = await DriftedAsync(parts, "/v1/vens/third");
        var again = new PlannedWork([enrollment, second]);
        again.Judge(Wanted.Path, Wanted.Service, Wanted, kept, """{"a":1,"default":2}""", "\"7\"");
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(new WorkRow { Tenant = "default", EnrollmentId = second.Id }, again, [], Ct);
        Assert.Equal(new[] { enrollment.Id, second.Id }.Order(StringComparer.Ordinal), await parts.Get<ServiceDocumentStore>().ListEnrollmentsAsync("default", Wanted.Path, Ct));
    }

    private static Task<Enrollment> DriftedAsync(OperationsParts parts, params string[] paths) => parts.WriteAsync(async transaction =>
    {
        var enrollment = await transaction.InsertAsync(parts.Get<EnrollmentStore>(), new Enrollment
        {
            Id = transaction.NewId(),
            Tenant = "default",
            Created = new Stamp(transaction.Now, "ann"),
            Updated = new Stamp(transaction.Now, "ann"),
            Version = 1,
            SiteId = "site-1",
            Template = new TemplateRef("OPENADR-PLAIN", 2),
            Period = new DatePeriod { From = new LocalDate(2027, 1, 1) },
            StateSince = transaction.Now,
            State = EnrollmentState.Provisioning,
            Drifted = true,
            Attention = true,
        });
        foreach (var path in paths)
        {
            await ServiceDocumentStore.WriteAsync(
                transaction,
                new ServiceDocumentRow { Tenant = "default", Service = nameof(ProvisionedService.OpenAdr), Path = path, Wanted = Wanted.Json, Seen = Wanted.Json, ETag = "\"1\"", WrittenAt = transaction.Now, Found = """{"a":2}""", FoundAt = transaction.Now },
                [enrollment.Id]);
        }

        return enrollment;
    });
}
