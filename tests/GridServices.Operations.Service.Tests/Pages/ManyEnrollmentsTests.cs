using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Pages;

/// <summary>More enrollments wait for something than one statement reads: each is told, and each user sees the deadlines of his own sites.</summary>
public sealed class ManyEnrollmentsTests
{
    private const int Count = 1_050;
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_waits_is_told_and_a_deadline_is_hidden_by_none_of_another_site()
    {
        await using var service = await OperationsUnderTest.StartAsync(null, null, [.. Provisioning.OtherServices.Nowhere]);
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer, "depot-a");
        await service.SiteAsync(customer, "depot-b");
        var id = (string)(await service.PostAsync("/v1/enrollments", """{ "siteId": "depot-a", "program": "HQ-COMMITMENT", "period": { "from": "2048-12-01" } }"""))["id"]!;
        var store = service.Service.App.Services.GetRequiredService<EnrollmentStore>();
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            var held = (await store.FindAsync(transaction.Tx, "default", id))!;
            for (var i = 0; i < Count; i++)
            {
                var (site, days) = i < Count - 1 ? ("depot-a", 1) : ("depot-b", 10);
                var action = new RequiredAction { Code = "test.missing", Owner = ActionOwner.Customer, Pointer = "/consent", Text = "Missing.", Due = transaction.Now + Duration.FromDays(days), Blocks = true };
                await store.InsertAsync(transaction.Tx, held with { Id = transaction.NewId(), Version = 1, SiteId = site, Attention = true, RequiredActions = [action] });
            }

            await transaction.AuditAsync("enrollment", id, "reject", null, null, "No capacity.");
            for (var i = 0; i < Count; i++)
            {
                await transaction.AuditAsync("enrollment", id, "update", null, null);
            }
        }, Ct);

        var told = (await service.Service.App.Services.GetRequiredService<NoticeReader>().ReadAsync("default", new RunFaults(Ct), Ct)).Notices;
        Assert.Equal(Count, told.Where(n => n.Trigger == Trigger.RequiredAction && n.Occasion == "test.missing/consent").Select(n => n.Subject).Distinct().Count());
        Assert.Equal(id, Assert.Single(told, n => n.Trigger == Trigger.EnrollmentRejected).Subject);

        using var person = await Visitor.SignedInAsync(service, UserRole.Viewer, new AccessScope { Sites = ["depot-b"] });
        Assert.Single((await person.DocumentAsync("/calendar"))["items"]!.AsArray(), i => (string)i!["kind"]! == "deadline");
    }
}
