using Dapper;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using static GridServices.Operations.Service.Tests.Provisioning.Tries;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>Two enrollments of one site: what one of them does at the services is never done to the other.</summary>
public sealed class SharedDocumentTests
{
    private const string Ven = "/v1/vens/site-1";
    private const string OtherVen = "/v1/vens/other";
    private static readonly ProtocolIdentity OtherKey = new() { VenKey = "other" };
    private static readonly ProtocolIdentity SameKey = new() { MarketContext = "http://utility.example/second" };
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_leaves_writes_nothing_that_only_others_want()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        await parts.SitesAsync("site-1");
        var (leaving, staying) = (await EnrollAsync(parts, "site-1", null, (await MeterAsync(parts, "site-1", "M-1")).Id), await EnrollAsync(parts, "site-1", OtherKey, (await MeterAsync(parts, "site-1", "M-2")).Id));
        await ApplyAsync(parts, leaving.Id);
        await ApplyAsync(parts, staying.Id);
        Assert.Equal(4, service.Documents.Count);

        await ChangeAsync(parts, staying.Id, e => e with { Answers = e.Answers.With("levelOneKw", "55") });
        await ChangeAsync(parts, leaving.Id, e => e with { State = EnrollmentState.Ending });
        service.Received.Clear();
        await ApplyAsync(parts, leaving.Id);
        Assert.Equal([$"DELETE /v1/meters/{leaving.MeterPointIds.Single()}", $"DELETE {Ven}"], service.Received.Order(StringComparer.Ordinal));
        Assert.Equal(EnrollmentState.Ended, await StateAsync(parts, leaving.Id));
        Assert.Empty(await PathsAsync(parts, leaving.Id));

        // What the other wants is its own work.
        await ApplyAsync(parts, staying.Id);
        Assert.Contains("55000", service.Documents[OtherVen], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_one_that_leaves_wrote_of_those_that_stay_is_taken_back_on_a_refusal_and_what_goes_stays_away()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        await parts.SitesAsync("site-1");
        var (shared, own) = ((await MeterAsync(parts, "site-1", "M-1")).Id, (await MeterAsync(parts, "site-1", "M-2")).Id);
        var (staying, leaving) = (await EnrollAsync(parts, "site-1", null, shared), await EnrollAsync(parts, "site-1", SameKey, shared, own));
        await ApplyAsync(parts, staying.Id);
        await ApplyAsync(parts, leaving.Id);
        var before = service.Documents[$"/v1/meters/{shared}"];

        await ConnectionAsync(parts, 50_000);
        await ChangeAsync(parts, leaving.Id, e => e with { State = EnrollmentState.Ending });
        service.Refused.Add($"PUT {Ven}");
        service.Received.Clear();
        await ApplyAsync(parts, leaving.Id);
        Assert.Equal(EnrollmentState.Ending, await StateAsync(parts, leaving.Id));
        Assert.Equal(2, service.Received.Count(r => r == $"PUT /v1/meters/{shared}"));
        Assert.Equal(before, service.Documents[$"/v1/meters/{shared}"]);
        Assert.Equal((false, true), (service.Documents.ContainsKey($"/v1/meters/{own}"), service.Received.All(r => r != $"PUT /v1/meters/{own}")));
        Assert.Equal((null, null), ((await FindAsync(parts, Ven))!.Sent, (await FindAsync(parts, $"/v1/meters/{shared}"))!.Sent));

        service.Refused.Clear();
        await ApplyAsync(parts, leaving.Id);
        Assert.Equal(EnrollmentState.Ended, await StateAsync(parts, leaving.Id));
        Assert.DoesNotContain("second", service.Documents[Ven], StringComparison.Ordinal);
        Assert.Empty(await PathsAsync(parts, leaving.Id));
        Assert.Equal([staying.Id], await parts.Get<ServiceDocumentStore>().ListEnrollmentsAsync("default", Ven, Ct));
    }

    [Fact]
    public async Task What_is_taken_back_for_one_is_kept_for_the_other_that_wants_it()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        await parts.SitesAsync("site-1");
        var (refused, other) = (await EnrollAsync(parts, "site-1", null), await EnrollAsync(parts, "site-1", SameKey));
        service.Refused.Add($"PUT {Ven}");
        await ApplyAsync(parts, refused.Id);
        Assert.Equal(EnrollmentState.Accepted, await StateAsync(parts, refused.Id));
        Assert.Equal([other.Id], await parts.Get<ServiceDocumentStore>().ListEnrollmentsAsync("default", Ven, Ct));
        Assert.Equal((null, null), ((await FindAsync(parts, Ven))!.Seen, (await FindAsync(parts, Ven))!.Sent));

        // Nothing was left there, and nothing is: nobody changed anything by hand.
        await parts.Get<DocumentWatch>().CheckAsync("default", Ct);
        Assert.False((await FindAsync(parts, Ven))!.IsDrifted);
        service.Refused.Clear();
        await ApplyAsync(parts, other.Id);
        Assert.Equal(EnrollmentState.Testing, await StateAsync(parts, other.Id));
    }

    [Fact]
    public async Task A_document_that_was_changed_by_hand_is_shown_at_all_who_share_it()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        await parts.SitesAsync("site-1");
        var (one, other) = (await EnrollAsync(parts, "site-1", null), await EnrollAsync(parts, "site-1", SameKey));
        await ApplyAsync(parts, one.Id);
        await ApplyAsync(parts, other.Id);
        service.Documents[Ven] = service.Documents[Ven].Replace("60000", "61000", StringComparison.Ordinal);
        await ApplyAsync(parts, one.Id);
        Assert.True((await parts.Get<EnrollmentStore>().FindAsync("default", one.Id, Ct))!.Drifted);
        Assert.True((await parts.Get<EnrollmentStore>().FindAsync("default", other.Id, Ct))!.Drifted);
    }

    [Fact]
    public async Task Work_that_may_touch_one_document_is_done_one_after_the_other_also_by_way_of_enrollments_without_work()
    {
        await using var parts = await OperationsParts.MakeAsync();
        await parts.SitesAsync("site-1", "site-2", "site-3");
        var first = await EnrollAsync(parts, "site-1", new ProtocolIdentity { VenKey = "a" });
        await EnrollAsync(parts, "site-1", new ProtocolIdentity { VenKey = "b" });
        var (second, third) = (await EnrollAsync(parts, "site-2", new ProtocolIdentity { VenKey = "b" }), await EnrollAsync(parts, "site-3", null));

        // What is in an enrollment beside its keys is not read for it: one that can't be read holds up its own work alone.
        await parts.WriteAsync(transaction => transaction.Tx.Connection!.ExecuteAsync("UPDATE enrollments SET body = 'x' WHERE id = @Id", new { third.Id }, transaction.Tx));
        var groups = await parts.Get<EnrollmentGroups>().GroupAsync([Row(first), Row(third), Row(second)], Ct);
        Assert.Equal([$"{third.Id}", $"{first.Id} {second.Id}"], groups.Select(g => string.Join(' ', g.Select(r => r.EnrollmentId))));

        static WorkRow Row(Enrollment enrollment) => new() { Tenant = "default", EnrollmentId = enrollment.Id };
    }

    private static Task ConnectionAsync(OperationsParts parts, long importMaxW) => parts.WriteAsync(async transaction =>
    {
        var (handler, site) = (parts.Get<SiteHandler>(), (await parts.Get<SiteStore>().FindBySiteIdAsync(transaction.Tx, "default", "site-1"))!);
        await handler.ChangeAsync(transaction, site, handler.ToBody(site) with { Connection = site.Connection with { ImportMaxW = importMaxW } });
    });
}
