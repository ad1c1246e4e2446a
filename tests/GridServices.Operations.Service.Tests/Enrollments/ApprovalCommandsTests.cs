using GridServices.Hosting.Refusals;
using GridServices.Operations.Audit;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Tests.Enrollments;

/// <summary>Decisions of second persons.</summary>
public sealed class ApprovalCommandsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_who_allow_the_same_request_at_once_the_second_is_refused()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var id = (await parts.WriteAsync(transaction => ApprovalCommands.RequestAsync(transaction, GuardedAction.EndEnrollment, new { reason = "moved" }))).Id;

        // Both have read the request before either decides.
        var item = (await parts.Get<ApprovalCommands>().FindAsync("default", id, Ct))!;
        await parts.WriteAsync(transaction => ApprovalCommands.GrantAsync(transaction, item), User("ben"));
        var refused = await Assert.ThrowsAsync<ProblemException>(() => parts.WriteAsync(transaction => ApprovalCommands.GrantAsync(transaction, item), User("cleo")));
        Assert.Equal(409, refused.Problem.Status);
        Assert.Equal("ben", (await parts.Get<ApprovalCommands>().FindAsync("default", id, Ct))!.DecidedBy);
        Assert.Single(await parts.Get<AuditLog>().ListAsync("default", new AuditQuery(100), Ct), a => a.Write.Action == "approval.granted");
    }

    private static Actor User(string name) => new("default", name, AuditActorKind.User);
}
