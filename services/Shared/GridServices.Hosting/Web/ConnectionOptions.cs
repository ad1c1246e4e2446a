namespace GridServices.Hosting;

/// <summary>What the service takes on.</summary>
public sealed record ConnectionOptions : ISettings
{
    public static string Section => "Limits";

    /// <summary>Open connections at the most.</summary>
    public int MaxConnections { get; init; } = 20_000;

    public IEnumerable<string> Validate() => Bounds.AtLeastOne("Limits:MaxConnections", MaxConnections);
}

/// <summary>Which client certificates count.</summary>
public sealed record ClientCertificateOptions : ISettings
{
    public static string Section => "Tls";

    /// <summary>PEM file with the roots of client certificates, for tokens that are bound to one.</summary>
    public string? ClientCa { get; init; }

    public IEnumerable<string> Validate() => [];
}
