using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using GridServices.Contracts;
using GridServices.UtilityClients.Tls;

namespace GridServices.UtilityClients.Doctor;

/// <summary>A connection made just now.</summary>
/// <param name="Reachable">The server's port accepted it.</param>
/// <param name="TlsProtocol">Null without a handshake that went through.</param>
/// <param name="CipherSuite">As <paramref name="TlsProtocol"/>.</param>
/// <param name="Chain">The server's, leaf first.</param>
/// <param name="Problem">One line; null: none.</param>
public sealed record ProbeResult(bool Reachable, string? TlsProtocol, string? CipherSuite, IReadOnlyList<CertificateDetails> Chain, string? Problem);

/// <summary>How to probe a protocol's server.</summary>
/// <param name="Server">Validates its certificate.</param>
/// <param name="Tls">The engine's own certificates and rules; null: its certificate files can't be used.</param>
/// <param name="Fault">A failed handshake in words; the flag tells that the server said nothing in time.</param>
/// <param name="PlainProblem">What is wrong with a plain HTTP port; null: it is not asked.</param>
public sealed record ProbePlan(
    ServerCertificateValidator? Server,
    SslClientAuthenticationOptions? Tls,
    Func<Exception, bool, string> Fault,
    Func<TcpClient, Uri, CancellationToken, Task<string?>>? PlainProblem = null);

/// <summary>Tries name, socket and handshake as an engine would.</summary>
public static class ConnectionProbe
{
    /// <summary>A probe takes no longer.</summary>
    public static TimeSpan Time { get; } = TimeSpan.FromSeconds(10);

    /// <param name="url">The server.</param>
    /// <param name="plan">How.</param>
    /// <param name="advice">Takes what to do about what was found.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<ProbeResult> TryAsync(Uri url, ProbePlan plan, ICollection<string> advice, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(advice);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Time);
        using var tcp = new TcpClient();
        try
        {
            await tcp.ConnectAsync(url.IdnHost, url.Port, deadline.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            var why = e is SocketException s ? SafeText.Line(s.Message) : $"no connection within {Time.TotalSeconds} s";
            advice.Add($"{url.Host}:{url.Port} can't be reached: {UtilityConnection.Clause(why)}. Check the URL, DNS and the firewall.");
            return new ProbeResult(false, null, null, [], why);
        }

        if (url.Scheme == Uri.UriSchemeHttp)
        {
            return await ProbePlainAsync(tcp, url, plan, advice, deadline.Token);
        }

        return plan.Tls is null
            ? new ProbeResult(true, null, null, [], "no handshake was tried: our own certificate files can't be used")
            : await HandshakeAsync(tcp, url, plan, plan.Tls, advice, deadline.Token);
    }

    private static async Task<ProbeResult> ProbePlainAsync(TcpClient tcp, Uri url, ProbePlan plan, ICollection<string> advice, CancellationToken ct)
    {
        var problem = plan.PlainProblem is null ? null : await plan.PlainProblem(tcp, url, ct);
        if (problem is not null)
        {
            advice.Add($"{url.Host}:{url.Port}: {problem}.");
        }

        return new ProbeResult(true, null, null, [], problem);
    }

    private static async Task<ProbeResult> HandshakeAsync(
        TcpClient tcp, Uri url, ProbePlan plan, SslClientAuthenticationOptions options, ICollection<string> advice, CancellationToken ct)
    {
        options.TargetHost = url.IdnHost;
        await using var tls = new SslStream(tcp.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(options, ct);
            return new ProbeResult(true, tls.SslProtocol.ToString(), tls.NegotiatedCipherSuite.ToString(), plan.Server?.Chain ?? [], null);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException)
        {
            var why = plan.Fault(e, e is OperationCanceledException);
            advice.Add($"The TLS handshake fails: {why}.");
            return new ProbeResult(true, null, null, plan.Server?.Chain ?? [], why);
        }
    }
}
