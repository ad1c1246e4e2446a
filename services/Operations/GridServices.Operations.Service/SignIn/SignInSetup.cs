using System.Security.Claims;
using GridServices.Hosting.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.Operations.Service.SignIn;

/// <summary>Signing in at the console: local accounts, the provider of the company (OpenID Connect) where one is configured, sessions in a cookie.</summary>
internal static class SignInSetup
{
    internal const string CookieName = "gs-session";
    private const string SessionClaim = "sid";

    internal static void AddSignIn(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<SignInOptions>().AddSettings<ProviderOptions>()
            .AddSingleton<UserStore>().AddSingleton<SessionStore>().AddSingleton<PasswordSignIn>().AddSingleton<RecoveryCodes>().AddSingleton<AttemptLimiter>()
            .AddSingleton<FirstAdmin>().AddHostedService(services => services.GetRequiredService<FirstAdmin>())
            .AddSingleton<CookieKeys>().AddSingleton<IConfigureOptions<KeyManagementOptions>, CookieKeyOptions>();
        // It says that keys are stored in clear, for it does not know that CookieKeys encrypts them.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
        builder.Services.AddDataProtection().SetApplicationName("gridservices-operations");
        var authentication = builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(SetCookie);
        authentication.AddProvider(builder.Configuration);
    }

    /// <summary>Begins a session for a user whose identity is proved.</summary>
    internal static async Task BeginSessionAsync(this HttpContext http, UserAccount user, string method)
    {
        var services = http.RequestServices;
        var now = services.GetRequiredService<IClock>().GetCurrentInstant();
        var id = await services.GetRequiredService<SessionStore>().StartAsync(user.Tenant, user.Id, method, now, http.RequestAborted);
        var principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(SessionClaim, id)], CookieAuthenticationDefaults.AuthenticationScheme));
        await http.SignInAsync(principal, new AuthenticationProperties { IsPersistent = false, AllowRefresh = false });
    }

    internal static async Task EndSessionAsync(this HttpContext http)
    {
        if (http.SignedIn() is { } who)
        {
            await http.RequestServices.GetRequiredService<SessionStore>().EndAsync(who.SessionSha256, http.RequestAborted);
        }

        await http.SignOutAsync();
    }

    private static void SetCookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = CookieName;
        options.Cookie.HttpOnly = true;
        // Lax: the way back from an identity provider is a navigation from another site.
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = SessionStore.Lifetime.ToTimeSpan();
        options.SlidingExpiration = false;
        options.LoginPath = "/sign-in";
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    /// <summary>The cookie names a session; whether that still counts, and who it belongs to, is read anew.</summary>
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        var ct = context.HttpContext.RequestAborted;
        var hash = SessionStore.ComputeHash(context.Principal?.FindFirst(SessionClaim)?.Value ?? string.Empty);
        var session = await services.GetRequiredService<SessionStore>().FindAsync(hash, services.GetRequiredService<IClock>().GetCurrentInstant(), ct);
        var user = session is null ? null : await services.GetRequiredService<UserStore>().FindAsync(session.Tenant, session.UserId, ct);
        if (user is null or { Disabled: true })
        {
            context.RejectPrincipal();
            return;
        }

        SignedInExtensions.Set(context.HttpContext, new SignedIn(user, hash));
    }

    private sealed class CookieKeyOptions(CookieKeys keys) : IConfigureOptions<KeyManagementOptions>
    {
        public void Configure(KeyManagementOptions options) => options.XmlRepository = keys;
    }
}
