using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>One site: what holds there now and why, two days of power and limits, its enrollments, meters and audit.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class SitePage(
    PageUi ui, SiteStore sites, CustomerStore customers, EnrollmentStore enrollments, MeterPointFamily meters, MeterPointStore meterStore, EnrollmentFamily enrollmentFamily, AuditLog audit, SitePictures pictures) : ConsolePage(ui)
{
    private const int AuditRows = 50;
    private static readonly Duration Back = Duration.FromHours(24);

    internal Site Site { get; private set; } = null!;

    internal string Customer { get; private set; } = string.Empty;

    internal DateTimeZone? Zone { get; private set; }

    internal ConnectionLimit Connection { get; private set; } = null!;

    internal SitePicture Picture { get; private set; } = null!;

    internal PowerPlot Plot { get; private set; } = null!;

    internal IReadOnlyList<string> Sentences { get; private set; } = [];

    internal IReadOnlyList<Enrollment> Enrollments { get; private set; } = [];

    internal IReadOnlyList<MeterPoint> Meters { get; private set; } = [];

    internal IReadOnlyList<AuditEntry> Audit { get; private set; } = [];

    internal string Tab { get; private set; } = "enrollments";

    internal IEnumerable<string> Tabs => Ui.May(UserPermission.SeeRecords, AccessTarget.Of(Site)) ? ["enrollments", "meters", "audit"] : ["enrollments", "meters"];

    internal static string SchemeName(IdentifierScheme scheme) => GridServices.Contracts.EnumNames<IdentifierScheme>.Of(scheme);

    internal bool MayEdit => Ui.May(UserPermission.EditSites, AccessTarget.Of(Site));

    internal Instant Minute => Instant.FromUnixTimeSeconds(Ui.Now.ToUnixTimeSeconds() / 60 * 60);

    internal override object Document => new { Site, connection = Connection, effective = Picture.Timeline, unknownSince = Picture.UnknownSince, sentences = Sentences, enrollments = Enrollments.Select(enrollmentFamily.Masked) };

    public async Task OnGetAsync(string siteId, string? tab)
    {
        var ct = HttpContext.RequestAborted;
        Site = await sites.BySiteIdAsync(Ui.Tenant, siteId, ct) is { } found && Ui.May(UserPermission.SeeSites, AccessTarget.Of(found)) ? found : throw NoSuch("site", siteId);
        Tab = tab is not null && Tabs.Contains(tab, StringComparer.Ordinal) ? tab : "enrollments";
        Zone = Times.Find(Site.TimeZone);
        Connection = ConnectionLimit.Of(Site.Connection);
        Customer = (await customers.OneAsync(Ui.Tenant, Site.CustomerId, ct))?.Name ?? Ui.T["none"];
        Enrollments = await enrollments.OfSiteAsync(Ui.Tenant, siteId, ct);
        await LoadTabAsync(ct);
        var window = new Interval(Ui.Now - Back, Ui.Now + Back);
        Picture = await pictures.OfAsync(Ui.Tenant, siteId, window, Ui.Now, ct);
        var sentence = new LimitSentence(Ui.T, Ui.N, Ui.When, Zone, NameOf);
        Sentences = Picture.At(Ui.Now) is { } now ? [.. sentence.Of(now)] : [];
        Plot = SitePlot.Of(Ui, Site, Picture, window, sentence, []);
    }

    /// <summary>What people call a stream: the connection, a program of the site, else the protocol and its key.</summary>
    private string NameOf(string service, string key) => service == ConnectionEnvelope.Stream.Service && key == ConnectionEnvelope.Stream.Key ? Ui.T["limit.connection"]
        : Enrollments.FirstOrDefault(e => e.Template.Code == key) is { } enrollment ? enrollment.Template.Code
        : $"{Ui.T.Word("stream", service)} {key}";

    private async Task LoadTabAsync(CancellationToken ct)
    {
        if (Tab == "meters")
        {
            var clear = Ui.May(UserPermission.SeePersonalData, AccessTarget.Of(Site));
            Meters = [.. (await meterStore.OfSiteAsync(Ui.Tenant, Site.SiteId, ct)).Select(m => clear ? m : meters.Masked(m))];
        }
        else if (Tab == "audit")
        {
            Audit = await audit.ListAsync(Ui.Tenant, new AuditQuery(AuditRows) { SiteId = Site.SiteId }, ct);
        }
    }
}
