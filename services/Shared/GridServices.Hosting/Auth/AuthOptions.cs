using GridServices.Hosting.Configuration;

namespace GridServices.Hosting.Auth;

/// <summary>Who may call.</summary>
public sealed record AuthOptions : ISettings
{
    public static string Section => "Auth";

    /// <summary>The tokens file; without it the service refuses to start.</summary>
    public string? TokensFile { get; init; }

    /// <summary>A second tokens file, which Operations writes (`Controllers:TokensFile` there): tokens of controllers for named sites only. It may be absent.</summary>
    public string? ControllerTokensFile { get; init; }

    /// <summary>Everybody on this machine is operator of tenant `default`; refused where the service listens beyond loopback.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Health, metrics and OpenAPI without a token from other machines too.</summary>
    public bool OpenProbes { get; init; }

    public IEnumerable<string> Validate() => [];
}
