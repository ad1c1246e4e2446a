using GridServices.Hosting.Configuration;

namespace GridServices.Hosting.Web;

/// <summary>What the service takes on.</summary>
public sealed record ConnectionOptions : ISettings
{
    public static string Section => "Limits";

    /// <summary>Open connections at the most.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>A new connection that has sent nothing for as long is closed, in seconds.</summary>
    public int FirstByteSeconds { get; init; } = 15;

    public IEnumerable<string> Validate() =>
    [
        .. Bounds.AtLeastOne("Limits:MaxConnections", MaxConnections),
        .. Bounds.AtLeastOne("Limits:FirstByteSeconds", FirstByteSeconds),
    ];
}

/// <summary>Which client certificates count.</summary>
public sealed record ClientCertificateOptions : ISettings
{
    public static string Section => "Tls";

    /// <summary>PEM file with the roots of client certificates, for tokens that are bound to one.</summary>
    public string? ClientCa { get; init; }

    public IEnumerable<string> Validate() => [];
}
