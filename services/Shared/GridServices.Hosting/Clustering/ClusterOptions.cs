using System.Net;
using GridServices.Hosting.Configuration;

namespace GridServices.Hosting.Clustering;

/// <summary>Several instances of the service that work together on one PostgreSQL database; off unless <see cref="PostgreSql"/> is set.</summary>
public sealed record ClusterOptions : ISettings
{
    private const int LastPort = 65_535;

    public static string Section => "Cluster";

    /// <summary>Connection string of the database that all instances share; the service's store is there too. Unset: this instance works alone.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>Name of this instance, other than that of every other one, and the same after a restart. Unset: the machine's name and the port it listens on.</summary>
    public string? Name { get; init; }

    /// <summary>IP address of this machine at which the other instances reach this one.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port for the instances among themselves; 0: a free one. It is not encrypted: open it to the other instances' machines only.</summary>
    public int Port { get; init; }

    /// <summary>Address at which the other instances hand requests on to this one. Unset: `Address` with the scheme and port of the first address it listens on.</summary>
    public string? Url { get; init; }

    /// <summary>Several instances work together.</summary>
    public bool IsOn => PostgreSql is { Length: > 0 };

    public IEnumerable<string> Validate() =>
    [
        .. IPAddress.TryParse(Address, out _) ? Array.Empty<string>() : [$"Cluster:Address '{Address}' is no IP address, e.g. 10.0.0.5: the one at which other instances reach this one."],
        .. Bounds.Within("Cluster:Port", Port, 0, LastPort),
        .. Bounds.HttpAddress("Cluster:Url", Url, "http://10.0.0.5:5110"),
        .. Name is null || IsName(Name) ? Array.Empty<string>() : [$"Cluster:Name '{Name}' must be 1 to 40 letters, digits, '-', '_' or '.', e.g. node-1."],
    ];

    private static bool IsName(string name) => name.Length is > 0 and <= 40 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
