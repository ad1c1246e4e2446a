using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using GridServices.Operations.Access;
using GridServices.Operations.Events;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Notify;

/// <summary>People are told once, by a real mail server; software by a signed webhook that does not give up.</summary>
public sealed partial class NotificationTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 7, 1, 15, 0);
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_is_mailed_once_in_the_contacts_language_and_the_backup_is_told_where_nobody_acknowledges()
    {
        await using var mail = await MailServer.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock, mail.Arguments);
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer);
        await ContactAsync(service, customer, "eventPrimary", "anna@example.com", ", \"language\": \"de\", \"timeZone\": \"Europe/Berlin\"");
        await ContactAsync(service, customer, "eventBackup", "bob@example.com");
        await EventAsync(service, clock, "e1");
        await RoundAsync(service);
        await RoundAsync(service);
        var first = Assert.Single(mail.Mails());
        Assert.Equal("anna@example.com", first.To.ToString());
        Assert.Equal("Abruf angekündigt", first.Subject);
        Assert.Contains("CEST", first.TextBody, StringComparison.Ordinal);

        clock.Advance(Duration.FromMinutes(16));
        await RoundAsync(service);
        var second = Assert.Single(mail.Mails(), m => m.To.ToString() == "bob@example.com");
        Assert.Equal("Nobody acknowledged", second.Subject);

        var link = new Uri(Link().Match(second.TextBody!).Value).PathAndQuery;
        using var stranger = new HttpClient { BaseAddress = service.Service.Address };
        Assert.Contains("Have you seen", await stranger.GetStringAsync(new Uri(link, UriKind.Relative), Ct), StringComparison.Ordinal);
        using var answer = await stranger.PostAsync(new Uri(link, UriKind.Relative), null, Ct);
        Assert.Contains("Thank you", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Contains("already", await stranger.GetStringAsync(new Uri(link, UriKind.Relative), Ct), StringComparison.Ordinal);
        var log = (await service.GetAsync("/v1/notifications"))["items"]!.AsArray();
        Assert.Equal(2, log.Count);
        Assert.All(log, item => Assert.Equal("sent", (string)item!["state"]!));
        Assert.Contains(log, item => item!["ackAt"] is not null);
    }

    [Fact]
    public async Task Whoever_an_event_is_for_is_told_of_it_in_one_round_and_over_few_connections()
    {
        await using var mail = await MailServer.StartAsync();
        await using var gateway = await WebhookTarget.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock, [.. mail.Arguments, WebhookTarget.Allowed]);
        await service.PostAsync("/v1/webhooks", $$"""{ "url": "{{gateway.Url}}", "triggers": ["eventAnnounced"] }""");
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer);
        var handler = service.Service.App.Services.GetRequiredService<ContactHandler>();
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
        {
            for (var i = 0; i < 560; i++)
            {
                await handler.CreateAsync(transaction, new ContactBody
                {
                    CustomerId = customer,
                    Name = $"Contact {i}",
                    Email = $"c{i}@example.com",
                    Phone = "+14155550100",
                    Role = ContactRole.EventPrimary,
                    Channels = [i < 40 ? Channel.Email : Channel.Sms],
                });
            }
        }, Ct);
        await EventAsync(service, clock, "e1");
        await RoundAsync(service);
        Assert.DoesNotContain("\"problem\":\"", (await service.GetAsync("/v1/notifications?limit=1000")).ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(40, mail.Mails().Count);

        // Eight lines in each turn of ten seconds, of which a busy machine needs some: never more than a connection for each mail; that one carries many is shown by MailLineTests.
        Assert.InRange(mail.Connections, 1, 40);
        Assert.Equal(520, gateway.Bodies.Count(b => b.Contains("\"sms\"", StringComparison.Ordinal)));
        Assert.Empty(await service.Service.App.Services.GetRequiredService<NotificationStore>().DueAsync("default", clock.GetCurrentInstant() + Duration.FromDays(1), 10, Ct));
    }

    [Fact]
    public async Task A_mail_that_the_server_does_not_take_is_tried_again_and_quiet_hours_hold_it_back()
    {
        await using var mail = await MailServer.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock, [.. mail.Arguments]);
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer);
        await ContactAsync(service, customer, "eventPrimary", "quiet@example.com", ", \"timeZone\": \"UTC\", \"quietHours\": { \"from\": \"14:00:00\", \"until\": \"15:30:00\" }");
        await EventAsync(service, clock, "e1");
        await RoundAsync(service);
        Assert.Empty(mail.Mails());
        clock.Advance(Duration.FromMinutes(31));
        await RoundAsync(service);
        Assert.Single(mail.Mails());

        var lost = TestPorts.Next();
        await using var away = await OperationsUnderTest.StartAsync(null, clock, "--Notify:Smtp:Host=127.0.0.1", $"--Notify:Smtp:Port={lost}", "--Notify:Smtp:Tls=false");
        customer = await away.CustomerAsync();
        await away.SiteAsync(customer);
        await ContactAsync(away, customer, "eventPrimary", "anna@example.com");
        await EventAsync(away, clock, "e1");
        await RoundAsync(away);
        var held = (await away.GetAsync("/v1/notifications"))["items"]![0]!;
        Assert.Equal("queued", (string)held["state"]!);
        Assert.Equal(1, (int)held["tries"]!);
        Assert.Contains("did not take it", (string)held["problem"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_own_people_are_told_of_a_service_that_is_away_at_their_login()
    {
        await using var mail = await MailServer.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(
            null, clock, [.. mail.Arguments, "--Services:OpenAdr:Url=http://127.0.0.1:9", "--Services:OpenAdr:Token=t", "--Watch:Every=00:00:00.200"]);
        await UserAsync(service, "ops@example.com");
        await Until.HoldsAsync(async () => (await service.GetAsync("/v1/services")).ToJsonString(), text => text.Contains("\"OpenAdr\"", StringComparison.Ordinal) && text.Contains("failedSince", StringComparison.Ordinal));
        await RoundAsync(service);
        Assert.Empty(mail.Mails());
        clock.Advance(Duration.FromMinutes(11));
        await RoundAsync(service);
        var told = Assert.Single(mail.Mails(), m => m.TextBody!.Contains("OpenAdr", StringComparison.Ordinal));
        Assert.Equal(("ops@example.com", "Service unreachable"), (told.To.ToString(), told.Subject));
    }

    [Fact]
    public async Task A_webhook_is_signed_tried_again_after_a_minute_and_sent_again_by_a_person()
    {
        await using var target = await WebhookTarget.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock, WebhookTarget.Allowed);
        var made = await service.PostAsync("/v1/webhooks", $$"""{ "url": "{{target.Url}}", "triggers": ["eventAnnounced"] }""");
        var (id, secret) = ((string)made["webhook"]!["id"]!, Encoding.UTF8.GetBytes((string)made["secret"]!));
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer);
        target.Status = StatusCodes.Status500InternalServerError;
        await EventAsync(service, clock, "e1");
        await RoundAsync(service);
        Assert.Single(target.Received);
        Assert.Contains("answered 500", (await service.GetAsync($"/v1/webhooks/{id}/deliveries")).ToJsonString(), StringComparison.Ordinal);
        await RoundAsync(service);
        Assert.Single(target.Received);

        target.Status = StatusCodes.Status204NoContent;
        clock.Advance(Duration.FromMinutes(1));
        await RoundAsync(service);
        Assert.Equal(2, target.Received.Count);
        var delivery = (await service.GetAsync($"/v1/webhooks/{id}/deliveries"))[0]!;
        Assert.Equal("sent", (string)delivery["state"]!);

        clock.Advance(Duration.FromMinutes(1));
        await service.PostAsync($"/v1/webhooks/{id}/deliveries/{(string)delivery["id"]!}/replay", null, HttpStatusCode.Accepted);
        await RoundAsync(service);
        var all = target.Received.ToArray();
        Assert.Equal(3, all.Length);
        Assert.All(all, r => Assert.True(WebhookSignature.Verify(secret, r.Signature, r.Body, Start + Duration.FromMinutes(1), Duration.FromMinutes(2))));
        Assert.False(WebhookSignature.Verify(Encoding.UTF8.GetBytes(new string('x', 40)), all[0].Signature, all[0].Body, Start, Duration.FromMinutes(5)));
        Assert.Equal((all[1].Delivery, Encoding.UTF8.GetString(all[1].Body)), (all[2].Delivery, Encoding.UTF8.GetString(all[2].Body)));
        Assert.NotEqual(all[1].Signature, all[2].Signature);
    }

    [Fact]
    public async Task A_webhook_waits_for_no_other_and_a_mail_server_without_STARTTLS_keeps_none_back()
    {
        await using var mail = await MailServer.StartAsync();
        await using var slow = await WebhookTarget.StartAsync();
        await using var quick = await WebhookTarget.StartAsync();
        var (clock, both) = (new FakeClock(Start), new TaskCompletionSource());
        await using var service = await OperationsUnderTest.StartAsync(null, clock, [.. mail.Arguments, "--Notify:Smtp:Tls=true", WebhookTarget.Allowed]);
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer);
        await ContactAsync(service, customer, "eventPrimary", "anna@example.com");
        slow.Before = () => both.Task;
        quick.Before = () =>
        {
            // The slow one has two at the same time, and answers neither before the other one was told.
            _ = Task.Run(async () =>
            {
                await Until.HoldsAsync(() => Task.FromResult(slow.Received.Count), n => n == 2);
                both.TrySetResult();
            });
            return Task.CompletedTask;
        };
        foreach (var target in new[] { slow, quick })
        {
            await service.PostAsync("/v1/webhooks", $$"""{ "url": "{{target.Url}}", "triggers": ["eventAnnounced"] }""");
        }

        await EventAsync(service, clock, "e1");
        await EventAsync(service, clock, "e2");
        await RoundAsync(service);
        Assert.Equal((2, 2), (slow.Received.Count, quick.Received.Count));
        Assert.Empty(await service.Service.App.Services.GetRequiredService<WebhookStore>().WithDueAsync("default", clock.GetCurrentInstant() + Duration.FromDays(1), Ct));
        var held = (await service.GetAsync("/v1/notifications"))["items"]![0]!;
        Assert.Equal(("queued", 1), ((string)held["state"]!, (int)held["tries"]!));
    }

    [Fact]
    public async Task A_webhook_to_the_inside_is_refused_and_one_whose_name_leads_there_is_never_connected_to()
    {
        await using var target = await WebhookTarget.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock);
        foreach (var url in new[] { target.Url, "https://10.1.2.3/hook", "https://169.254.169.254/latest", "https://[fd12::1]/hook", "http://localhost/hook" })
        {
            var refused = await service.PostAsync("/v1/webhooks", $$"""{ "url": "{{url}}", "triggers": ["eventAnnounced"] }""", HttpStatusCode.UnprocessableEntity);
            Assert.Contains("Notify:Webhooks:AllowedNetworks", refused.ToJsonString(), StringComparison.Ordinal);
        }

        // Kept before the rule, or a name that leads to the inside: the delivery says why, and nobody was connected to.
        var hook = await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), transaction => transaction.InsertAsync(
            service.Service.App.Services.GetRequiredService<WebhookStore>(),
            transaction.WithStamp(new Webhook { Id = transaction.NewId(), Tenant = "default", Created = new Stamp(Start, "test"), Updated = new Stamp(Start, "test"), Version = 1, Url = target.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) })), Ct);
        await service.PostAsync($"/v1/webhooks/{hook.Id}/test", null, HttpStatusCode.Accepted);
        await RoundAsync(service);
        Assert.Contains("which is of this machine", (await service.GetAsync($"/v1/webhooks/{hook.Id}/deliveries")).ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(target.Received);
    }

    [Fact]
    public async Task A_telephone_message_goes_to_the_gateway_behind_a_webhook_without_the_number()
    {
        await using var target = await WebhookTarget.StartAsync();
        var clock = new FakeClock(Start);
        await using var service = await OperationsUnderTest.StartAsync(null, clock, WebhookTarget.Allowed);
        await service.PostAsync("/v1/webhooks", $$"""{ "url": "{{target.Url}}", "triggers": ["eventAnnounced"] }""");
        var customer = await service.CustomerAsync();
        await service.SiteAsync(customer);
        await ContactAsync(service, customer, "eventPrimary", "anna@example.com", ", \"phone\": \"+14155550100\", \"channels\": [\"sms\"]");
        await EventAsync(service, clock, "e1");
        await RoundAsync(service);
        var message = Assert.Single(target.Bodies, b => b.Contains("\"sms\"", StringComparison.Ordinal));
        Assert.Contains("/ack/", message, StringComparison.Ordinal);
        Assert.DoesNotContain("4155550100", message, StringComparison.Ordinal);
    }

    internal static Task RoundAsync(OperationsUnderTest service) => service.Service.App.Services.GetRequiredService<NotificationJob>().RunAsync(Ct);

    internal static Task<System.Text.Json.Nodes.JsonNode> ContactAsync(OperationsUnderTest service, string customer, string role, string email, string more = "") => service.PostAsync(
        "/v1/contacts", $$"""{ "customerId": "{{customer}}", "name": "{{email}}", "email": "{{email}}", "role": "{{role}}"{{more}} }""");

    internal static Task<IReadOnlyList<HeldEvent>> EventAsync(OperationsUnderTest service, FakeClock clock, string id)
    {
        var (from, until) = (clock.GetCurrentInstant() + Duration.FromHours(5), clock.GetCurrentInstant() + Duration.FromHours(7));
        return service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), transaction => EventStore.SaveAsync(transaction, [new Event
        {
            Tenant = "default",
            Source = $"openadr:vtn.example/{id}",
            Origin = EventOrigin.OpenAdr,
            Program = "http://utility.example/dr",
            AnnouncedAt = transaction.Now,
            From = from,
            Until = until,
            Revisions = [new EventRevision { Number = 0, ToldAt = transaction.Now, From = from, Until = until, Changes = [EventChange.Announced], Signals = [new EventSignal("SIMPLE", [new SignalValue(1)], "level")] }],
            Sites = [new EventSite { SiteId = "site-1", Through = "ven-1", From = from, Until = until, Revision = 0, ToldAt = transaction.Now, State = SiteEventState.Held }],
        }]), Ct);
    }

    internal static Task UserAsync(OperationsUnderTest service, string login) => service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(Actor.Job("default", "test"), async transaction =>
    {
        var stamp = new Stamp(transaction.Now, "test");
        await UserStore.AddAsync(transaction.Tx, new UserAccount { Id = transaction.NewId(), Tenant = "default", Created = stamp, Updated = stamp, Version = 1, Login = login, Name = "Ops", Grants = [new AccessGrant(UserRole.Admin)] }, null, null);
    }, Ct);

    [GeneratedRegex(@"http://\S+/ack/\S+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Link();
}
