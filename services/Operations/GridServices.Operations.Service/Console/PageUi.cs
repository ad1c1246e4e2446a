using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Console;

/// <summary>What every page needs of its reader: who it is and may do, the language, the clock, the signs of numbers.</summary>
internal sealed class PageUi
{
    internal const string LanguageCookie = "gs-language";
    internal const string ClockCookie = "gs-clock";

    private readonly HttpContext _http;
    private readonly IClock _clock;

    public PageUi(IHttpContextAccessor accessor, IClock clock)
    {
        _http = accessor.HttpContext ?? throw new InvalidOperationException("There is no page without a request.");
        _clock = clock;
        User = _http.SignedIn()?.User;
        T = new TextSet(Language.Choose(User?.Language ?? _http.Request.Cookies[LanguageCookie], _http.Request.Headers.AcceptLanguage));
        N = new Numbers(T.Language);
        var choice = Enum.TryParse<ClockChoice>(_http.Request.Cookies[ClockCookie], ignoreCase: true, out var chosen) ? chosen : ClockChoice.Site;
        When = new Times(T, choice, Times.Find(User?.TimeZone) ?? DateTimeZone.Utc);
    }

    /// <summary>Null: nobody is signed in.</summary>
    internal UserAccount? User { get; }

    internal TextSet T { get; private set; }

    internal Numbers N { get; private set; }

    internal Times When { get; private set; }

    /// <summary>From here on in this language and zone: a page for somebody who has no account, and is known otherwise.</summary>
    internal void SetLanguage(Language language, DateTimeZone zone)
    {
        T = new TextSet(language);
        (N, When) = (new Numbers(language), new Times(T, ClockChoice.Site, zone));
    }

    internal Instant Now => _clock.GetCurrentInstant();

    internal string Tenant => Signed.Tenant;

    /// <summary>Where this page is, to come back to it.</summary>
    internal string Here => _http.Request.Path + _http.Request.QueryString;

    /// <summary>The part of the console that this page belongs to, such as <c>/sites</c>.</summary>
    internal bool IsIn(string path) => path == "/" ? _http.Request.Path == "/" : _http.Request.Path.StartsWithSegments(path, StringComparison.Ordinal);

    internal Actor Actor => new(Tenant, Signed.Login, AuditActorKind.User)
    {
        Grants = Signed.Grants,
        RequestId = _http.TraceIdentifier,
        SourceIp = _http.Connection.RemoteIpAddress?.ToString(),
    };

    /// <summary>Whether a page or button is shown at all.</summary>
    internal bool May(UserPermission permission) => User is { } user
        && (permission == UserPermission.Administer ? May(permission, AccessTarget.Tenant) : AccessRules.AllowsAnywhere(user.Grants, permission, Settings));

    /// <summary>Whether this person may do this here.</summary>
    internal bool May(UserPermission permission, AccessTarget target) => User is { } user && AccessRules.Allows(user.Grants, permission, target, Settings);

    /// <summary>The sites that this person sees.</summary>
    internal SiteFilter Sites(UserPermission permission) => AccessRules.Filter(Signed.Grants, permission, Settings);

    /// <summary>What the tenant has decided about access; read before the page runs.</summary>
    internal AccessSettings Settings { get; set; } = new();

    private UserAccount Signed => User ?? throw new InvalidOperationException("This page is for people who are signed in.");
}
