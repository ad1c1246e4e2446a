using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Service.Transport;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>A client as everybody but its own loop sees it: replaced whole, never changed.</summary>
public sealed record ClientView
{
    public required ClientId Id { get; init; }

    /// <summary>As it was PUT, with defaults.</summary>
    public required DerClientConfig Config { get; init; }

    /// <summary>As the engine takes it: with the LFDI of the certificate in use.</summary>
    public required DerClientConfig Engine { get; init; }

    public required string NotificationId { get; init; }
    public required DerClientState State { get; init; }

    /// <summary>When this process took the client up.</summary>
    public required Instant Since { get; init; }

    /// <summary>Of the certificate in use, 40 hex digits; null while there is none that serves.</summary>
    public string? Lfdi { get; init; }

    /// <summary>The last answer of the server, whatever its status.</summary>
    public Instant? HeardAt { get; init; }

    /// <summary>The server's Date header against our clock: positive = the server is ahead. To a second or so.</summary>
    public Duration? ClockSkew { get; init; }

    /// <summary>The server's chain as of the last handshake, leaf first.</summary>
    public IReadOnlyList<CertificateSummary> ServerChain { get; init; } = [];

    /// <summary>Since when <see cref="Problem"/> stands; null when the last exchange went well.</summary>
    public Instant? ProblemSince { get; init; }

    /// <summary>Why the last exchange failed, one safe line.</summary>
    public string? Problem { get; init; }

    /// <summary>The latest notes of the engine, newest last.</summary>
    public IReadOnlyList<TimedNote> Notes { get; init; } = [];

    /// <summary>True: a registration PIN did not match, for any of the client's EndDevices.</summary>
    public bool Ceased => State.Devices.Values.Any(d => d is { Retired: false, Pin: PinVerdict.Differs });

    /// <summary>True: the loop itself failed and is started again.</summary>
    public bool Faulted { get; init; }
}

/// <summary>A note and when it was made.</summary>
public sealed record TimedNote(Instant At, NoteLevel Level, NoteKind Kind, ErrorClass? Class, string? About, string Text);
