using System.Text.Json;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Notify;

/// <summary>A row that was changed outside of this program is named, costs its own recipient what it would have been told, and no other.</summary>
public sealed class UnreadableRowTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 7, 1, 15, 0);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_can_t_be_read_shows_why_and_keeps_no_other_from_going_out()
    {
        await using var mail = await MailServer.StartAsync();
        await using var hook = await WebhookTarget.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock, [.. mail.Arguments, WebhookTarget.Allowed]);
        await service.PostAsync("/v1/webhooks", $$"""{ "url": "{{hook.Url}}", "triggers": ["eventAnnounced"] }""");
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer);
        var (anna, carl) = (await IdAsync(service, customer, "anna@example.com"), await IdAsync(service, customer, "carl@example.com"));
        await NotificationTests.ContactAsync(service, customer, "eventPrimary", "bob@example.com");
        await NotificationTests.EventAsync(service, clock, "e1");
        await QueueAsync(service, clock);
        var address = await ReadAsync(service, "SELECT email_sealed FROM contacts WHERE id = @id", anna);
        var body = await ReadAsync(service, "SELECT body FROM notifications WHERE recipient_id = @id", carl);
        await WriteAsync(service, "UPDATE contacts SET email_sealed = name_sealed WHERE id = @id", anna);
        await WriteAsync(service, "UPDATE notifications SET body = '{', next_at = next_at - 1 WHERE recipient_id = @id", carl);

        var told = await Assert.ThrowsAsync<AggregateException>(() => NotificationTests.RoundAsync(service));
        Assert.Contains($"contacts.email_sealed of {anna}", told.ToString(), StringComparison.Ordinal);
        Assert.Equal("bob@example.com", Assert.Single(mail.Mails()).To.ToString());
        Assert.Single(hook.Received);
        var log = (await service.GetAsync("/v1/notifications"))["items"]!.AsArray().ToDictionary(item => (string)item!["recipientId"]!);
        Assert.All([anna, carl], id =>
        {
            Assert.Equal(("queued", 1), ((string)log[id]!["state"]!, (int)log[id]!["tries"]!));
            Assert.StartsWith("it can't be sent as it is: ", (string)log[id]!["problem"]!, StringComparison.Ordinal);
        });

        // Put back, they are told by the ladder, and nobody is told twice.
        await WriteAsync(service, "UPDATE contacts SET email_sealed = @with WHERE id = @id", anna, address);
        await WriteAsync(service, "UPDATE notifications SET body = @with WHERE recipient_id = @id", carl, body);
        clock.Advance(Duration.FromMinutes(2));
        await NotificationTests.RoundAsync(service);
        Assert.Equal(["anna@example.com", "bob@example.com", "carl@example.com"], mail.Mails().Select(m => m.To.ToString()).Order());
    }

    [Fact]
    public async Task A_contact_a_customer_a_user_and_an_event_that_can_t_be_read_are_named_and_all_else_is_told()
    {
        await using var mail = await MailServer.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock, [.. mail.Arguments]);
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer);
        var anna = await IdAsync(service, customer, "anna@example.com");
        await NotificationTests.ContactAsync(service, customer, "eventPrimary", "bob@example.com");
        await NotificationTests.UserAsync(service, "ops@example.com");
        await NotificationTests.EventAsync(service, clock, "e1");
        var lost = (await NotificationTests.EventAsync(service, clock, "e2")).Single().Id;
        await WriteAsync(service, "UPDATE contacts SET phone_sealed = name_sealed WHERE id = @id", anna);
        await WriteAsync(service, "UPDATE customers SET tax_id_sealed = 'v1:gone:AA==' WHERE id = @id", customer);
        await WriteAsync(service, "UPDATE events SET body = '{', version = version + 1 WHERE id = @id", lost);
        await WriteAsync(service, "UPDATE users SET body = '{' WHERE login = @id", "ops@example.com");
        string[] unread = [$"contact {anna}: ", $"customer {customer}: ", $"event {lost}: ", "user "];

        // Each is named in each round's fault, and logged once.
        var log = new CapturingLogger();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(log));
        using var job = ActivatorUtilities.CreateInstance<NotificationJob>(service.Service.App.Services, new Logger<NotificationJob>(factory));
        var told = (await Assert.ThrowsAsync<AggregateException>(() => job.RunAsync(Ct))).ToString();
        Assert.All(unread, name => Assert.Contains(name, told, StringComparison.Ordinal));
        await WriteAsync(service, "UPDATE notifications SET covers = '{' WHERE state = @id", "sent");
        told = (await Assert.ThrowsAsync<AggregateException>(() => job.RunAsync(Ct))).ToString();
        Assert.All(unread, name => Assert.Contains(name, told, StringComparison.Ordinal));
        Assert.All([.. unread, "message "], name => Assert.Single(log.Lines, line => line.Contains(name, StringComparison.Ordinal)));
        Assert.Equal(("bob@example.com", "Event announced"), (Assert.Single(mail.Mails()).To.ToString(), mail.Mails()[0].Subject));
        Assert.Equal("openadr:vtn.example/e1", (string)(await service.GetAsync("/v1/notifications"))["items"]!.AsArray().Single()!["subject"]!);
    }

    [Fact]
    public async Task A_webhook_whose_secret_or_row_can_t_be_read_sends_nothing_unsigned_and_starves_no_other()
    {
        await using var target = await WebhookTarget.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock, WebhookTarget.Allowed);
        var hooks = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            hooks.Add((string)(await service.PostAsync("/v1/webhooks", $$"""{ "url": "{{target.Url}}", "triggers": ["eventAnnounced"] }"""))["webhook"]!["id"]!);
        }

        await service.SiteAsync(await service.CustomerAsync());
        await NotificationTests.EventAsync(service, clock, "e1");
        var (body, sealing) = (await ReadAsync(service, "SELECT body FROM webhooks WHERE id = @id", hooks[9]), await ReadAsync(service, "SELECT secret_sealed FROM webhooks WHERE id = @id", hooks[0]));
        foreach (var id in hooks[..9])
        {
            await WriteAsync(service, "UPDATE webhooks SET secret_sealed = 'v1:gone:AA==' WHERE id = @id", id);
        }

        await WriteAsync(service, "UPDATE webhooks SET body = '{' WHERE id = @id", hooks[9]);
        var told = (await Assert.ThrowsAsync<AggregateException>(() => NotificationTests.RoundAsync(service))).ToString();
        Assert.Contains($"webhook {hooks[9]}: ", told, StringComparison.Ordinal);
        Assert.Contains("webhooks.secret_sealed of ", told, StringComparison.Ordinal);
        Assert.Equal(2, target.Received.Count);
        Assert.All(target.Received, r => Assert.NotEmpty(r.Signature));
        var held = (await service.GetAsync($"/v1/webhooks/{hooks[0]}/deliveries")).AsArray().Single()!;
        Assert.Equal(("queued", 1), ((string)held["state"]!, (int)held["tries"]!));
        Assert.Contains("webhooks.secret_sealed", (string)held["problem"]!, StringComparison.Ordinal);

        // Put back, it is told what it was not.
        await WriteAsync(service, "UPDATE webhooks SET body = @with WHERE id = @id", hooks[9], body);
        await WriteAsync(service, "UPDATE webhooks SET secret_sealed = @with WHERE id = @id", hooks[0], sealing);
        clock.Advance(Duration.FromMinutes(2));
        await Assert.ThrowsAsync<AggregateException>(() => NotificationTests.RoundAsync(service));
        Assert.Equal(4, target.Received.Count);
    }

    [Fact]
    public async Task A_service_that_answers_something_else_than_its_list_is_named_and_all_else_is_told()
    {
        await using var hook = await WebhookTarget.StartAsync();
        await using var portal = await PortalAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock, WebhookTarget.Allowed, $"--Services:Tariffs:Url={portal.Urls.First()}", "--Services:Tariffs:Token=t");
        await service.PostAsync("/v1/webhooks", $$"""{ "url": "{{hook.Url}}", "triggers": ["eventAnnounced"] }""");
        await service.SiteAsync(await service.CustomerAsync());
        await NotificationTests.EventAsync(service, clock, "e1");
        var told = (await Assert.ThrowsAsync<AggregateException>(() => NotificationTests.RoundAsync(service))).ToString();
        Assert.All(["the outbox of tariffs: ", "the runs of tariffs: "], name => Assert.Contains(name, told, StringComparison.Ordinal));
        Assert.Single(hook.Received);
    }

    private static async Task<WebApplication> PortalAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(http => http.Response.WriteAsJsonAsync(new Dictionary<string, string>(), JsonSerializerOptions.Default, http.RequestAborted));
        await app.StartAsync(Ct);
        return app;
    }

    /// <summary>What is due is queued, and not sent yet.</summary>
    private static async Task QueueAsync(OperationsUnderTest service, FakeClock clock)
    {
        var faults = new RunFaults(Ct);
        var all = await service.Service.App.Services.GetRequiredService<NoticeReader>().ReadAsync("default", faults, Ct);
        faults.ThrowIfAny();
        var due = NotificationPlan.Due(all.Notices, all.Recipients, [], new NotificationSettings(), clock.GetCurrentInstant());
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            foreach (var message in due)
            {
                await NotificationStore.QueueAsync(transaction, message);
            }
        }, Ct);
    }

    private static async Task<string> IdAsync(OperationsUnderTest service, string customer, string email) =>
        (string)(await NotificationTests.ContactAsync(service, customer, "eventPrimary", email))["id"]!;

    private static Task<string> ReadAsync(OperationsUnderTest service, string sql, string id) =>
        service.Service.App.Services.GetRequiredService<Store>().ReadAsync(db => db.QuerySingleAsync<string>(sql, new { id }), Ct);

    private static Task<int> WriteAsync(OperationsUnderTest service, string sql, string id, string? with = null) =>
        service.Service.App.Services.GetRequiredService<Store>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, new { id, with }, tx), Ct);
}
