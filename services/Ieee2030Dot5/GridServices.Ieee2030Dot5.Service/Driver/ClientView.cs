using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>A client as everybody but its own loop sees it.</summary>
public sealed record ClientView : EngineView<DerClientConfig, DerClientState, NoteKind>
{
    /// <summary>The configuration as the engine takes it: with the LFDI of the certificate in use.</summary>
    public required DerClientConfig Engine { get; init; }

    public required string NotificationId { get; init; }

    /// <summary>Of the certificate in use, 40 hex digits; null while there is none that serves.</summary>
    public string? Lfdi { get; init; }

    /// <summary>The server's chain as of the last handshake, leaf first.</summary>
    public IReadOnlyList<CertificateDetails> ServerChain { get; init; } = [];

    /// <summary>True: a registration PIN did not match, for any of the client's EndDevices.</summary>
    public bool Ceased => State.Devices.Values.Any(d => d is { Retired: false, Pin: PinVerdict.Differs });
}
