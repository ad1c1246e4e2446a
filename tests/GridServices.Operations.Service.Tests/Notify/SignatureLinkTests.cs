using System.Security.Cryptography;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Protection;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Notify;

/// <summary>The mail server's answer to a signer's mail is lost, and the mail goes out again.</summary>
public sealed class SignatureLinkTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 7, 1, 15, 0);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_link_of_each_try_is_the_same_and_another_request_has_another()
    {
        await using var parts = await OperationsParts.MakeAsync(new FakeClock(Start));
        var (request, other, store) = (await AskAsync(parts, "contact-1"), await AskAsync(parts, "contact-1"), parts.Get<SignatureStore>());
        var first = (await store.SendAsync("default", request.Id, Ct))!;
        Assert.Equal(first, await store.SendAsync("default", request.Id, Ct));
        Assert.Equal(request.Id, (await store.FindByTokenAsync(first, Ct))!.Id);
        Assert.NotEqual(first, await store.SendAsync("default", other.Id, Ct));
    }

    [Fact]
    public async Task The_link_stays_the_same_where_keys_are_added_and_taken_away_and_a_new_one_works_where_its_key_is_gone()
    {
        await using var parts = await OperationsParts.MakeAsync(new FakeClock(Start));
        var (request, random) = (await AskAsync(parts, "contact-1"), Enumerable.Range(0, 3).Select(_ => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).ToList());
        var first = (await With(parts, ("k1", random[0]), ("k2", random[1])).SendAsync("default", request.Id, Ct))!;

        // The oldest key is taken away, and a newer one is written with: the mail that may have arrived keeps its link.
        Assert.Equal(first, await With(parts, ("k2", random[1]), ("k3", random[2])).SendAsync("default", request.Id, Ct));
        Assert.Equal(first, await With(parts, ("k3", random[2])).SendAsync("default", request.Id, Ct));

        // The key that it was sealed with is gone: the link of the next mail is another one.
        var second = (await With(parts, ("k1", random[0])).SendAsync("default", request.Id, Ct))!;
        Assert.NotEqual(first, second);
        Assert.Null(await parts.Get<SignatureStore>().FindByTokenAsync(first, Ct));
        Assert.Equal(request.Id, (await parts.Get<SignatureStore>().FindByTokenAsync(second, Ct))!.Id);

        // One of an earlier version kept no bytes: its link works on, until its mail is sent anew.
        await parts.WriteAsync(transaction => transaction.Tx.Connection!.ExecuteAsync("UPDATE signature_requests SET seed = NULL", transaction: transaction.Tx));
        Assert.Equal(request.Id, (await parts.Get<SignatureStore>().FindByTokenAsync(second, Ct))!.Id);
        Assert.NotEqual(second, await parts.Get<SignatureStore>().SendAsync("default", request.Id, Ct));

        // Ended, nothing is kept that a link could be made of.
        await parts.WriteAsync(async transaction => Assert.True(await SignatureStore.EndAsync(transaction, request, SignatureEnd.Revoked, null)));
        Assert.Equal(0, await parts.Get<Store>().ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM signature_requests WHERE seed IS NOT NULL"), Ct));
    }

    [Fact]
    public async Task A_mail_to_a_contact_that_is_another_person_now_is_taken_back_and_has_not_failed()
    {
        await using var parts = await OperationsParts.MakeAsync(new FakeClock(Start));
        var (customer, contacts) = (await parts.SitesAsync("depot-1"), parts.Get<ContactHandler>());
        var signer = await parts.WriteAsync(transaction => contacts.CreateAsync(
            transaction, new ContactBody { CustomerId = customer, Name = "Sam", Email = "sam@example.com", Role = ContactRole.AuthorizedSigner }));
        var request = await AskAsync(parts, signer.Id);
        await parts.WriteAsync(transaction => NotificationStore.QueueAsync(transaction, Mail(request, signer)));
        await parts.WriteAsync(transaction => contacts.ChangeAsync(transaction, signer, contacts.ToBody(signer) with { Email = "kim@example.com" }));
        await parts.Get<NotificationJob>().RunAsync(Ct);
        Assert.DoesNotContain(await parts.Get<NotificationStore>().ListAsync("default", null, 10, Ct), n => n.RecipientId == signer.Id);
        Assert.Equal(SignatureEnd.Revoked, (await parts.Get<SignatureStore>().ListByEnrollmentAsync("default", request.EnrollmentId, Ct)).Single().End);
    }

    [Fact]
    public async Task A_mail_whose_link_was_signed_by_is_sent_in_the_log_and_one_that_is_asked_for_no_more_is_not()
    {
        await using var parts = await OperationsParts.MakeAsync(new FakeClock(Start));
        var customer = await parts.SitesAsync("depot-1");
        var signer = await parts.WriteAsync(transaction => parts.Get<ContactHandler>().CreateAsync(
            transaction, new ContactBody { CustomerId = customer, Name = "Sam", Email = "sam@example.com", Role = ContactRole.AuthorizedSigner }));
        var (signed, revoked) = (await AskAsync(parts, signer.Id), await AskAsync(parts, signer.Id));
        await parts.WriteAsync(async transaction =>
        {
            await NotificationStore.QueueAsync(transaction, Mail(signed, signer));
            await NotificationStore.QueueAsync(transaction, Mail(revoked, signer));
            Assert.True(await SignatureStore.EndAsync(transaction, signed, SignatureEnd.Signed, null));
            Assert.True(await SignatureStore.EndAsync(transaction, revoked, SignatureEnd.Revoked, null));
        });
        await parts.Get<NotificationJob>().RunAsync(Ct);
        var log = (await parts.Get<NotificationStore>().ListAsync("default", null, 10, Ct)).Where(n => n.RecipientId == signer.Id)
            .ToDictionary(n => n.Key.Contains(signed.Id, StringComparison.Ordinal));
        Assert.Equal(("sent", "queued", "the signature is asked for no more"), (log[true].State, log[false].State, log[false].Problem));
    }

    /// <summary>The same store after a restart with these keys, the last of them written with.</summary>
    private static SignatureStore With(OperationsParts parts, params (string Id, string Key)[] keys) => new(
        parts.Get<Store>(),
        new ColumnProtector(ProtectionKeys.From(
            new ProtectionOptions { Keys = keys.ToDictionary(k => k.Id, string? (k) => k.Key, StringComparer.Ordinal) }, parts.Get<StorageOptions>())),
        new FakeClock(Start));

    private static Task<SignatureRequest> AskAsync(OperationsParts parts, string contactId) => parts.WriteAsync(async transaction =>
    {
        var request = new SignatureRequest { Id = transaction.NewId(), Tenant = "default", EnrollmentId = "enrollment-1", ContactId = contactId, Asked = new Stamp(transaction.Now, "ann") };
        await SignatureStore.AddAsync(transaction, request, "depot-1");
        return request;
    });

    private static MessageDue Mail(SignatureRequest request, Contact signer) => NotificationPlan.CreateMessage(
        Recipient.From(signer, "en", "UTC"),
        new Notice { Trigger = Trigger.SignatureAsked, Subject = request.EnrollmentId, Occasion = request.Id, At = Start, Audience = new NoticeAudience(), Emergency = true },
        Channel.Email);
}
