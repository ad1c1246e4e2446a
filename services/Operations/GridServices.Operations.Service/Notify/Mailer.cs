using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace GridServices.Operations.Service.Notify;

/// <summary>Sends mail through the configured server.</summary>
internal sealed class Mailer(SmtpOptions options)
{
    /// <summary>A connection for one mail after the other; it is made with the first.</summary>
    internal MailLine Open() => new(options);
}

/// <summary>One connection to the mail server. Not for use by several at the same time.</summary>
internal sealed class MailLine(SmtpOptions options) : IAsyncDisposable
{
    private const int TimeoutMs = 20_000;
    private SmtpClient? _client;

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
            await (await ClientAsync(options.Host, ct)).SendAsync(message, ct);
            return null;
        }
        catch (Exception fault) when (fault is SmtpCommandException or SmtpProtocolException or IOException or System.Net.Sockets.SocketException or AuthenticationException or SslHandshakeException or TimeoutException)
        {
            // What the server thinks of this connection now is not known: the next mail gets another.
            Drop();
            return $"the mail server did not take it: {fault.Message}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (_client?.DisconnectAsync(quit: true) ?? Task.CompletedTask);
        }
        catch (Exception gone) when (gone is SmtpCommandException or SmtpProtocolException or IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            // Every mail was answered before.
        }
        finally
        {
            Drop();
        }
    }

    /// <summary>Servers end connections that have carried many mails, or were silent for long.</summary>
    private async Task<SmtpClient> ClientAsync(string host, CancellationToken ct)
    {
        if (_client is { IsConnected: true } open)
        {
            return open;
        }

        Drop();
        var client = _client = new SmtpClient { Timeout = TimeoutMs };
        await client.ConnectAsync(host, options.Port, options.Tls ? SecureSocketOptions.StartTls : SecureSocketOptions.None, ct);
        if (options.User is { Length: > 0 } user)
        {
            await client.AuthenticateAsync(user, options.Password ?? string.Empty, ct);
        }

        return client;
    }

    private void Drop()
    {
        _client?.Dispose();
        _client = null;
    }
}
