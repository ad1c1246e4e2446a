using GridServices.Hosting.Refusals;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Storage;
using static GridServices.Operations.Service.Tests.Provisioning.Tries;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>What was sent and not answered is not watched for ever as if it were on its way.</summary>
public sealed class SentWatchTests
{
    private const string Ven = "/v1/vens/site-1";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Once_no_work_is_open_it_has_arrived_or_not_and_a_change_by_hand_is_seen_again(bool hasArrived)
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await AppliedAsync(parts);
        var (before, sent) = ((await FindAsync(parts, Ven))!.Wanted, (await FindAsync(parts, Ven))!.Wanted.Replace("60000", "55000", StringComparison.Ordinal));
        await SentAsync(parts, sent);
        service.Documents[Ven] = hasArrived ? sent : before;
        await WatchAsync(parts);
        var kept = (await FindAsync(parts, Ven))!;
        Assert.Equal((false, null, hasArrived ? sent : before), (kept.IsDrifted, kept.Sent, kept.Wanted));

        service.Documents[Ven] = before.Replace("60000", "61000", StringComparison.Ordinal);
        await WatchAsync(parts);
        Assert.True((await FindAsync(parts, Ven))!.IsDrifted);
        Assert.True((await parts.Get<EnrollmentStore>().FindAsync("default", enrollment.Id, Ct))!.Drifted);
    }

    [Fact]
    public async Task While_work_is_open_that_looks_by_itself_and_only_what_is_neither_as_it_was_nor_as_it_was_sent_is_a_change_by_hand()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await AppliedAsync(parts);
        var before = (await FindAsync(parts, Ven))!.Wanted;
        var sent = before.Replace("60000", "55000", StringComparison.Ordinal);
        await parts.WriteAsync(transaction => parts.Get<EnrollmentWork>().EnqueueAsync(transaction, enrollment));
        await SentAsync(parts, sent);
        foreach (var there in new[] { before, sent })
        {
            service.Documents[Ven] = there;
            await WatchAsync(parts);
            Assert.Equal((false, sent, before), ((await FindAsync(parts, Ven))!.IsDrifted, (await FindAsync(parts, Ven))!.Sent, (await FindAsync(parts, Ven))!.Wanted));
        }

        service.Documents[Ven] = before.Replace("60000", "61000", StringComparison.Ordinal);
        await WatchAsync(parts);
        Assert.Equal((true, sent), ((await FindAsync(parts, Ven))!.IsDrifted, (await FindAsync(parts, Ven))!.Sent));
    }

    [Theory]
    [InlineData(EnrollmentState.Testing)]
    [InlineData(EnrollmentState.Accepted)]
    public async Task A_deletion_that_was_done_is_forgotten_or_written_again_by_who_wants_it_and_no_change_by_hand(EnrollmentState state)
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await AppliedAsync(parts);
        await ChangeAsync(parts, enrollment.Id, e => e with { State = state });
        await SentAsync(parts, DocumentState.Deletion);
        service.Documents.Clear();
        await WatchAsync(parts);
        await WatchAsync(parts);
        Assert.False((await parts.Get<EnrollmentStore>().FindAsync("default", enrollment.Id, Ct))!.Drifted);
        Assert.Equal(state == EnrollmentState.Testing, await FindAsync(parts, Ven) is not null);
        Assert.Equal(state == EnrollmentState.Testing, await parts.Get<EnrollmentWork>().FindAsync("default", enrollment.Id, Ct) is not null);
        await ApplyAsync(parts, enrollment.Id);
        Assert.Equal(state == EnrollmentState.Testing, service.Documents.ContainsKey(Ven));
    }

    [Fact]
    public async Task What_a_person_restored_is_ours_also_where_the_answer_was_lost()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await AppliedAsync(parts);
        var ours = service.Documents[Ven];
        service.Documents[Ven] = ours.Replace("60000", "61000", StringComparison.Ordinal);
        await WatchAsync(parts);
        service.Lost.Add($"PUT {Ven}");
        await Assert.ThrowsAsync<ProblemException>(() => parts.Get<DriftCommands>().RestoreAsync(OperationsParts.Admin, enrollment, Ct));
        Assert.Equal(ours, service.Documents[Ven]);
        Assert.NotNull((await FindAsync(parts, Ven))!.Sent);

        await WatchAsync(parts);
        Assert.Equal((false, null), ((await FindAsync(parts, Ven))!.IsDrifted, (await FindAsync(parts, Ven))!.Sent));
        Assert.False((await parts.Get<EnrollmentStore>().FindAsync("default", enrollment.Id, Ct))!.Drifted);

        // Refused, nothing is on its way.
        service.Lost.Clear();
        service.Documents[Ven] = ours.Replace("60000", "61000", StringComparison.Ordinal);
        await WatchAsync(parts);
        service.Refused.Add($"PUT {Ven}");
        await Assert.ThrowsAsync<ProblemException>(() => parts.Get<DriftCommands>().RestoreAsync(OperationsParts.Admin, enrollment, Ct));
        Assert.Equal((true, null), ((await FindAsync(parts, Ven))!.IsDrifted, (await FindAsync(parts, Ven))!.Sent));
    }

    [Fact]
    public async Task A_document_that_can_t_be_looked_at_keeps_nothing_from_the_others()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        await AppliedAsync(parts);
        await parts.WriteAsync(transaction => ServiceDocumentStore.WriteAsync(
            transaction, new ServiceDocumentRow { Tenant = "default", Service = "OfAnotherVersion", Path = "/v1/a", Wanted = "{}", Seen = "{}", WrittenAt = transaction.Now }, []));
        service.Documents[Ven] = service.Documents[Ven].Replace("60000", "61000", StringComparison.Ordinal);
        var told = await Assert.ThrowsAsync<AggregateException>(() => WatchAsync(parts));
        Assert.Contains("/v1/a", told.Message, StringComparison.Ordinal);
        Assert.True((await FindAsync(parts, Ven))!.IsDrifted);
    }

    private static async Task<Enrollment> AppliedAsync(OperationsParts parts)
    {
        var enrollment = await EnrollAsync(parts);
        await ApplyAsync(parts, enrollment.Id);
        return (await parts.Get<EnrollmentStore>().FindAsync("default", enrollment.Id, Ct))!;
    }

    /// <summary>As a try left it whose answer was lost.</summary>
    private static Task SentAsync(OperationsParts parts, string sent) => parts.WriteAsync(transaction => ServiceDocumentStore.SaveSentAsync(transaction, Ven, sent));

    private static Task WatchAsync(OperationsParts parts) => parts.Get<DocumentWatch>().CheckAsync("default", Ct);
}
