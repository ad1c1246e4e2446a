using MailKit;
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
    private Connection? _client;

    /// <summary>Null: the server took it; else why not.</summary>
    /// <param name="id">Of the message: sent again because its answer was lost, it is the same mail to who receives it.</param>
    /// <param name="to">The recipient's address.</param>
    /// <param name="subject">One line.</param>
    /// <param name="text">The body.</param>
    /// <param name="ct">Gives up before the text is under way.</param>
    internal async Task<string?> SendAsync(string id, string to, string subject, string text, CancellationToken ct)
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
        var from = MailboxAddress.Parse(options.From);
        message.MessageId = $"{id}@{(from.Domain is { Length: > 0 } domain ? domain : "gridservices.invalid")}";
        message.From.Add(from);
        message.To.Add(address);
        message.Subject = subject;
        message.Body = new TextPart("plain") { Text = text };
        while (true)
        {
            var isUsed = _client is { IsConnected: true };
            try
            {
                await SendAsync(options.Host, message, ct);
                return null;
            }
            catch (Exception fault) when (IsServerFault(fault))
            {
                // A connection that has carried mail may end at any time; as long as no recipient was taken, the mail goes over a new one.
                var isAgain = isUsed && HasEnded(fault) && _client is not { HasRecipient: true };

                // What the server thinks of this connection now is not known: the next mail gets another.
                Drop();
                if (!isAgain)
                {
                    return $"the mail server did not take it: {fault.Message}";
                }
            }
        }
    }

    private async Task SendAsync(string host, MimeMessage message, CancellationToken ct)
    {
        var client = await ClientAsync(host, ct);
        client.HasRecipient = false;

        // Cut off once the text is under way, it could be taken without our knowing, and be sent twice; the time limit holds.
        ct.ThrowIfCancellationRequested();
        await client.SendAsync(message, CancellationToken.None);
    }

    // A server without STARTTLS, AUTH or SMTPUTF8 is NotSupported; one that ends the connection between two commands InvalidOperation.
    private static bool IsServerFault(Exception fault) => fault is SmtpCommandException or SmtpProtocolException or IOException or System.Net.Sockets.SocketException or AuthenticationException
        or SslHandshakeException or TimeoutException or NotSupportedException or InvalidOperationException;

    private static bool HasEnded(Exception fault) =>
        fault is SmtpCommandException { StatusCode: SmtpStatusCode.ServiceNotAvailable } or SmtpProtocolException or IOException or System.Net.Sockets.SocketException or ServiceNotConnectedException;

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (_client?.DisconnectAsync(quit: true) ?? Task.CompletedTask);
        }
        catch (Exception gone) when (gone is SmtpCommandException or SmtpProtocolException or IOException or System.Net.Sockets.SocketException or TimeoutException or InvalidOperationException)
        {
            // Every mail was answered before.
        }
        finally
        {
            Drop();
        }
    }

    /// <summary>Servers end connections that have carried many mails, or were silent for long.</summary>
    private async Task<Connection> ClientAsync(string host, CancellationToken ct)
    {
        if (_client is { IsConnected: true } open)
        {
            return open;
        }

        Drop();
        var client = _client = new Connection { Timeout = (int)options.Timeout.TotalMilliseconds };
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

    /// <summary>Knows whether the server has taken a recipient: only then is the text handed over.</summary>
    private sealed class Connection : SmtpClient
    {
        internal bool HasRecipient { get; set; }

        protected override void OnRecipientAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
        {
            HasRecipient = true;
            base.OnRecipientAccepted(message, mailbox, response);
        }
    }
}
