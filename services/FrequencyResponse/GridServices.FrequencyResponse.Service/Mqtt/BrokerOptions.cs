using System.Net;
using GridServices.Hosting.Configuration;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>The grid operator's MQTT broker.</summary>
internal sealed record BrokerOptions : ISettings
{
    public static string Section => "Mqtt";

    /// <summary>mqtts://host:8883, or mqtt://host:1883 on this machine only; unset: no contract takes instructions over MQTT. The broker must speak MQTT 5.</summary>
    public string? Broker { get; init; }

    /// <summary>The tenant whose contracts may use it.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>Our name at the broker, which lets one connection of a name in: another name for each installation, the same for all instances on one store.</summary>
    public string ClientId { get; init; } = "gridservices-frequency-response";

    /// <summary>Unset: none is given.</summary>
    public string? UserName { get; init; }

    /// <summary>A file whose first line is the password.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>PEM file with our certificate, or a .pfx; unset: none is shown.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>PEM file with its key; unset: in the certificate's own file.</summary>
    public string? ClientKey { get; init; }

    /// <summary>A file whose first line is the key's password.</summary>
    public string? ClientKeyPasswordFile { get; init; }

    /// <summary>PEM file with the roots that the broker's certificate leads to; unset: the system's.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>How often the line is tried while nothing else is sent, in seconds: a dead one is found within one and a half of them.</summary>
    public int KeepAliveSeconds { get; init; } = 10;

    internal bool IsTls => Address?.Scheme == "mqtts";

    internal Uri? Address => Uri.TryCreate(Broker, UriKind.Absolute, out var uri) ? uri : null;

    internal int Port => Address is { IsDefaultPort: false, Port: > 0 } stated ? stated.Port : IsTls ? 8883 : 1883;

    public IEnumerable<string> Validate() => Broker is null
        ? []
        :
        [
            .. Address is { Scheme: "mqtt" or "mqtts", Host.Length: > 0, UserInfo: "",
            PathAndQuery: "" or "/" } ? Array.Empty<string>() : [$"Mqtt:Broker '{Shown}' is no address of a broker, e.g. mqtts://broker.example:8883; name and password have settings of their own."],

            // Whoever can write on the line moves the pool.
            .. IsTls || Address is not { Scheme: "mqtt" } plain || IsHere(
            plain) ? Array.Empty<string>() : [$"Mqtt:Broker '{Shown}' is not on this machine: instructions go over TLS only, write mqtts://."],
            .. IsTls || (ClientCertificate ?? TrustedRoots) is null ? Array.Empty<string>() : ["Mqtt:ClientCertificate and Mqtt:TrustedRoots go with mqtts:// only."],
            .. ClientId.Length is > 0 and <= 128 ? Array.Empty<string>() : ["Mqtt:ClientId has 1 to 128 characters."],
            .. UserName is null == PasswordFile is null ? Array.Empty<string>() : ["Mqtt:UserName and Mqtt:PasswordFile go together."],
            .. Bounds.Within("Mqtt:KeepAliveSeconds", KeepAliveSeconds, 1, 600),
        ];

    /// <summary>Without what may be a password: what stands before the last @.</summary>
    private string? Shown => Broker?[(Broker.LastIndexOf('@') + 1)..];

    private static bool IsHere(Uri uri) => uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
