using GridServices.Ieee2030Dot5.Certificates;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Identity;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Hub;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.Ieee2030Dot5.Session;
using GridServices.UtilityClients.Doctor;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Doctor;

/// <summary>Looks at a client's line to its server as a person would: suite, certificates, name, socket, handshake, clock.</summary>
internal sealed class ClientDoctor(SteadyClock clock, CipherSelfTest selfTest, TlsSettings tls, NotificationInspector notifications)
{
    private const int MostTroubles = 10;

    public async Task<DoctorReport> ExamineAsync(ClientView client, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var advice = new List<string>();
        if (selfTest.Problem is { } refused)
        {
            advice.Add(refused);
        }

        using var identity = DoctorAdvice.Load(() => ClientIdentity.Load(client.Config.Transport, tls.DenyList), advice);
        var own = identity?.Certificate is { } certificate ? CertificateDetails.From(certificate) : null;
        if (own is not null)
        {
            CheckOwnCertificate(own, identity!, now, advice);
        }

        var lfdi = own?.Sha256[..CertificateFingerprint.LfdiDigits] ?? client.Lfdi;
        var probe = await ProbeAsync(new Uri(client.Config.ServerUrl), client.Config.Transport, identity, advice, ct);
        advice.AddRange(ExpiryAdvice.Describe(ClientCertificates.ForServer(client.Config.Transport), now));
        CheckLine(client, now, advice);
        var notified = await notifications.InspectAsync(client, now, advice, ct);
        return new DoctorReport
        {
            At = now,
            ServerUrl = client.Config.ServerUrl,
            Lfdi = lfdi,
            Sfdi = lfdi is null ? null : Lfdi.Parse(lfdi).Sfdi.Label,
            Devices = [.. client.Config.AllDevices().Select(d => DeviceItem.From(d))],
            Certificate = own is null ? null : CertificateSummary.From(own),
            Intermediates = identity is null ? [] : [.. identity.Files.Chain.Select(CertificateSummary.From)],
            Ccm8 = selfTest.Problem is null,
            Probe = ProbeReport.From(probe),
            Notifications = notified,
            ClockSkewS = client.ClockSkew is { } skew ? Math.Round(skew.TotalSeconds, 1) : null,
            LastHeardAt = client.HeardAt,
            Status = UpstreamRule.Classify(client, now).Status,
            LastProblem = client.Problem,
            Advice = DoctorAdvice.OrNothing(advice),
        };
    }

    private static void CheckOwnCertificate(CertificateDetails own, ClientIdentity identity, Instant now, List<string> advice)
    {
        if (DoctorAdvice.CheckOwnCertificate(own, "certificate", "have a new one issued and its LFDI registered", now) is { } dated)
        {
            advice.Add(dated);
        }

        var faults = DeviceCertificateRules.Check([identity.Certificate!, .. identity.Files.Chain, .. identity.FindRoot()]);
        advice.AddRange(faults.Select(f => $"{ChainText.Describe(f.Depth, "Our certificate")}: {f.Detail} [{f.Rule}]; a strict server may refuse us."));
        var trusted = identity.Files.Trust ?? [];
        if (identity.Files.Chain.Count == 0 && trusted.All(root => !string.Equals(root.Subject, identity.Certificate!.Issuer, StringComparison.Ordinal)))
        {
            advice.Add("transport.clientCertificate holds no intermediates, though our certificate was not issued by the root itself: a server that knows the root alone will refuse us. Append the PKI's MCA and MICA certificates to the file.");
        }
    }

    /// <summary>A connection made just now, by the client's own certificates and rules.</summary>
    private static async Task<ProbeResult> ProbeAsync(Uri url, DerTransport transport, ClientIdentity? identity, List<string> advice, CancellationToken ct)
    {
        var policy = identity?.PolicyFor(transport, url.IdnHost);
        var server = policy is null ? null : new ServerCertificateValidator(policy, identity!.Files.Trust);
        var plan = new ProbePlan(server, server is null ? null : identity!.Options(transport, server), (fault, isSilent) => server?.Refusal ?? (isSilent
            ? $"the server takes the connection and then says nothing within {ConnectionProbe.Time.TotalSeconds:0} s; check that the port of serverUrl speaks TLS"
            : HandshakeFault.Describe(fault)));
        var probe = await ConnectionProbe.TryAsync(url, plan, advice, ct);
        if (probe.TlsProtocol is null)
        {
            return probe;
        }

        if (policy!.IsAnonymous)
        {
            advice.Add($"The server's certificate carries no name, so any device of the same PKI could stand in for it; once you are sure of it, set transport.serverPin to {probe.Chain[0].Sha256[..CertificateFingerprint.LfdiDigits]}.");
        }

        advice.AddRange(policy.Faults.Select(f => $"{ChainText.Describe(f.Depth, "The server's certificate")}: {f.Detail} [{f.Rule}]."));
        return probe;
    }

    private static void CheckLine(ClientView client, Instant now, List<string> advice)
    {
        if (client.Problem is not null)
        {
            advice.Add($"The last exchange failed: {client.Problem}.");
        }

        var usability = Usability.For(client.Engine, client.State);
        foreach (var trouble in usability.Devices.Values.Prepend(usability.Entrance).OfType<ServerTrouble>().Take(MostTroubles))
        {
            advice.Add($"The server can't be followed: {trouble.Reason}. {trouble.Advice}");
        }

        advice.AddRange(usability.Refused.Take(MostTroubles).Select(r => $"Reporting fails: {r.Reason}. {r.Advice}"));
        if (client.Engine is { Pen: 0, Reporting.Enabled: true } && client.State.Heard is not (null or Codec.Sep2Dialect.Ieee2018))
        {
            advice.Add("The mRIDs of readings end in 00000000: set pen to the IANA enterprise number that the utility knows us by.");
        }

        if (client.ClockSkew is { } skew && (skew > client.Config.Polling.ClockAlarm || skew < -client.Config.Polling.ClockAlarm))
        {
            advice.Add($"The server's clock is {Math.Abs(skew.TotalSeconds):F0} s {(skew > Duration.Zero ? "ahead of" : "behind")} ours; the server's time is followed, but check both (NTP).");
        }

        advice.AddRange(DoctorAdvice.DescribeAlarms(client.Notes, now));
    }
}
