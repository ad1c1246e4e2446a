using System.Net;
using GridServices.Adapters.Oscp;
using GridServices.Adapters.Service.Oscp;
using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Oscp;

/// <summary>Who gets in, what is owed to whom, and that nothing counts before it is on disk.</summary>
public sealed class OscpSessionTests : IDisposable
{
    private readonly string folder = TestFolders.Create();

    private OscpPlan Plan => new()
    {
        RegisterUrl = new Uri("https://fp.example/register"),
        TokenFile = Path.Combine(folder, "first"),
        RegistrationFile = Path.Combine(folder, "kept", "registration.json"),
        Listen = new IPEndPoint(IPAddress.Loopback, 5191),
        Address = new Uri("https://cp.example/2.0"),
        Forecast = new CapacityForecast { GroupId = "depot", MostW = 1 },
    };

    public OscpSessionTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "kept"));
        File.WriteAllText(Path.Combine(folder, "first"), "first\n");
    }

    public void Dispose() => TestFolders.Remove(folder);

    [Theory]
    [InlineData("first", null, true)]
    [InlineData("first", "7", false)]
    [InlineData(null, null, false)]
    [InlineData(null, "7", false)]
    public void Who_does_not_have_our_token_yet_is_owed_it_over_restarts_too(string? token, string? answers, bool isOwed)
    {
        var contact = new OscpSession(Plan);
        contact.Save();
        Assert.Null(contact.HandleRegistration(Registration(token ?? contact.Registration.OwnToken, answers: answers)));
        Assert.Equal((isOwed, isOwed ? "r" : null), (contact.OwedRegistration is not null, contact.OwedRegistration?.Request));
        Assert.Equal(isOwed, new OscpSession(Plan).OwedRegistration is not null);
    }

    /// <summary>Its registration was kept and our 204 was lost: it tries again, and may have drawn another token for that.</summary>
    [Fact]
    public void Who_has_not_heard_that_it_is_registered_comes_again_with_the_first_token()
    {
        var contact = new OscpSession(Plan);
        Assert.Null(contact.HandleRegistration(Registration("first")));
        Assert.True(new OscpSession(Plan).IsAuthorized("register", "first"));
        Assert.False(contact.IsAuthorized("handshake", "first"));
        Assert.Null(contact.HandleRegistration(Registration("first", "https://fp.example/again")));
        Assert.Equal("https://fp.example/again", contact.Registration.PeerAddress?.ToString());
        contact.RemovePending(contact.OwedRegistration!);
        Assert.False(contact.IsAuthorized("register", "first"));
    }

    [Fact]
    public void What_was_taken_is_paid_and_what_became_due_meanwhile_is_not()
    {
        var contact = new OscpSession(Plan);
        Assert.Null(contact.HandleRegistration(Registration("first")));
        var registration = contact.OwedRegistration!;
        contact.HandleHandshake(Message("handshake", "{}", "1"));
        var first = contact.OwedHandshake!;
        Assert.Same(first, contact.OwedHandshake);
        contact.HandleHandshake(Message("handshake", "{}", "2"));
        contact.RemovePending(first);
        Assert.Equal("2", contact.OwedHandshake?.Request);
        contact.RemovePending(contact.OwedHandshake!);
        contact.RemovePending(registration);
        Assert.Equal((null, null, false), (contact.OwedHandshake, contact.OwedRegistration, OscpRegistration.Read(Plan.RegistrationFile).IsOwed));
    }

    [Fact]
    public void A_registration_that_cannot_be_kept_was_not_taken()
    {
        var contact = new OscpSession(Plan);
        Directory.Delete(Path.Combine(folder, "kept"));
        Assert.ThrowsAny<IOException>(() => contact.HandleRegistration(Registration("first")));
        Assert.Equal((null, null, false, true), (contact.Registration.PeerAddress, contact.OwedRegistration, contact.IsNew, contact.IsAuthorized("register", "first")));
    }

    [Fact]
    public void Without_the_file_of_the_first_token_nobody_gets_in_by_it()
    {
        var contact = new OscpSession(Plan);
        Assert.True(contact.IsAuthorized("register", "first"));
        File.Delete(Plan.TokenFile);
        Assert.False(contact.IsAuthorized("register", "first"));
        Assert.True(contact.IsAuthorized("register", contact.Registration.OwnToken));
    }

    // Nobody elsewhere leads us to what listens on this machine alone.
    [Theory]
    [InlineData("https://fp.example/2.0", true)]
    [InlineData("http://10.0.0.9/2.0", false)]
    [InlineData("http://169.254.169.254/latest", false)]
    [InlineData("http://127.0.0.1:5100/2.0", false)]
    [InlineData("https://localhost:5100/2.0", false)]
    public void An_address_without_TLS_or_on_this_machine_is_no_flexibility_providers(string address, bool isTaken)
    {
        Assert.Equal(isTaken, new OscpSession(Plan).HandleRegistration(Registration("first", address)) is null);
        Assert.Equal(isTaken, File.Exists(Plan.RegistrationFile));
        Assert.Null(new OscpSession(Plan with { AllowPlain = true }).HandleRegistration(Registration(isTaken ? OscpRegistration.Read(Plan.RegistrationFile).OwnToken : "first", address)));
    }

    [Fact]
    public void On_one_machine_both_may_be_there() =>
        Assert.Null(new OscpSession(Plan with { RegisterUrl = null, Address = new Uri("http://127.0.0.1:5191") }).HandleRegistration(Registration("first", "http://localhost:8080/2.0")));

    [Theory]
    [InlineData("no")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"OwnToken":"t","PeerToken":"p"}""")]
    public void A_damaged_file_is_told_with_what_to_do(string text)
    {
        File.WriteAllText(Plan.RegistrationFile, text);
        Assert.Contains("Delete it", Assert.Throws<InvalidDataException>(() => new OscpSession(Plan)).Message, StringComparison.Ordinal);
    }

    private static OscpMessage Registration(string token, string address = "https://fp.example/2.0", string? answers = null) =>
        new("register", $$$"""{"token":"p","version_url":[{"version":"2.0","base_url":"{{{address}}}"}]}""", token, "r", answers);

    private static OscpMessage Message(string name, string body, string request) => new(name, body, "t", request, null);
}
