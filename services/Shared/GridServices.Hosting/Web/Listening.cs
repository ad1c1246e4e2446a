using System.Net;
using System.Security.Cryptography.X509Certificates;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GridServices.Hosting.Web;

/// <summary>Where and within which bounds a service listens.</summary>
internal static class Listening
{
    private const int KiB = 1024;
    private static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(8);

    internal static void AddListening(this WebApplicationBuilder builder, ServiceIdentity identity)
    {
        var configuration = builder.Configuration;
        var addresses = Addresses(configuration, identity);
        RequireLoopback(configuration, addresses);
        if (!configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            builder.WebHost.UseUrls([.. addresses]);
        }

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(Bound);
        builder.Services.AddSettings<ConnectionOptions>().AddSettings<ClientCertificateOptions>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTime);
    }

    /// <summary>Every address the configuration names; loopback at the service's own port where it names none.</summary>
    internal static IReadOnlyList<string> Addresses(IConfiguration configuration, ServiceIdentity identity)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToList();
        if (endpoints.Count > 0)
        {
            return endpoints;
        }

        var urls = configuration["urls"]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return urls.Length > 0 ? urls : [$"http://127.0.0.1:{identity.DefaultPort}"];
    }

    internal static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address).Host;
        return string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || host.StartsWith("unix:", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }

    /// <summary>Beyond this machine, in clear.</summary>
    internal static bool IsExposed(string address) => !IsLoopback(address) && address.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private static void RequireLoopback(IConfiguration configuration, IReadOnlyList<string> addresses)
    {
        if (configuration.ReadSettings<AuthOptions>().AllowAnonymous && addresses.FirstOrDefault(address => !IsLoopback(address)) is { } open)
        {
            throw new StartException($"Auth:AllowAnonymous is for this machine only, but the service would listen on {open}. Name a tokens file in Auth:TokensFile instead.");
        }
    }

    private static void Bound(KestrelServerOptions server)
    {
        var limits = server.Limits;
        server.AddServerHeader = false;
        limits.MaxRequestBodySize = KiB * KiB;
        limits.MaxRequestHeadersTotalSize = 32 * KiB;
        limits.MaxRequestLineSize = 8 * KiB;
        limits.MaxRequestHeaderCount = 100;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        var options = server.ApplicationServices.GetRequiredService<ConnectionOptions>();
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
        server.ConfigureEndpointDefaults(endpoint => endpoint.CloseSilent(TimeSpan.FromSeconds(options.FirstByteSeconds)));
        server.ConfigureHttpsDefaults(https => TrustClients(https, server.ApplicationServices));
    }

    /// <summary>Client certificates, where an endpoint asks for them: of the CA in <c>Tls:ClientCa</c> (PEM), bound to a token, or any where only the token's own word counts.</summary>
    private static void TrustClients(HttpsConnectionAdapterOptions https, IServiceProvider services)
    {
        var roots = ClientRoots(services.GetRequiredService<ClientCertificateOptions>().ClientCa);
        var tokens = services.GetRequiredService<TokenDirectory>();
        var takesAny = services.GetRequiredService<AccessTokenOptions>() is { IsOn: true, AnyClientCertificate: true };
        https.ClientCertificateValidation = (certificate, _, _) => takesAny || tokens.IsPinned(certificate) || (roots is not null && IsIssuedBy(roots, certificate));
    }

    private static X509Certificate2Collection? ClientRoots(string? path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            return null;
        }

        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(path);
            return roots.Count > 0 ? roots : throw new StartException($"Tls:ClientCa {path} holds no certificate; it must be PEM.");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new StartException($"Tls:ClientCa {path} can't be read: {wrong.Message}", wrong);
        }
    }

    private static bool IsIssuedBy(X509Certificate2Collection roots, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(certificate);
    }
}
