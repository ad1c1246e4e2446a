using GridServices.Hosting.Configuration;

namespace GridServices.Operations.Service.Controllers;

/// <summary>How tokens of controllers reach the hub.</summary>
internal sealed record ControllerOptions : ISettings
{
    public static string Section => "Controllers";

    /// <summary>Written with the hashes of controllers' tokens, for the hub to watch (`Auth:ControllerTokensFile` there). Unset: no tokens are issued.</summary>
    public string? TokensFile { get; init; }

    /// <summary>The hub's address as controllers reach it, for the snippets. Unset: `Services:EnvelopeHub:Url`.</summary>
    public string? HubUrl { get; init; }

    public IEnumerable<string> Validate() => Bounds.HttpAddress("Controllers:HubUrl", HubUrl, "https://hub.example");
}
