using GridServices.Ieee2030Dot5.Certificates;
using GridServices.Ieee2030Dot5.Identity;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Hub;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.Ieee2030Dot5.Walk;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Doctor;

/// <summary>Looks at a client's line to its server as a person would: suite, certificates, name, socket, handshake, clock.</summary>
internal sealed class ClientDoctor(SteadyClock clock, CipherSelfTest selfTest, TlsSettings tls)
{
    private const int MostTroubles = 10;
    private static readonly Duration ExpiryWarning = Duration.FromDays(30);

    public async Task<DoctorReport> ExamineAsync(ClientView client, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var advice = new List<string>();
        if (selfTest.Problem is { } refused)
        {
            advice.Add(refused);
        }

        using var identity = Load(client.Config.Transport, advice);
        var own = identity?.Certificate is { } certificate ? CertificateSummary.Of(certificate) : null;
        JudgeOwn(own, identity, now, advice);
        var probe = await LineProbe.TryAsync(new Uri(client.Config.ServerUrl), client.Config.Transport, identity, advice, ct);
        JudgeLine(client, now, advice);
        return new DoctorReport
        {
            At = now,
            ServerUrl = client.Config.ServerUrl,
            Lfdi = own?.Lfdi ?? client.Lfdi,
            Sfdi = (own?.Lfdi ?? client.Lfdi) is { } lfdi ? Lfdi.Parse(lfdi).Sfdi.Label : null,
            Devices = [.. client.Config.AllDevices().Select(d => DeviceItem.Of(d))],
            Certificate = own,
            Intermediates = identity is null ? [] : [.. identity.Chain.Select(CertificateSummary.Of)],
            Ccm8 = selfTest.Problem is null,
            Probe = probe,
            ClockSkewS = client.ClockSkew is { } skew ? Math.Round(skew.TotalSeconds, 1) : null,
            LastHeardAt = client.HeardAt,
            Status = UpstreamRule.Of(client, now).Status,
            LastProblem = client.Problem,
            Advice = advice.Count > 0 ? advice : ["Nothing is wrong that can be seen from here."],
        };
    }

    private ClientIdentity? Load(DerTransport transport, List<string> advice)
    {
        try
        {
            return ClientIdentity.Load(transport, tls.DenyList);
        }
        catch (IdentityException e)
        {
            advice.Add(e.Message);
            return null;
        }
    }

    private static void JudgeOwn(CertificateSummary? own, ClientIdentity? identity, Instant now, List<string> advice)
    {
        switch (own)
        {
            case { NotAfter: var end } when end <= now:
                advice.Add($"Our certificate ended at {end}: nothing is sent until a new one lies in its place.");
                break;
            case { NotBefore: var start } when start > now:
                advice.Add($"Our certificate is valid only from {start}; check this machine's clock.");
                break;
            case { NotAfter: var end } when end - now < ExpiryWarning:
                advice.Add($"Our certificate ends at {end}, in {(end - now).TotalDays:F0} days; have a new one issued and its LFDI registered.");
                break;
        }

        if (own is not null)
        {
            var faults = DeviceCertificateRules.Check([identity!.Certificate!, .. identity.Chain, .. identity.RootOf()]);
            advice.AddRange(faults.Select(f => $"{ChainWords.Of(f.Depth, "Our certificate")}: {f.Detail} [{f.Rule}]; a strict server may refuse us."));
        }

        if (own is not null && identity!.Chain.Count == 0 && identity.Trust.All(root => !string.Equals(root.Subject, identity.Certificate!.Issuer, StringComparison.Ordinal)))
        {
            advice.Add("transport.clientCertificate holds no intermediates, though our certificate was not issued by the root itself: a server that knows the root alone will refuse us. Append the PKI's MCA and MICA certificates to the file.");
        }
    }

    private static void JudgeLine(ClientView client, Instant now, List<string> advice)
    {
        if (client.Problem is not null)
        {
            advice.Add($"The last exchange failed: {client.Problem}.");
        }

        var usability = Usability.Of(client.Engine, client.State);
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

        var alarms = client.Notes.Where(n => n.Level == NoteLevel.Alarm && now - n.At < Duration.FromDays(1)).TakeLast(3);
        advice.AddRange(alarms.Select(a => $"Alarm at {a.At}: {a.Text}"));
    }
}
