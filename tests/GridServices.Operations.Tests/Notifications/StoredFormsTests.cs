using System.Text.Json;
using GridServices.Operations.Access;
using GridServices.Operations.Bulk;
using GridServices.Operations.Json;
using GridServices.Operations.Money;
using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests.Notifications;

/// <summary>Records that a service keeps come back from JSON as they were.</summary>
public sealed class StoredFormsTests
{
    private static readonly Instant At = Instant.FromUtc(2027, 7, 1, 12, 0);

    [Fact]
    public void Grants_with_and_without_a_scope()
    {
        Same(new AccessGrant(UserRole.Viewer));
        Same(new AccessGrant(UserRole.Customer, new AccessScope { Customers = ["c1"], Tags = ["north"] }));
        Assert.Equal("""{"role":"controllerVendor","scope":{"customers":[],"tags":[],"sites":["site-1"]}}""", JsonSerializer.Serialize(new AccessGrant(UserRole.ControllerVendor, new AccessScope { Sites = ["site-1"] }), OperationsJson.Options));
    }

    [Fact]
    public void Messages_and_what_was_sent()
    {
        Same(new MessageDue { Key = "k", RecipientId = "ann", Channel = Channel.Sms, Language = "de", TimeZone = "Europe/Berlin", Parts = [new MessagePart(Trigger.EventChanged, "e", "r1.0", "notify.eventChanged", [new MessageArgument("a", "b")])], Covers = ["c"] });
        Same(new SentMessage("k", "ann", "e", At));
        Same(new SentMessage("k", "ann", "e", At, At));
        Same(OfficeNotices.LineLost("openadr", "ven-a", At));
        Same(new Recipient { Id = "ann", Language = "fr-CA", TimeZone = "America/Toronto", StaffRole = UserRole.Dispatcher, QuietHours = new QuietHours(new LocalTime(22, 0), new LocalTime(7, 0)), DigestAt = new LocalTime(8, 30) });
    }

    [Fact]
    public void Links_and_faults_and_sessions()
    {
        Same(AcknowledgementToken.Issue(new byte[32], "t1", "ann", "e", At).Kept);
        Same(new BulkFault(3, "kw", "x", "write a number", IsWarning: true));
        Same(new BulkResult("applied", "", "01H", "/sites/s1"));
        Same(new ChargingSession { Id = "s", Evse = "E1", Parts = [new SessionPart(At, At + Duration.FromHours(1), 7.5m)], Paid = 3 });
        Same(new SessionShare("s", "E1", 7.5m, 1.23m));
        Same(new ComparedLine(null, new InvoiceLine { Name = "Fee", Amount = 1 }, 1, DifferenceReason.OnlyTheirs, null, null, "only theirs"));
    }

    private static void Same<T>(T value) => Assert.Equal(value, JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, OperationsJson.Options), OperationsJson.Options));
}
