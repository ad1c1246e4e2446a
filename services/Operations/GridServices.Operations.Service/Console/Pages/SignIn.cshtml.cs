using GridServices.Operations.Service.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Signing in, by password or by the company's provider.</summary>
[ForEverybody]
internal sealed class SignInPage(PageUi ui, PasswordSignIn passwords, AttemptLimiter limiter, FirstAdmin first, ProviderOptions provider) : ConsolePage(ui)
{
    [BindProperty(SupportsGet = true)]
    public string? Login { get; set; }

    public string Back { get; private set; } = "/";

    public string? Message { get; private set; }

    internal string? Provider => provider.Title;

    public async Task<IActionResult> OnGetAsync(string? back, string? unknown, string? failed, string? ended)
    {
        Back = OpenIdProvider.LocalPath(back);
        Message = unknown is not null ? Ui.T["signIn.unknown"] : failed is not null ? Ui.T["signIn.failed"] : ended is not null ? Ui.T["signIn.ended"] : null;
        return await first.IsOpenAsync(HttpContext.RequestAborted) ? Redirect("/setup") : Ui.User is not null ? LocalRedirect(Back) : Page();
    }

    public async Task<IActionResult> OnPostAsync(string? back, string? password, string? code)
    {
        Back = OpenIdProvider.LocalPath(back);
        if (!limiter.TryAcquire(HttpContext.Connection.RemoteIpAddress))
        {
            Message = Ui.T["signIn.slow"];
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Page();
        }

        switch (await passwords.TryAsync(Login ?? string.Empty, password ?? string.Empty, code, HttpContext.RequestAborted))
        {
            case SignInOutcome.Good good:
                await HttpContext.BeginSessionAsync(good.User, good.Method);
                return LocalRedirect(Back);
            case SignInOutcome.CodeNeeded:
                Message = Ui.T["signIn.codeNeeded"];
                break;
            case SignInOutcome.Locked locked:
                Message = Ui.T["signIn.locked", Ui.When.Time(locked.Until)];
                break;
            default:
                Message = Ui.T["signIn.wrong"];
                break;
        }

        Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Page();
    }
}

/// <summary>The way to the company's provider: a link and no form, for the page's policy lets forms go to this service only.</summary>
[ForEverybody]
internal sealed class ProviderPage(PageUi ui, ProviderOptions provider) : ConsolePage(ui)
{
    public IActionResult OnGet(string? back) => provider.Title is null
        ? throw CreateNotFound("page", "/sign-in/provider")
        : Challenge(new AuthenticationProperties { RedirectUri = OpenIdProvider.LocalPath(back) }, OpenIdConnectDefaults.AuthenticationScheme);
}

/// <summary>Ends the session, here and in the store.</summary>
[ForEverybody]
internal sealed class SignOutPage(PageUi ui) : ConsolePage(ui)
{
    public IActionResult OnGet() => Redirect("/");

    public async Task<IActionResult> OnPostAsync()
    {
        await HttpContext.EndSessionAsync();
        return Redirect("/sign-in?ended=1");
    }
}

/// <summary>The clock and the language that this browser is shown.</summary>
internal sealed class PreferencesPage(PageUi ui) : ConsolePage(ui)
{
    public IActionResult OnGet() => Redirect("/");

    public IActionResult OnPost(string? back, string? clock, string? language)
    {
        var options = new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = Request.IsHttps, MaxAge = TimeSpan.FromDays(365), Path = "/" };
        if (Enum.TryParse<Format.ClockChoice>(clock, ignoreCase: true, out var choice))
        {
            Response.Cookies.Append(PageUi.ClockCookie, choice.ToString(), options);
        }

        if (Texts.Language.Find(language) is { } known)
        {
            Response.Cookies.Append(PageUi.LanguageCookie, known.Code, options);
        }

        return LocalRedirect(OpenIdProvider.LocalPath(back));
    }
}
