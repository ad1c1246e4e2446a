namespace GridServices.Adapters.Service.Mqtt;

/// <summary>The MQTT broker of one adapter.</summary>
internal sealed record BrokerSettings
{
    /// <summary>mqtts://host:8883 or mqtt://host:1883.</summary>
    public string? Address { get; init; }

    /// <summary>Lets <c>mqtt://</c> be used to another machine: whoever is on the way may then loosen a limit.</summary>
    public bool AllowPlain { get; init; }

    /// <summary>Our name at the broker, which lets one connection of a name in. Default: gridservices-, then the adapter's name.</summary>
    public string? ClientId { get; init; }

    public string? UserName { get; init; }

    /// <summary>A file whose first line is the password.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>PEM file with the roots that the broker's certificate leads to; unset: the system's.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>PEM file with our certificate; unset: none is shown.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>PEM file with its key.</summary>
    public string? ClientKey { get; init; }

    public int KeepAliveSeconds { get; init; } = 10;

    /// <summary>The name under which an adapter comes.</summary>
    internal string GetClientId(string adapter) => ClientId ?? $"gridservices-{adapter}";

    internal Uri? Uri => System.Uri.TryCreate(Address, UriKind.Absolute, out var uri) ? uri : null;

    internal bool IsTls => Uri?.Scheme == "mqtts";

    internal string Host => Uri!.IdnHost.Trim('[', ']');

    internal int Port => Uri is { Port: > 0 } stated ? stated.Port : IsTls ? 8883 : 1883;

    internal bool IsHere => Uri is { } uri && ThisMachine.Is(uri);

    /// <summary>What is wrong, each with the setting's name.</summary>
    internal IEnumerable<(string Setting, string Fault)> Validate()
    {
        if (Uri is not { Scheme: "mqtt" or "mqtts", Host.Length: > 0, UserInfo: "", PathAndQuery: "" or "/" })
        {
            yield return ("Address", "is no broker's address: write mqtts://host:8883 or mqtt://host:1883; user and password have settings of their own");
        }
        else if (!IsTls && !IsHere && !AllowPlain)
        {
            yield return ("Address", "goes to another machine without TLS: write mqtts://, or set AllowPlain to true where the network is yours alone");
        }

        if (UserName is null != PasswordFile is null)
        {
            yield return ("UserName", "goes together with PasswordFile");
        }

        if (ClientCertificate is null != ClientKey is null)
        {
            yield return ("ClientCertificate", "goes together with ClientKey");
        }

        foreach (var (setting, file) in new[] { ("PasswordFile", PasswordFile), ("TrustedRoots", TrustedRoots), ("ClientCertificate", ClientCertificate), ("ClientKey", ClientKey) })
        {
            if (file is not null && !File.Exists(file))
            {
                yield return (setting, $"names {file}, which is not there");
            }
        }

        if (KeepAliveSeconds is < 1 or > 600)
        {
            yield return ("KeepAliveSeconds", "lies between 1 and 600");
        }
    }
}
