using GridServices.Operations.Enrollments;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Notify;
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
