using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.UtilityClients.Doctor;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Doctor;

/// <summary>What the doctor found.</summary>
public sealed record DoctorReport
{
    public required Instant At { get; init; }
    public required string ServerUrl { get; init; }

    /// <summary>What the utility registers: of our certificate, 40 hex digits.</summary>
    public string? Lfdi { get; init; }

    /// <summary>The short form, with its check digit, in groups of three.</summary>
    public string? Sfdi { get; init; }

    /// <summary>The EndDevices of this client and the PIN that the utility gave for each.</summary>
    public required IReadOnlyList<DeviceItem> Devices { get; init; }

    public CertificateSummary? Certificate { get; init; }

    /// <summary>Sent along with our certificate.</summary>
    public IReadOnlyList<CertificateSummary> Intermediates { get; init; } = [];

    /// <summary>Whether this machine can speak the standard's cipher suite (start-up self-test).</summary>
    public required bool Ccm8 { get; init; }

    public required ProbeReport Probe { get; init; }

    /// <summary>Whether the server can notify us; absent: the client only polls.</summary>
    public NotificationReport? Notifications { get; init; }

    /// <summary>Positive: the server's clock is ahead; by its Date header, to a second or so.</summary>
    public double? ClockSkewS { get; init; }

    public Instant? LastHeardAt { get; init; }
    public required UpstreamStatus Status { get; init; }
    public string? LastProblem { get; init; }

    /// <summary>What to do, in plain words.</summary>
    public required IReadOnlyList<string> Advice { get; init; }
}

/// <summary>An EndDevice as its owner configured it.</summary>
public sealed record DeviceItem(string SiteId, string? Lfdi, string? Sfdi, string? Pin)
{
    internal static DeviceItem From(DerDeviceConfig device) => new(
        device.SiteId,
        device.Lfdi,
        Identity.Lfdi.TryParse(device.Lfdi, out var lfdi) ? lfdi.Sfdi.Label : null,
        device.Pin);
}

/// <summary>A connection made just now.</summary>
public sealed record ProbeReport
{
    public required bool Reachable { get; init; }
    public string? TlsProtocol { get; init; }
    public string? CipherSuite { get; init; }

    /// <summary>The server's chain, leaf first.</summary>
    public IReadOnlyList<CertificateSummary> Chain { get; init; } = [];

    public string? Problem { get; init; }

    internal static ProbeReport From(ProbeResult probe) => new()
    {
        Reachable = probe.Reachable,
        TlsProtocol = probe.TlsProtocol,
        CipherSuite = probe.CipherSuite,
        Chain = [.. probe.Chain.Select(CertificateSummary.From)],
        Problem = probe.Problem,
    };
}
