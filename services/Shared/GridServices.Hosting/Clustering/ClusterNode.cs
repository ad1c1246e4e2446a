using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Clustering;

/// <summary>This instance among those of its cluster.</summary>
/// <param name="options">The settings.</param>
/// <param name="identity">Of the service.</param>
/// <param name="listens">The first address that it listens on, as it is set.</param>
/// <param name="server">Knows the address once it listens.</param>
public sealed class ClusterNode(ClusterOptions options, ServiceIdentity identity, string listens, IServer server)
{
    internal const string WorksAlone = "An instance without Cluster:PostgreSql works on this store: stop it, then start this one.";

    /// <summary>True in cluster mode.</summary>
    public bool IsOn => options.IsOn && identity.Clusters;

    /// <summary>What people call it.</summary>
    public string Name { get; } = options.Name ?? BuildName(listens);

    /// <summary>This run of the instance: what its database sessions are called, so that others can end them once it is dead.</summary>
    public string Sessions { get; } = $"{identity.Name} {Guid.NewGuid().ToString("N")[..12]}";

    /// <summary>Where the other nodes hand requests on to it; null before it listens.</summary>
    public string? Url => options.Url ?? (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } first ? BuildUrl(first) : null);

    private string BuildUrl(string listening)
    {
        var address = BindingAddress.Parse(listening);
        return string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://{options.Address}:{address.Port}");
    }

    private static string BuildName(string listening) =>
        string.Create(CultureInfo.InvariantCulture, $"{new string([.. Environment.MachineName.Where(char.IsAsciiLetterOrDigit).Take(30)])}-{BindingAddress.Parse(listening).Port}");
}
