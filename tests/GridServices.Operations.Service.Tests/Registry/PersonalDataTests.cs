using System.Net;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Events;
using GridServices.Operations.Money;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Privacy;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Registry;

public sealed class PersonalDataTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_export_holds_the_notes_and_messages_about_a_customers_own_sites_until_they_are_erased()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var customer = await parts.SitesAsync("depot-1", "depot-2");
        await parts.SitesAsync("other-1");
        var held = await EventAsync(parts, "depot-1", "depot-2", "other-1");
        await parts.WriteAsync(async transaction =>
        {
            await SiteNotes.AddAsync(transaction, "depot-1", "Mr Smith has the key");
            await SiteNotes.AddAsync(transaction, "other-1", "Mrs Jones has the key");
            await parts.Get<ContactMessages>().SendAsync(transaction, held, ["depot-1", "depot-2", "other-1"], "Ask for Anna");
            await parts.Get<ContactMessages>().SendAsync(transaction, held, ["other-1"], "Ask for Ben");
        });

        var export = await ExportAsync(parts, customer);
        Assert.Equal([("depot-1", "ann", "Mr Smith has the key")], export.Notes.Select(n => (n.SiteId, n.Author, n.Text)));
        var message = Assert.Single(export.Messages);
        Assert.Equal((held.Id, "ann", "Ask for Anna"), (message.EventId, message.By, message.Text));
        Assert.Equal(["depot-1", "depot-2"], message.SiteIds.Order(StringComparer.Ordinal));
        Assert.True(export.Notes[0].At > Instant.FromUtc(2026, 1, 1, 0, 0) && message.At > Instant.FromUtc(2026, 1, 1, 0, 0));

        await parts.WriteAsync(async transaction => await parts.Get<PersonalData>().EraseAsync(transaction, export.Customer, "asked for"));
        var erased = await ExportAsync(parts, customer);
        Assert.Empty(erased.Notes);
        Assert.Equal(Erasure.Word, Assert.Single(erased.Messages).Text);
    }

    [Fact]
    public async Task What_contacts_were_told_and_how_bills_were_split_is_exported_and_erased_but_for_the_proof_and_the_amounts()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var customer = await parts.SitesAsync("depot-1");
        var other = await parts.SitesAsync("other-1");
        await parts.WriteAsync(async transaction =>
        {
            var (anna, ben) = (await ContactAsync(parts, transaction, customer, "anna@example.com"), await ContactAsync(parts, transaction, other, "ben@example.com"));
            await TellAsync(transaction, anna.Id, "sent", "Ask Mr Smith");
            await TellAsync(transaction, anna.Id, "queued", "Ask Mrs Smith");
            await TellAsync(transaction, ben.Id, "queued", "Ask Mr Jones");
            await parts.Get<AllocationStore>().AddAsync(transaction, Split("depot-1", "Mr Smith"));
            await parts.Get<AllocationStore>().AddAsync(transaction, Split("other-1", "Mr Jones"));
        });
        var store = parts.Get<NotificationStore>();
        var first = (await store.DueAsync("default", Instant.MaxValue, 10, Ct)).Single(m => m.Body.Contains("Mr Smith", StringComparison.Ordinal));
        await store.SentAsync("default", first.Id, SystemClock.Instance.GetCurrentInstant(), Ct);
        await parts.WriteAsync(transaction => WebhookStore.QueueAsync(transaction, "hook-1", $"message|{first.Id}", """{ "text": "Ask Mr Smith" }"""));

        var export = await ExportAsync(parts, customer);
        Assert.Equal([("queued", "email"), ("sent", "email")], export.Deliveries.Select(d => (d.State, d.Channel)).Order());
        var (sent, queued) = (export.Deliveries.Single(d => d.State == "sent"), export.Deliveries.Single(d => d.State == "queued"));
        Assert.Contains("Ask Mr Smith", sent.Text, StringComparison.Ordinal);
        Assert.True(sent.SentAt is not null && queued.SentAt is null);
        var split = Assert.Single(export.BillAllocations);
        Assert.Equal(("Mr Smith", "card-Mr Smith"), (split.Users[0].User, split.Sessions[0].SessionId));
        var told = Assert.Single(export.ToldSessions);
        Assert.Equal((split.Id, "Mr Smith", "E1"), (told.AllocationId, Assert.Single(told.Sessions).User, told.Sessions[0].Evse));

        var erased = await parts.WriteAsync(transaction => parts.Get<PersonalData>().EraseAsync(transaction, export.Customer, "asked for"));
        Assert.Equal((2, 1), (erased.Erased!.KeptDeliveries, erased.Erased.KeptAllocations));
        var left = await ExportAsync(parts, customer);
        Assert.Equal(["failed", "sent"], left.Deliveries.Select(d => d.State).Order(StringComparer.Ordinal));
        Assert.All(left.Deliveries, d => Assert.DoesNotContain("Smith", d.Text, StringComparison.Ordinal));
        Assert.Equal(export.Deliveries.Select(d => (d.Id, d.ContactId, d.CreatedAt, d.SentAt)), left.Deliveries.Select(d => (d.Id, d.ContactId, d.CreatedAt, d.SentAt)));

        // The amounts are as they were; whose they are is not known any more.
        var kept = Assert.Single(left.BillAllocations);
        Assert.Equal((100m, 40m, 60m, "erased-1"), (kept.Payable, kept.SitePayable, kept.Users[0].Payable, kept.Users[0].User));
        Assert.Empty(kept.Sessions);
        Assert.Empty(kept.Warnings);
        Assert.Empty(left.ToldSessions);
        Assert.Null(await parts.Get<AllocationStore>().FindSessionsAsync("default", kept.Id, Ct));

        // Nothing is sent to who was erased, nor handed to a gateway again; others hear and keep what is theirs.
        Assert.Equal(["Ask Mr Jones"], (await store.DueAsync("default", Instant.MaxValue, 10, Ct)).Select(m => m.Message.Parts[0].Arguments[0].Value));
        Assert.Null(await parts.Get<RecipientNames>().MailAddressAsync("default", first.RecipientId, Ct));
        var delivery = Assert.Single(await parts.Get<WebhookStore>().DeliveriesAsync("default", "hook-1", 10, Ct));
        Assert.Equal("failed", delivery.State);
        Assert.DoesNotContain("Smith", await parts.Get<WebhookStore>().BodyAsync("default", delivery.Id, Ct), StringComparison.Ordinal);
        var others = await ExportAsync(parts, other);
        Assert.Equal("Mr Jones", Assert.Single(others.BillAllocations).Users[0].User);
        Assert.Equal("Mr Jones", Assert.Single((await parts.Get<AllocationStore>().FindSessionsAsync("default", others.BillAllocations[0].Id, Ct))!).User);
        Assert.Contains("Ask Mr Jones", Assert.Single(others.Deliveries).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_to_several_customers_are_gone_wherever_they_were_told_once_one_of_them_has_its_data_erased()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var customer = await parts.SitesAsync("depot-1");
        var other = await parts.SitesAsync("other-1");
        var held = await EventAsync(parts, "depot-1", "other-1");
        var told = await parts.WriteAsync(async transaction =>
        {
            var ben = await ContactAsync(parts, transaction, other, "ben@example.com");
            await parts.Get<ContactMessages>().SendAsync(transaction, held, ["depot-1", "other-1"], "Mr Smith has the key");
            return ben;
        });
        var message = Assert.Single(await parts.Get<ContactMessages>().ListByEventAsync("default", held.Id, Ct));
        var notice = EventNotices.Message(held.Event, message.Id, message.Text, message.By, message.At, message.SiteIds, [new SiteOwner("other-1", other)]);
        await parts.WriteAsync(transaction => NotificationStore.QueueAsync(transaction, NotificationPlan.CreateMessage(Recipient.From(told, "en", "UTC"), notice, Channel.Email)));
        await parts.WriteAsync(transaction => WebhookStore.QueueAsync(transaction, "hook-1", $"contactMessage|{notice.Subject}|{notice.Occasion}", StoredJson.Write(notice)));

        await parts.WriteAsync(async transaction => await parts.Get<PersonalData>().EraseAsync(transaction, (await parts.Get<CustomerStore>().FindAsync(transaction.Tx, "default", customer))!, "asked for"));
        Assert.Empty(await parts.Get<NotificationStore>().DueAsync("default", Instant.MaxValue, 10, Ct));
        Assert.DoesNotContain("Smith", Assert.Single((await ExportAsync(parts, other)).Deliveries).Text, StringComparison.Ordinal);
        var delivery = Assert.Single(await parts.Get<WebhookStore>().DeliveriesAsync("default", "hook-1", 10, Ct));
        Assert.DoesNotContain("Smith", await parts.Get<WebhookStore>().BodyAsync("default", delivery.Id, Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_kept_for_a_key_is_sealed_and_goes_with_the_customers_data()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        var customer = await service.CustomerAsync();
        var body = $$"""{ "customerId": "{{customer}}", "name": "Ana Silva", "email": "ana@example.com", "role": "eventPrimary" }""";
        var contact = (string)(await service.PostAsync("/v1/contacts", body, key: "k1"))["id"]!;
        Assert.Equal(contact, (string)(await service.PostAsync("/v1/contacts", body, key: "k1"))["id"]!);
        Assert.Equal("Ana Silva", (string)(await service.PostAsync($"/v1/customers/{customer}/export", null, HttpStatusCode.OK, "k2"))["contacts"]![0]!["name"]!);
        Assert.Equal(2, (await AnswersAsync(service)).Count(a => a is not null));
        Assert.All(await AnswersAsync(service), a => Assert.StartsWith("v1:", a, StringComparison.Ordinal));

        await service.PostAsync($"/v1/customers/{customer}/erase", """{ "reason": "asked for" }""", HttpStatusCode.OK, "k3");
        Assert.Equal(2, (await AnswersAsync(service)).Count(a => a == Erasure.Word));
        await service.PostAsync("/v1/contacts", body, HttpStatusCode.UnprocessableEntity, "k1");
        Assert.Equal("erased", (string)(await service.PostAsync($"/v1/customers/{customer}/erase", """{ "reason": "asked for" }""", HttpStatusCode.OK, "k3"))["name"]!);
    }

    [Fact]
    public async Task What_was_told_to_a_contact_that_is_deleted_and_what_was_answered_about_it_go_too()
    {
        await using var service = await OperationsUnderTest.StartAsync();
        var customer = await service.CustomerAsync();
        var body = $$"""{ "customerId": "{{customer}}", "name": "Ana Silva", "email": "ana@example.com", "role": "eventPrimary" }""";
        var contact = (string)(await service.PostAsync("/v1/contacts", body, key: "k1"))["id"]!;
        await service.PostAsync("/v1/contacts", body.Replace("Ana", "Eva", StringComparison.Ordinal), key: "k2");
        await service.Service.App.Services.GetRequiredService<OperationsStore>().WriteAsync(OperationsParts.Admin, transaction => TellAsync(transaction, contact, "sent", "Ask Mr Smith"), Ct);
        await service.SendAsync(HttpMethod.Delete, $"/v1/contacts/{contact}", null, HttpStatusCode.NoContent, "*");
        await service.PostAsync("/v1/contacts", body, HttpStatusCode.UnprocessableEntity, "k1");
        Assert.Equal([Erasure.Word], (await AnswersAsync(service)).Where(a => a?.StartsWith("v1:", StringComparison.Ordinal) == false));

        Assert.Contains("Ask Mr Smith", (string)(await service.PostAsync($"/v1/customers/{customer}/export", null, HttpStatusCode.OK))["deliveries"]![0]!["text"]!, StringComparison.Ordinal);
        await service.PostAsync($"/v1/customers/{customer}/erase", """{ "reason": "asked for" }""", HttpStatusCode.OK);
        var left = (await service.PostAsync($"/v1/customers/{customer}/export", null, HttpStatusCode.OK))["deliveries"]!.AsArray();
        Assert.DoesNotContain("Smith", (string)Assert.Single(left)!["text"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_erased_after_it_was_read_is_handed_to_no_gateway()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var customer = await parts.SitesAsync("depot-1");
        await parts.WriteAsync(async transaction => await TellAsync(transaction, (await ContactAsync(parts, transaction, customer, "anna@example.com")).Id, "sent", "Ask Mr Smith"));
        var hook = await parts.WriteAsync(transaction => transaction.InsertAsync(
            parts.Get<WebhookStore>(),
            new Webhook { Id = transaction.NewId(), Tenant = "default", Url = "https://gateway.example", Created = new Stamp(transaction.Now, "ann"), Updated = new Stamp(transaction.Now, "ann"), Version = 1 }));
        var read = Assert.Single(await parts.Get<NotificationStore>().DueAsync("default", Instant.MaxValue, 10, Ct));
        await parts.WriteAsync(async transaction => await parts.Get<PersonalData>().EraseAsync(transaction, (await parts.Get<CustomerStore>().FindAsync(transaction.Tx, "default", customer))!, "asked for"));
        Assert.NotNull(await parts.Get<NotificationJob>().ForwardAsync("default", read, Ct));
        Assert.Empty(await parts.Get<WebhookStore>().DeliveriesAsync("default", hook.Id, 10, Ct));
    }

    private static Task<IReadOnlyList<string?>> AnswersAsync(OperationsUnderTest service) => service.Service.App.Services.GetRequiredService<Store>().ReadAsync<IReadOnlyList<string?>>(
        async db => [.. await db.QueryAsync<string?>("SELECT answer FROM idempotency_keys ORDER BY created_at")], Ct);

    private static Task<Contact> ContactAsync(OperationsParts parts, AuditedTransaction transaction, string customer, string email) => parts.Get<ContactHandler>().CreateAsync(
        transaction, new ContactBody { CustomerId = customer, Name = "Somebody", Email = email, Role = ContactRole.EventPrimary });

    private static Task TellAsync(AuditedTransaction transaction, string contact, string key, string words) => NotificationStore.QueueAsync(transaction, new MessageDue
    {
        Key = $"{key}|{contact}",
        RecipientId = contact,
        Channel = Channel.Email,
        Language = "en",
        TimeZone = "UTC",
        Parts = [new MessagePart(Trigger.RequiredAction, "enrollment-1", key, "notify.requiredAction", [new MessageArgument("action", words)])],
    });

    private static BillAllocation Split(string site, string user) => new()
    {
        MeterPointId = "meter-1",
        SiteId = site,
        Month = new YearMonth(2026, 7),
        Method = "energyShare",
        Currency = "EUR",
        Payable = 100,
        Provisional = false,
        ByEvse = false,
        OutsideKwh = 0,
        SitePayable = 40,
        SiteKwh = 40,
        RefusedRows = 0,
        Users = [new UserTotal(user, 1, 60, 60, null)],
        Sessions = [new SessionShare($"card-{user}", "E1", 60, 60) { User = user }],
        Told = [new ChargingSession { Id = $"card-{user}", Evse = "E1", User = user, Parts = [new SessionPart(Instant.FromUtc(2026, 7, 1, 8, 0), Instant.FromUtc(2026, 7, 1, 9, 0), 60)] }],
        Warnings = [$"row 2: {user} has no end"],
    };

    private static Task<PersonalDataExport> ExportAsync(OperationsParts parts, string customer) => parts.WriteAsync(
        async transaction => await parts.Get<PersonalData>().ExportAsync(transaction, (await parts.Get<CustomerStore>().FindAsync(transaction.Tx, "default", customer))!));

    private static async Task<HeldEvent> EventAsync(OperationsParts parts, params string[] sites)
    {
        var (from, until) = (SystemClock.Instance.GetCurrentInstant(), SystemClock.Instance.GetCurrentInstant() + Duration.FromHours(3));
        return (await parts.WriteAsync(transaction => EventStore.SaveAsync(transaction, [new Event
        {
            Tenant = "default",
            Source = "openadr:vtn.example/e1",
            Origin = EventOrigin.OpenAdr,
            AnnouncedAt = from,
            From = from,
            Until = until,
            Revisions = [new EventRevision { Number = 0, ToldAt = from, From = from, Until = until }],
            Sites = [.. sites.Select(id => new EventSite { SiteId = id, Through = "ven-1", From = from, Until = until, Revision = 0, ToldAt = from, State = SiteEventState.Held })],
        }]))).Single();
    }
}
