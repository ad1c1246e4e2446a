using System.Security.Claims;
using GridServices.Hosting.Configuration;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace GridServices.Operations.Service.SignIn;

/// <summary>
/// OpenID Connect by configuration (<see cref="ProviderOptions"/>): code flow with PKCE.
/// The provider says who somebody is; what the person may do is the account's matter here. An account is bound to the provider's subject at the first
/// sign-in with its e-mail address, where the provider has verified that; from then on the subject alone counts.
/// </summary>
internal static class OpenIdProvider
{
    internal static void AddProvider(this AuthenticationBuilder authentication, ConfigurationManager configuration)
    {
        var provider = configuration.ReadSettings<ProviderOptions>();
        if (provider.Title is null)
        {
            return;
        }

        authentication.AddOpenIdConnect(options =>
        {
            options.Authority = provider.Authority;
            options.ClientId = provider.ClientId;
            options.ClientSecret = provider.ClientSecret;
            options.RequireHttpsMetadata = provider.RequireHttps;
            options.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            options.ResponseType = OpenIdConnectResponseType.Code;
            options.ResponseMode = OpenIdConnectResponseMode.Query;
            options.UsePkce = true;
            options.MapInboundClaims = false;
            options.SaveTokens = false;
            options.CallbackPath = "/sign-in/callback";
            options.Scope.Clear();
            options.Scope.Add("openid");
            options.Scope.Add("profile");
            options.Scope.Add("email");
            options.NonceCookie.SameSite = SameSiteMode.Lax;
            options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.CorrelationCookie.SameSite = SameSiteMode.Lax;
            options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.Events.OnTicketReceived = SignInAsync;
            options.Events.OnRemoteFailure = RefuseAsync;
        });
    }

    /// <summary>The framework would put the provider's claims into our cookie; ours holds a session and nothing else.</summary>
    private static async Task SignInAsync(TicketReceivedContext context)
    {
        context.HandleResponse();
        var http = context.HttpContext;
        if (context.Principal is not { } principal || await FindAsync(http, principal) is not { Disabled: false } user)
        {
            http.Response.Redirect("/sign-in?unknown=1");
            return;
        }

        await http.BeginSessionAsync(user, "openIdConnect");
        http.Response.Redirect(LocalPath(context.ReturnUri));
    }

    private static async Task<UserAccount?> FindAsync(HttpContext http, ClaimsPrincipal principal)
    {
        if (principal.FindFirst("sub") is not { } subject)
        {
            return null;
        }

        var users = http.RequestServices.GetRequiredService<UserStore>();
        var external = new ExternalSubject(subject.Issuer, subject.Value);
        if (await users.FindBySubjectAsync(external, http.RequestAborted) is { } bound)
        {
            return bound;
        }

        var verified = string.Equals(principal.FindFirst("email_verified")?.Value, "true", StringComparison.OrdinalIgnoreCase);
        if (!verified || principal.FindFirst("email")?.Value is not { } email || await users.FindByLoginAsync(email, http.RequestAborted) is not var (user, credentials)
            || credentials.PasswordHash is not null)
        {
            // An account with a password is bound by its owner's own sign-in only: an e-mail address alone must not take it over.
            return null;
        }

        await http.RequestServices.GetRequiredService<Store>().WriteAsync(tx => UserStore.BindAsync(tx, user, external), http.RequestAborted);
        return user;
    }

    private static Task RefuseAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        context.Response.Redirect("/sign-in?failed=1");
        return Task.CompletedTask;
    }

    internal static string LocalPath(string? path) =>
        path is { Length: > 0 } && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal) ? path : "/";
}
