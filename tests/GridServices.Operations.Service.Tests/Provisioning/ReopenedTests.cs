using GridServices.Hosting.Refusals;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using static GridServices.Operations.Service.Tests.Provisioning.Tries;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>An enrollment that was withdrawn and opened again has nothing left at the services before it can be deleted.</summary>
public sealed class ReopenedTests
{
    private const string Ven = "/v1/vens/site-1";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_not_deleted_while_something_of_it_is_at_the_services_and_that_goes_however_often_it_is_refused()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await EnrollAsync(parts);
        await ApplyAsync(parts, enrollment.Id);
        service.Refused.Add($"DELETE {Ven}");
        var accepted = await ChangeAsync(parts, enrollment.Id, e => e with { State = EnrollmentState.Accepted });
        var withdrawn = await CommandAsync(parts, accepted, new LifecycleCommand(CommandKind.Withdraw, "the customer leaves"));
        var draft = await CommandAsync(parts, withdrawn, new LifecycleCommand(CommandKind.Reopen));
        Assert.Contains(draft.State, new[] { EnrollmentState.Draft, EnrollmentState.Incomplete, EnrollmentState.ReadyToSubmit });
        await Assert.ThrowsAsync<ProblemException>(() => DeleteAsync(parts, draft));

        // Refused while it is a draft: it is not forgotten, nor where no work speaks of it any more.
        await ApplyAsync(parts, enrollment.Id);
        var work = await parts.Get<EnrollmentWork>().FindAsync("default", enrollment.Id, Ct);
        Assert.Equal("OpenAdr: no", work?.Problem);
        await parts.WriteAsync(transaction => EnrollmentWork.CompleteAsync(transaction, work!));
        await Assert.ThrowsAsync<ProblemException>(() => DeleteAsync(parts, draft));
        await parts.Get<DeadlineJob>().RunAsync(Ct);
        Assert.NotNull(await parts.Get<EnrollmentWork>().FindAsync("default", enrollment.Id, Ct));

        service.Refused.Clear();
        await ApplyAsync(parts, enrollment.Id);
        Assert.Empty(service.Documents);
        await DeleteAsync(parts, (await parts.Get<EnrollmentStore>().FindAsync("default", enrollment.Id, Ct))!);
        Assert.Null(await parts.Get<EnrollmentStore>().FindAsync("default", enrollment.Id, Ct));
    }

    [Fact]
    public async Task Its_part_in_what_others_keep_goes_too()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        await parts.SitesAsync("site-1");
        var (staying, leaving) = (await EnrollAsync(parts, "site-1", null), await EnrollAsync(parts, "site-1", new ProtocolIdentity { MarketContext = "http://utility.example/second" }));
        await ApplyAsync(parts, staying.Id);
        await ApplyAsync(parts, leaving.Id);
        var draft = await ChangeAsync(parts, leaving.Id, e => e with { State = EnrollmentState.Draft });
        await Assert.ThrowsAsync<ProblemException>(() => DeleteAsync(parts, draft));
        await parts.WriteAsync(parts.Get<EnrollmentWork>().EnqueueForgottenAsync);
        await ApplyAsync(parts, leaving.Id);
        Assert.DoesNotContain("second", service.Documents[Ven], StringComparison.Ordinal);
        await DeleteAsync(parts, draft);
        Assert.Equal([Ven], await PathsAsync(parts, staying.Id));
    }

    private static Task<Enrollment> CommandAsync(OperationsParts parts, Enrollment held, LifecycleCommand command) =>
        parts.WriteAsync(transaction => parts.Get<EnrollmentCommands>().CommandAsync(transaction, held, command));

    private static Task DeleteAsync(OperationsParts parts, Enrollment held) => parts.WriteAsync(transaction => parts.Get<EnrollmentHandler>().DeleteAsync(transaction, held));
}
