using GridServices.Operations.Service.Notify;

namespace GridServices.Operations.Service.Tests.Notify;

/// <summary>A connection that the server ends costs no mail a try; one that it never takes is told.</summary>
public sealed class MailLineTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_goes_over_a_new_connection_where_the_server_has_ended_the_one_before()
    {
        await using var server = await MailServer.StartAsync(perConnection: 2);
        await using (var line = Line(server))
        {
            for (var i = 0; i < 5; i++)
            {
                Assert.Null(await line.SendAsync($"m{i}", $"c{i}@example.com", "Event", "text", Ct));
            }
        }

        Assert.Equal(5, server.Mails().Count);
        Assert.Equal(3, server.Connections);
    }

    [Fact]
    public async Task A_message_that_is_sent_again_is_the_same_mail()
    {
        await using var server = await MailServer.StartAsync();
        await using (var line = Line(server))
        {
            Assert.Null(await line.SendAsync("m1", "anna@example.com", "Event", "text", Ct));
            Assert.Null(await line.SendAsync("m1", "anna@example.com", "Event", "text", Ct));
        }

        Assert.Equal(["m1@gridservices.example", "m1@gridservices.example"], server.Mails().Select(m => m.MessageId));
    }

    [Fact]
    public async Task A_server_without_STARTTLS_or_without_login_is_told_and_not_thrown()
    {
        await using var server = await MailServer.StartAsync();
        await using var secure = Line(server, tls: true);
        Assert.Contains("did not take it", await secure.SendAsync("m1", "anna@example.com", "Event", "text", Ct), StringComparison.Ordinal);
        await using var known = Line(server, user: "dr");
        Assert.Contains("did not take it", await known.SendAsync("m1", "anna@example.com", "Event", "text", Ct), StringComparison.Ordinal);
        Assert.Empty(server.Mails());
    }

    private static MailLine Line(MailServer server, bool tls = false, string? user = null) =>
        new Mailer(new SmtpOptions { Host = "127.0.0.1", Port = server.Port, Tls = tls, Timeout = TimeSpan.FromMinutes(5), User = user, From = "dr@gridservices.example" }).Open();
}
