using Dapper;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Enrollments;

/// <summary>When something is to be written at the services: with each state and each content that asks for it, and only then.</summary>
public sealed class EnrollmentWorkTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 6, 10, 12, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EnrollmentState.Accepted, true)]
    [InlineData(EnrollmentState.Submitted, false)]
    public async Task A_withdrawn_one_that_was_accepted_is_applied_for_it_may_have_documents(EnrollmentState before, bool isApplied)
    {
        await using var parts = await MakeAsync();
        var held = await EnrollAsync(parts, before);
        await parts.WriteAsync(transaction => parts.Get<EnrollmentCommands>().CommandAsync(transaction, held, new LifecycleCommand(CommandKind.Withdraw, "the customer leaves")));
        Assert.Equal(isApplied, await IsWantedAsync(parts, held));
    }

    [Theory]
    [InlineData(EnrollmentState.Provisioning, EnrollmentState.Provisioning)]
    [InlineData(EnrollmentState.Testing, EnrollmentState.Ending)]
    [InlineData(EnrollmentState.Active, EnrollmentState.Ending)]
    [InlineData(EnrollmentState.Suspended, EnrollmentState.Ending)]
    [InlineData(EnrollmentState.Ending, EnrollmentState.Ending)]
    public async Task A_change_of_one_with_documents_is_applied_also_where_it_ends_it(EnrollmentState before, EnrollmentState after)
    {
        await using var parts = await MakeAsync();
        var held = await EnrollAsync(parts, before);
        var changed = await ChangeAsync(parts, held, held.Period.From.PlusDays(1));
        Assert.Equal(after, changed.State);
        Assert.True(await IsWantedAsync(parts, held));
    }

    [Fact]
    public async Task One_that_is_ended_while_a_try_is_under_way_has_not_ended_by_it()
    {
        var clock = new FakeClock(Start);
        await using var parts = await MakeAsync(clock);
        var held = await EnrollAsync(parts, EnrollmentState.Active);
        await parts.WriteAsync(transaction => parts.Get<EnrollmentWork>().EnqueueAsync(transaction, held));
        var underWay = (await parts.Get<EnrollmentWork>().FindAsync("default", held.Id, Ct))!;
        clock.Advance(Duration.FromSeconds(1));
        await parts.WriteAsync(transaction => parts.Get<EnrollmentCommands>().CommandAsync(transaction, held, new LifecycleCommand(CommandKind.End, "the customer leaves")));
        await parts.Get<ProvisioningOutcomes>().DoneAsync(underWay, Ct);
        Assert.Equal((EnrollmentState.Ending, true), ((await parts.Get<EnrollmentStore>().FindAsync("default", held.Id, Ct))!.State, await IsWantedAsync(parts, held)));
    }

    [Fact]
    public async Task One_that_can_t_be_judged_keeps_nothing_from_the_others()
    {
        var clock = new FakeClock(Start);
        await using var parts = await MakeAsync(clock);
        var broken = await EnrollAsync(parts, EnrollmentState.Active, program: "NO-SUCH");
        clock.Advance(Duration.FromSeconds(1));
        var over = await EnrollAsync(parts, EnrollmentState.Active, until: new LocalDate(2027, 6, 1));
        Assert.True(string.CompareOrdinal(broken.Id, over.Id) < 0);
        var told = await Assert.ThrowsAsync<AggregateException>(() => parts.Get<EnrollmentWatch>().CheckAsync("default", Ct));
        Assert.Contains(broken.Id, told.Message, StringComparison.Ordinal);
        Assert.Equal(EnrollmentState.Ending, (await parts.Get<EnrollmentStore>().FindAsync("default", over.Id, Ct))!.State);
    }

    [Fact]
    public async Task A_part_of_a_look_that_fails_keeps_nothing_from_the_other_parts()
    {
        await using var parts = await MakeAsync();
        var over = await EnrollAsync(parts, EnrollmentState.Active, until: new LocalDate(2027, 6, 1));
        await parts.WriteAsync(transaction => transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO opt_schedules (tenant, id, enrollment_id, body) VALUES ('default', 's1', 'e1', 'x')", transaction: transaction.Tx));
        await parts.Get<Watcher>().PassAsync("default", Ct);
        Assert.Equal(EnrollmentState.Ending, (await parts.Get<EnrollmentStore>().FindAsync("default", over.Id, Ct))!.State);
    }

    [Fact]
    public async Task A_change_while_a_try_is_under_way_is_applied_after_it_and_not_where_that_was_refused()
    {
        var clock = new FakeClock(Start);
        await using var parts = await MakeAsync(clock);
        var held = await EnrollAsync(parts, EnrollmentState.Provisioning);
        await parts.WriteAsync(transaction => parts.Get<EnrollmentWork>().EnqueueAsync(transaction, held));
        var underWay = (await parts.Get<EnrollmentWork>().FindAsync("default", held.Id, Ct))!;
        clock.Advance(Duration.FromSeconds(1));
        await ChangeAsync(parts, held, null);
        await parts.Get<ProvisioningOutcomes>().DoneAsync(underWay, Ct);
        Assert.True(await IsWantedAsync(parts, held));

        // What was done is not what is wanted now: it is led on once that is done too.
        Assert.Equal(EnrollmentState.Provisioning, (await parts.Get<EnrollmentStore>().FindAsync("default", held.Id, Ct))!.State);
        await parts.Get<ProvisioningOutcomes>().DoneAsync((await parts.Get<EnrollmentWork>().FindAsync("default", held.Id, Ct))!, Ct);
        Assert.Equal(EnrollmentState.Testing, (await parts.Get<EnrollmentStore>().FindAsync("default", held.Id, Ct))!.State);

        var refused = await EnrollAsync(parts, EnrollmentState.Provisioning);
        await parts.WriteAsync(transaction => parts.Get<EnrollmentWork>().EnqueueAsync(transaction, refused));
        underWay = (await parts.Get<EnrollmentWork>().FindAsync("default", refused.Id, Ct))!;
        clock.Advance(Duration.FromSeconds(1));
        await ChangeAsync(parts, refused, null);
        await parts.Get<ProvisioningOutcomes>().RefusedAsync(underWay, null, "OpenAdr", "no", [], Ct);
        Assert.Equal(EnrollmentState.Accepted, (await parts.Get<EnrollmentStore>().FindAsync("default", refused.Id, Ct))!.State);
        Assert.False(await IsWantedAsync(parts, refused));
    }

    [Fact]
    public async Task A_paper_that_comes_when_the_period_is_over_ends_it_at_the_services_too()
    {
        await using var parts = await MakeAsync();
        var held = await EnrollAsync(parts, EnrollmentState.Active, until: new LocalDate(2027, 6, 1));
        var after = await parts.Get<EnrollmentDocuments>().PutAsync(OperationsParts.Admin, held, "form", "form.pdf", new byte[] { 1 }, _ => { }, Ct);
        Assert.Equal(EnrollmentState.Ending, after.State);
        Assert.True(await IsWantedAsync(parts, held));
    }

    [Fact]
    public async Task One_that_ends_and_that_no_row_speaks_of_is_taken_up_again_within_the_hour()
    {
        await using var parts = await MakeAsync();
        var (ending, withdrawn, without) = (await EnrollAsync(parts, EnrollmentState.Ending), await EnrollAsync(parts, EnrollmentState.Withdrawn), await EnrollAsync(parts, EnrollmentState.Withdrawn));
        await parts.WriteAsync(transaction => ServiceDocumentStore.WriteAsync(
            transaction, new ServiceDocumentRow { Tenant = "default", Service = "OpenAdr", Path = "/v1/vens/site-1", Wanted = "{}", Seen = "{}", WrittenAt = transaction.Now }, [withdrawn.Id]));
        await parts.Get<DeadlineJob>().RunAsync(Ct);
        Assert.Equal((true, true, false), (await IsWantedAsync(parts, ending), await IsWantedAsync(parts, withdrawn), await IsWantedAsync(parts, without)));
    }

    [Fact]
    public async Task A_change_of_the_site_its_meters_or_assets_is_applied_where_they_are_named()
    {
        await using var parts = await MakeAsync();
        var (meters, assets, sites) = (parts.Get<MeterPointHandler>(), parts.Get<AssetHandler>(), parts.Get<SiteHandler>());
        var meter = await parts.WriteAsync(transaction => meters.CreateAsync(
            transaction, new MeterPointBody { SiteId = "site-1", Kind = MeterKind.Utility, Scheme = IdentifierScheme.Other, Identifier = "M-1", TariffId = "t1" }));
        var asset = await parts.WriteAsync(transaction => assets.CreateAsync(transaction, new AssetBody { SiteId = "site-1", Kind = AssetKind.Ess, Name = "Battery", RatedW = 5000 }));
        var (active, accepted) = (await EnrollAsync(parts, EnrollmentState.Active, meter, asset), await EnrollAsync(parts, EnrollmentState.Accepted, meter, asset));
        var other = await EnrollAsync(parts, EnrollmentState.Active);

        await parts.WriteAsync(transaction => meters.ChangeAsync(transaction, meter, meters.ToBody(meter) with { TariffId = null }));
        Assert.True(await TakeAsync(parts, active));
        await parts.WriteAsync(transaction => assets.ChangeAsync(transaction, asset, assets.ToBody(asset) with { RatedW = 6000 }));
        Assert.True(await TakeAsync(parts, active));
        Assert.False(await IsWantedAsync(parts, other));

        var site = (await parts.Get<SiteStore>().FindBySiteIdAsync("default", "site-1", Ct))!;
        site = await parts.WriteAsync(transaction => sites.ChangeAsync(transaction, site, sites.ToBody(site) with { Tags = ["west"] }));
        Assert.False(await IsWantedAsync(parts, active));
        await parts.WriteAsync(transaction => sites.ChangeAsync(transaction, site, sites.ToBody(site) with { CriticalLoadW = 5000 }));
        Assert.Equal((true, true, false), (await TakeAsync(parts, active), await TakeAsync(parts, other), await IsWantedAsync(parts, accepted)));
    }

    [Fact]
    public async Task A_limit_of_the_connection_that_a_person_confirms_is_applied_where_documents_are_made_of_it()
    {
        await using var parts = await MakeAsync();
        var (sites, active) = (parts.Get<SiteStore>(), await EnrollAsync(parts, EnrollmentState.Active));
        var site = (await sites.FindBySiteIdAsync("default", "site-1", Ct))!;
        var confirmed = await parts.WriteAsync(transaction => parts.Get<ConnectionCommands>().ConfirmAsync(transaction, site, 0));
        Assert.False(await IsWantedAsync(parts, active));

        var held = await parts.WriteAsync(transaction => transaction.UpdateAsync(sites, confirmed, confirmed with { HeldConnection = confirmed.Connection with { ImportMaxW = 40_000 } }, "changed"));
        confirmed = await parts.WriteAsync(transaction => parts.Get<ConnectionCommands>().ConfirmAsync(transaction, held, 0));
        Assert.Null(confirmed.HeldConnection);
        Assert.True(await IsWantedAsync(parts, active));
    }

    [Fact]
    public async Task A_nomination_is_applied_when_it_is_handed_in_and_when_its_day_comes()
    {
        var clock = new FakeClock(Start);
        await using var parts = await MakeAsync(clock);
        var (enrollment, handler) = (await EnrollAsync(parts, EnrollmentState.Active, program: "PGE-ELRP-A2"), parts.Get<NominationHandler>());
        var draft = await parts.WriteAsync(transaction => handler.CreateAsync(transaction, new NominationBody { EnrollmentId = enrollment.Id, DeliveryPeriod = "2028-05", Kw = 500 }));
        Assert.False(await IsWantedAsync(parts, enrollment));
        await parts.WriteAsync(transaction => handler.SubmitAsync(transaction, draft));
        Assert.True(await TakeAsync(parts, enrollment));

        // Each day once, for the job runs every hour.
        await parts.Get<DeadlineJob>().RunAsync(Ct);
        Assert.True(await TakeAsync(parts, enrollment));
        await parts.Get<DeadlineJob>().RunAsync(Ct);
        Assert.False(await IsWantedAsync(parts, enrollment));
        clock.Advance(Duration.FromDays(1));
        await parts.Get<DeadlineJob>().RunAsync(Ct);
        Assert.True(await IsWantedAsync(parts, enrollment));
    }

    private static async Task<OperationsParts> MakeAsync(FakeClock? clock = null)
    {
        var parts = await OperationsParts.MakeAsync(clock ?? new FakeClock(Start));
        await parts.SitesAsync("site-1");
        return parts;
    }

    private static async Task<bool> IsWantedAsync(OperationsParts parts, Enrollment enrollment) => await parts.Get<EnrollmentWork>().FindAsync("default", enrollment.Id, Ct) is not null;

    /// <summary>Whether it is wanted; afterwards it is not any more.</summary>
    private static async Task<bool> TakeAsync(OperationsParts parts, Enrollment enrollment)
    {
        if (await parts.Get<EnrollmentWork>().FindAsync("default", enrollment.Id, Ct) is not { } row)
        {
            return false;
        }

        await parts.WriteAsync(transaction => EnrollmentWork.CompleteAsync(transaction, row));
        return true;
    }

    private static Task<Enrollment> ChangeAsync(OperationsParts parts, Enrollment held, LocalDate? until)
    {
        var handler = parts.Get<EnrollmentHandler>();
        return parts.WriteAsync(transaction => handler.ChangeAsync(transaction, held, handler.ToBody(held) with { Period = held.Period with { Until = until }, UtilityReference = "U-2" }));
    }

    private static Task<Enrollment> EnrollAsync(OperationsParts parts, EnrollmentState state, MeterPoint? meter = null, Asset? asset = null, LocalDate? until = null, string? program = null) =>
        parts.WriteAsync(async transaction => await transaction.InsertAsync(parts.Get<EnrollmentStore>(), new Enrollment
        {
            Id = transaction.NewId(),
            Tenant = "default",
            Created = new Stamp(transaction.Now, "ann"),
            Updated = new Stamp(transaction.Now, "ann"),
            Version = 1,
            SiteId = "site-1",
            Template = program is null ? new TemplateRef("OPENADR-PLAIN", 2) : new TemplateRef(program, 1),
            Period = new DatePeriod { From = new LocalDate(2027, 1, 1), Until = until },
            StateSince = transaction.Now,
            State = state,
            MeterPointIds = meter is null ? [] : [meter.Id],
            AssetIds = asset is null ? [] : [asset.Id],
        }));
}
