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

        var document = await parts.Get<ServiceDocumentStore>().OneAsync("default", Wanted.Path, Ct);
        Assert.Equal((false, "\"2\""), (document!.IsDrifted, document.ETag));
        Assert.False((await parts.Get<EnrollmentStore>().OneAsync("default", first.Id, Ct))!.Drifted);

        // The other one has a document that still differs.
        Assert.True((await parts.Get<EnrollmentStore>().OneAsync("default", second.Id, Ct))!.Drifted);

        // Until that is deleted.
        var gone = new PlanStep(new ServiceRequest(Wanted.Service, "DELETE", "/v1/vens/another", null), null, null);
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(row with { EnrollmentId = second.Id }, new PlannedWork([second]), [(gone, null, null)], Ct);
        Assert.False((await parts.Get<EnrollmentStore>().OneAsync("default", second.Id, Ct))!.Drifted);
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
