using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Doctor;

/// <summary>A connection made just now, by the client's own certificates and rules.</summary>
internal static class LineProbe
{
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(10);

    public static async Task<ProbeReport> TryAsync(Uri url, DerTransport transport, ClientIdentity? identity, List<string> advice, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(ProbeTime);
        using var tcp = new TcpClient();
        try
        {
            await tcp.ConnectAsync(url.IdnHost, url.Port, deadline.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            var why = e is SocketException s ? OneLine.Of(s.Message) : $"no connection within {ProbeTime.TotalSeconds} s";
            advice.Add($"{url.Host}:{url.Port} can't be reached: {why}. Check the URL, DNS and the firewall.");
            return new ProbeReport { Reachable = false, Problem = why };
        }

        if (url.Scheme == Uri.UriSchemeHttp)
        {
            return new ProbeReport { Reachable = true };
        }

        return identity is null
            ? new ProbeReport { Reachable = true, Problem = "no handshake was tried: our own certificate files don't serve" }
            : await HandshakeAsync(tcp, url, transport, identity, advice, deadline.Token);
    }

    private static async Task<ProbeReport> HandshakeAsync(
        TcpClient tcp, Uri url, DerTransport transport, ClientIdentity identity, List<string> advice, CancellationToken ct)
    {
        var trust = new ServerTrust(url.IdnHost, transport, identity.Trust, identity.Denied);
        var options = TlsHandshake.Options(transport, identity, trust);
        options.TargetHost = url.IdnHost;
        await using var tls = new SslStream(tcp.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(options, ct);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            var why = trust.Refusal ?? (e is OperationCanceledException
                ? $"the server takes the connection and then says nothing within {ProbeTime.TotalSeconds:0} s; check that the port of serverUrl speaks TLS"
                : HandshakeFault.Words(e));
            advice.Add($"The TLS handshake fails: {why}.");
            return new ProbeReport { Reachable = true, Problem = why, Chain = trust.Chain };
        }

        if (trust.IsAnonymous)
        {
            advice.Add($"The server's certificate carries no name, so any device of the same PKI could stand in for it; once you are sure of it, set transport.serverPin to {trust.Chain[0].Lfdi}.");
        }

        advice.AddRange(trust.Faults.Select(f => $"{ChainWords.Of(f.Depth, "The server's certificate")}: {f.Detail} [{f.Rule}]."));
        return new ProbeReport { Reachable = true, TlsProtocol = tls.SslProtocol.ToString(), CipherSuite = tls.NegotiatedCipherSuite.ToString(), Chain = trust.Chain };
    }
}
