using GridServices.Hosting.Configuration;

namespace GridServices.Operations.Service.SignIn;

/// <summary>The company's sign-in by OpenID Connect.</summary>
internal sealed record ProviderOptions : ISettings
{
    public static string Section => "SignIn:OpenIdConnect";

    /// <summary>The provider's issuer URL; unset: there is no such button.</summary>
    public string? Authority { get; init; }

    /// <summary>The id under which this console is known there; the way back is `/sign-in/callback`.</summary>
    public string? ClientId { get; init; }

    /// <summary>Its secret, where the provider gave one.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What the button says; unset: the authority.</summary>
    public string? Name { get; init; }

    /// <summary>False only for a provider on this machine.</summary>
    public bool RequireHttps { get; init; } = true;

    /// <summary>What the button says; null: no provider is configured.</summary>
    public string? Title => Authority is { Length: > 0 } authority ? Name is { Length: > 0 } name ? name : authority : null;

    public IEnumerable<string> Validate() => Authority is not { Length: > 0 } ? []
        :
        [
            .. Bounds.HttpAddress("SignIn:OpenIdConnect:Authority", Authority, "https://login.example/tenant"),
            .. ClientId is { Length: > 0 } ? Array.Empty<string>() : [$"SignIn:OpenIdConnect:ClientId is missing: the id under which this console is known at {Authority}."],
        ];
}
