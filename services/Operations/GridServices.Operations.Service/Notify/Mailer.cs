using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace GridServices.Operations.Service.Notify;

/// <summary>Sends mail through the configured server.</summary>
internal sealed class Mailer(SmtpOptions options)
{
    private const int TimeoutMs = 20_000;

    /// <summary>Null: the server took it; else why not.</summary>
    internal async Task<string?> SendAsync(string to, string subject, string text, CancellationToken ct)
    {
        if (options.Host is not { Length: > 0 })
        {
            return "no mail server is configured (Notify:Smtp:Host)";
        }

        if (!MailboxAddress.TryParse(to, out var address))
        {
            return "the contact has no mail address any more";
        }

        using var message = new MimeMessage();
        message.From.Add(MailboxAddress.Parse(options.From));
        message.To.Add(address);
        message.Subject = subject;
        message.Body = new TextPart("plain") { Text = text };
        try
        {
            using var client = new SmtpClient { Timeout = TimeoutMs };
            await client.ConnectAsync(options.Host, options.Port, options.Tls ? SecureSocketOptions.StartTls : SecureSocketOptions.None, ct);
            if (options.User is { Length: > 0 } user)
            {
                await client.AuthenticateAsync(user, options.Password ?? string.Empty, ct);
            }

            await client.SendAsync(message, ct);
            await client.DisconnectAsync(quit: true, ct);
            return null;
        }
        catch (Exception fault) when (fault is SmtpCommandException or SmtpProtocolException or IOException or System.Net.Sockets.SocketException or AuthenticationException or SslHandshakeException or TimeoutException)
        {
            return $"the mail server did not take it: {fault.Message}";
        }
    }
}
