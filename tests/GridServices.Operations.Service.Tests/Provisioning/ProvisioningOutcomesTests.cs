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
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(row, Plan(first, second), [new WrittenStep(step, Wanted.Json, "\"2\"")], Ct);

        var document = await parts.Get<ServiceDocumentStore>().FindAsync("default", Wanted.Path, Ct);
        Assert.Equal((false, "\"2\""), (document!.IsDrifted, document.ETag));
        Assert.False((await parts.Get<EnrollmentStore>().FindAsync("default", first.Id, Ct))!.Drifted);

        // The other one has a document that still differs.
        Assert.True((await parts.Get<EnrollmentStore>().FindAsync("default", second.Id, Ct))!.Drifted);

        // Until that is deleted.
        var gone = new PlanStep(new ServiceRequest(Wanted.Service, "DELETE", "/v1/vens/another", null), null, null);
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(row with { EnrollmentId = second.Id }, Plan(second), [new WrittenStep(gone, null, null)], Ct);
        Assert.False((await parts.Get<EnrollmentStore>().FindAsync("default", second.Id, Ct))!.Drifted);
    }

    [Fact]
    public async Task What_is_found_in_its_place_is_kept_as_written_where_the_answer_to_our_own_write_was_lost()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("site-1");
        var enrollment = await DriftedAsync(parts, "/v1/vens/another");
        var planned = Plan(enrollment);
        planned.Add(Wanted.Path, Wanted.Service, Wanted, null, """{"a":1,"default":2}""", "\"7\"");
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(new WorkRow { Tenant = "default", EnrollmentId = enrollment.Id }, planned, [], Ct);

        var kept = await parts.Get<ServiceDocumentStore>().FindAsync("default", Wanted.Path, Ct);
        Assert.Equal((Wanted.Json, """{"a":1,"default":2}""", "\"7\"", false), (kept!.Wanted, kept.Seen, kept.ETag, kept.IsDrifted));
        Assert.Contains(Wanted.Path, (await parts.Get<ServiceDocumentStore>().ListByEnrollmentAsync("default", enrollment.Id, Ct)).Select(d => d.Path));

        // Another enrollment that wants the same has a part in it from then on, though nothing is written.
        var second = await DriftedAsync(parts, "/v1/vens/third");
        var again = Plan(enrollment, second);
        again.Add(Wanted.Path, Wanted.Service, Wanted, kept, """{"a":1,"default":2}""", "\"7\"");
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(new WorkRow { Tenant = "default", EnrollmentId = second.Id }, again, [], Ct);
        Assert.Equal(new[] { enrollment.Id, second.Id }.Order(StringComparer.Ordinal), await parts.Get<ServiceDocumentStore>().ListEnrollmentsAsync("default", Wanted.Path, Ct));
    }

    [Fact]
    public async Task What_is_found_in_its_place_is_kept_also_where_another_document_is_refused_or_differs_or_its_service_is_away()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("site-1");
        var outcomes = parts.Get<ProvisioningOutcomes>();
        foreach (var way in new[] { "refused", "drifted", "away" })
        {
            var enrollment = await DriftedAsync(parts, $"/v1/vens/gone-{way}");
            var row = new WorkRow { Tenant = "default", EnrollmentId = enrollment.Id };
            var (mine, planned) = (Wanted with { Path = $"/v1/vens/{way}" }, Plan(enrollment) with { Away = "OpenAdr is away" });
            planned.Add(mine.Path, mine.Service, mine, null, mine.Json, "\"7\"");
            planned.Add($"/v1/vens/gone-{way}", mine.Service, null, await parts.Get<ServiceDocumentStore>().FindAsync("default", $"/v1/vens/gone-{way}", Ct), null, null);
            var other = Wanted with { Path = $"/v1/vens/other-{way}" };
            planned.Add(other.Path, other.Service, other, null, """{"a":9}""", "\"8\"");
            await (way switch
            {
                "refused" => outcomes.RefusedAsync(row, planned, "OpenAdr", "no", [], Ct),
                "drifted" => outcomes.DriftedAsync(row, planned, Ct),
                _ => outcomes.WaitForServiceAsync(row, planned, Ct),
            });

            var kept = await parts.Get<ServiceDocumentStore>().ListByEnrollmentAsync("default", enrollment.Id, Ct);
            string[] expected = way == "drifted" ? [mine.Path, other.Path] : [mine.Path];
            Assert.Equal(expected, kept.Select(d => d.Path).Order(StringComparer.Ordinal)); // "drifted" stands before "other-drifted"
            Assert.Equal("\"7\"", kept.Single(d => d.Path == mine.Path).ETag);
        }
    }

    [Fact]
    public async Task Somebody_else_s_document_that_was_shown_is_forgotten_and_not_deleted_once_it_is_not_wanted()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("site-1");
        var enrollment = await DriftedAsync(parts);
        var (row, shown) = (new WorkRow { Tenant = "default", EnrollmentId = enrollment.Id }, Plan(enrollment));
        shown.Add(Wanted.Path, Wanted.Service, Wanted, null, """{"a":2}""", "\"1\"");
        await parts.Get<ProvisioningOutcomes>().DriftedAsync(row, shown, Ct);
        var held = await parts.Get<ServiceDocumentStore>().FindAsync("default", Wanted.Path, Ct);
        Assert.True(held!.IsDrifted);

        var unwanted = Plan(enrollment);
        unwanted.Add(Wanted.Path, Wanted.Service, null, held, """{"a":2}""", "\"1\"");
        Assert.Empty(unwanted.Plan().Steps);
        await parts.Get<ProvisioningOutcomes>().WrittenAsync(row, unwanted, [], Ct);
        Assert.Null(await parts.Get<ServiceDocumentStore>().FindAsync("default", Wanted.Path, Ct));
        Assert.False((await parts.Get<EnrollmentStore>().FindAsync("default", enrollment.Id, Ct))!.Drifted);
    }

    [Theory]
    [InlineData(EnrollmentState.Ending, true)]
    [InlineData(EnrollmentState.Suspended, true)]
    [InlineData(EnrollmentState.Provisioning, false)]
    public async Task What_is_refused_while_an_enrollment_goes_is_tried_again(EnrollmentState state, bool isTriedAgain)
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("site-1");
        var enrollment = await DriftedAsync(parts);
        await parts.WriteAsync(async transaction =>
        {
            var held = await transaction.UpdateAsync(parts.Get<EnrollmentStore>(), enrollment, enrollment with { State = state }, "changed");
            await parts.Get<EnrollmentWork>().EnqueueAsync(transaction, held);
        });
        var row = await parts.Get<EnrollmentWork>().FindAsync("default", enrollment.Id, Ct);
        await parts.Get<ProvisioningOutcomes>().RefusedAsync(row!, Plan(enrollment), "OpenAdr", "its certificate is gone", [], Ct);

        var again = await parts.Get<EnrollmentWork>().FindAsync("default", enrollment.Id, Ct);
        Assert.Equal(isTriedAgain ? "OpenAdr: its certificate is gone" : null, again?.Problem);
        Assert.Equal(isTriedAgain, again is not null && again.DueAt > row!.DueAt);
        Assert.Equal(isTriedAgain ? state : EnrollmentState.Accepted, (await parts.Get<EnrollmentStore>().FindAsync("default", enrollment.Id, Ct))!.State);
    }

    /// <summary>As if each had a part in every document, while it wants documents.</summary>
    private static PlannedWork Plan(params Enrollment[] group)
    {
        var paths = new[] { Wanted.Path, "/v1/vens/refused", "/v1/vens/drifted", "/v1/vens/away" }.ToHashSet(StringComparer.Ordinal);
        return new PlannedWork(group, new ProvisioningOutcome([], [])
        {
            Paths = group.ToDictionary(e => e.Id, IReadOnlySet<string> (_) => paths, StringComparer.Ordinal),
            Provisioned = group.Where(e => ProvisionSource.IsProvisionedIn(e.State)).Select(e => e.Id).ToHashSet(StringComparer.Ordinal),
            Blocked = new HashSet<string>(),
        });
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
