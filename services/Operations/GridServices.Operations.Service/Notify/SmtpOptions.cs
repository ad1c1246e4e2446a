using GridServices.Hosting.Configuration;
using MimeKit;

namespace GridServices.Operations.Service.Notify;

/// <summary>The mail server.</summary>
internal sealed record SmtpOptions : ISettings
{
    private const int HighestPort = 65_535;

    public static string Section => "Notify:Smtp";

    /// <summary>Mail server; where it is unset no mail is sent, and the delivery log says so.</summary>
    public string? Host { get; init; }

    /// <summary>Its port.</summary>
    public int Port { get; init; } = 587;

    /// <summary>Login there; unset: none is given.</summary>
    public string? User { get; init; }

    /// <summary>For the login.</summary>
    public string? Password { get; init; }

    /// <summary>The sender's address.</summary>
    public string From { get; init; } = "gridservices@localhost.localdomain";

    /// <summary>STARTTLS before anything is said; false only for a server on this machine.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>How long each step of the server may take; after it the mail is tried again later.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    public IEnumerable<string> Validate() =>
    [
        .. Bounds.Within("Notify:Smtp:Port", Port, 1, HighestPort),
        .. Bounds.Within("Notify:Smtp:Timeout", Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
        .. MailboxAddress.TryParse(From, out _) ? Array.Empty<string>() : [$"Notify:Smtp:From '{From}' is no mail address, e.g. dr@example.com."],
    ];
}
