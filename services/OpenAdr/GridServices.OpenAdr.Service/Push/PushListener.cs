using System.Net.Security;
using GridServices.UtilityClients.Listening;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>Where VTNs push to: <c>https://…/OpenADR2/Simple/2.0b</c>.</summary>
internal sealed class PushListener(PushOptions options, ListenerStatus status, PushTls tls, PushEndpoint endpoint, ILoggerFactory logs)
    : MutualTlsListener("push listener", options.Listen, options.MaxConnections, status, logs)
{
    protected override string? CertificateProblem() => tls.Problem();

    protected override SslServerAuthenticationOptions Handshake(TlsHandshakeCallbackContext handshake) => tls.Options(handshake.Connection);

    protected override Task HandleAsync(HttpContext http) => endpoint.HandleAsync(http);
}
