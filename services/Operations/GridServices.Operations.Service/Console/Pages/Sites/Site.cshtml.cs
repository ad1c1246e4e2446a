using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>One site: what holds there now and why, two days of power and limits, its enrollments, meters and audit.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class SitePage(
    PageUi ui, SiteStore sites, CustomerStore customers, EnrollmentStore enrollments, MeterPointHandler meters, MeterPointStore meterStore, EnrollmentHandler enrollmentHandler, EventStore events, AuditLog audit, SitePictures pictures,
    ConnectionLimitReader connections, ConnectionCommands commands, SiteNotes notes, OperationsStore store) : FormPage(ui)
{
    private const int AuditRows = 50;
    private static readonly Duration Back = Duration.FromHours(24);
    private IReadOnlyList<HeldEvent> _events = [];

    internal Site Site { get; private set; } = null!;

    internal string Customer { get; private set; } = string.Empty;

    internal DateTimeZone? Zone { get; private set; }

    internal ConnectionLimitState Limit { get; private set; } = null!;

    internal ConnectionLimit Connection => Limit.Limit;

    internal SitePicture Picture { get; private set; } = null!;

    internal PowerPlot Plot { get; private set; } = null!;

    internal IReadOnlyList<string> Sentences { get; private set; } = [];

    internal IReadOnlyList<Enrollment> Enrollments { get; private set; } = [];

    internal IReadOnlyList<MeterPoint> Meters { get; private set; } = [];

    internal IReadOnlyList<AuditEntry> Audit { get; private set; } = [];

    internal string Tab { get; private set; } = "enrollments";

    internal IEnumerable<string> Tabs =>
        ["enrollments", "meters", .. MaySeeNotes ? ["notes"] : Array.Empty<string>(), .. Ui.May(UserPermission.SeeRecords, AccessTarget.From(Site)) ? ["audit"] : Array.Empty<string>()];

    internal static string SchemeName(IdentifierScheme scheme) => GridServices.Contracts.EnumNames<IdentifierScheme>.GetName(scheme);

    internal IReadOnlyList<SiteNote> Notes { get; private set; } = [];

    /// <summary>Whoever works with the site may note something, not its customer or its controller's vendor.</summary>
    internal bool MayNote => MaySeeNotes && (MayEdit || Ui.May(UserPermission.Opt, AccessTarget.From(Site)) || Ui.May(UserPermission.RunBilling, AccessTarget.From(Site)));

    /// <summary>Notes are for colleagues.</summary>
    private bool MaySeeNotes => AccessRules.AllowsStaff(Ui.Actor.Grants, UserPermission.SeeSites, AccessTarget.From(Site), Ui.Settings);

    internal bool MayRemove(SiteNote note) => note.Author == Ui.Actor.Name || Ui.May(UserPermission.Administer, AccessTarget.Tenant);

    internal bool MayEdit => Ui.May(UserPermission.EditSites, AccessTarget.From(Site));

    internal Instant Minute => Instant.FromUnixTimeSeconds(Ui.Now.ToUnixTimeSeconds() / 60 * 60);

    internal override object Document =>
        new { Site, connection = Connection, effective = Picture.Timeline, unknownSince = Picture.UnknownSince, sentences = Sentences, enrollments = Enrollments.Select(enrollmentHandler.Mask) };

    public async Task OnGetAsync(string siteId, string? tab)
    {
        var ct = HttpContext.RequestAborted;
        Site = await RequireAsync(siteId, ct);
        Tab = tab is not null && Tabs.Contains(tab, StringComparer.Ordinal) ? tab : "enrollments";
        Zone = Times.Find(Site.TimeZone);
        Limit = await connections.ReadAsync(Site, ct);
        Customer = (await customers.FindAsync(Ui.Tenant, Site.CustomerId, ct))?.Name ?? Ui.T["none"];
        Enrollments = await enrollments.ListBySiteAsync(Ui.Tenant, siteId, ct);
        await LoadTabAsync(ct);
        var window = new Interval(Ui.Now - Back, Ui.Now + Back);
        Picture = await pictures.ReadAsync(Ui.Tenant, siteId, window, Ui.Now, ct);
        _events = await events.ListBySiteAsync(Ui.Tenant, siteId, window.Start, ct);
        var sentence = new LimitSentence(Ui.T, Ui.N, Ui.When, Zone, GetStreamName);
        Sentences = Picture.At(Ui.Now) is { } now ? [.. sentence.DescribeAll(now)] : [];
        Plot = SitePlot.Create(Ui, Site, Picture, window, sentence, [.. _events.Select(FindBand).OfType<Band>()]);
    }

    /// <summary>The limit of the connection is right as it stands here.</summary>
    public async Task<IActionResult> OnPostConfirmAsync(string siteId, int version)
    {
        var ct = HttpContext.RequestAborted;
        var held = await RequireAsync(siteId, ct);
        Ui.Actor.Require(UserPermission.EditSites, AccessTarget.From(held), Ui.Settings);
        if (held.Version != version)
        {
            throw EntityTags.Mismatch(Ui.T["site.changedMeanwhile", held.Updated.By]);
        }

        var above = await commands.HeldAtHubAsync(held, ct);
        await store.WriteAsync(Ui.Actor, transaction => commands.ConfirmAsync(transaction, held, above), ct);
        return Redirect($"/sites/{Uri.EscapeDataString(siteId)}");
    }

    /// <summary>A note is kept.</summary>
    public async Task<IActionResult> OnPostNoteAsync(string siteId)
    {
        await OnGetAsync(siteId, "notes");
        if (!MayNote)
        {
            throw new ProblemException(Contracts.ErrorClass.AuthzSite, Ui.T["problem.notAllowed"]);
        }

        var text = Required("text");
        return await TryAsync(() => store.WriteAsync(Ui.Actor, transaction => SiteNotes.AddAsync(transaction, siteId, text), HttpContext.RequestAborted)) ? Redirect($"/sites/{Uri.EscapeDataString(siteId)}?tab=notes") : Page();
    }

    public async Task<IActionResult> OnPostRemoveNoteAsync(string siteId, string id)
    {
        Site = await RequireAsync(siteId, HttpContext.RequestAborted);
        await store.WriteAsync(Ui.Actor, transaction => SiteNotes.RemoveAsync(transaction, siteId, id, Ui.May(UserPermission.Administer, AccessTarget.Tenant)), HttpContext.RequestAborted);
        return Redirect($"/sites/{Uri.EscapeDataString(siteId)}?tab=notes");
    }

    internal string DescribeAction(RequiredAction action) => action.Code switch
    {
        "connection.held" => Ui.T["site.limitHeld", Ui.N.Limit(Connection.ImportW), Limit.Stated?.ImportW is { } stated ? Ui.N.Limit(stated) : Ui.T["unknown"]],
        "connection.otherAtHub" => Ui.T["site.limitAtHub", Ui.N.Limit(Limit.AtHub?.ImportW), Limit.IsPublished ? Ui.N.Limit(Connection.ImportW) : Ui.T["none"]],
        _ => Ui.T.Find("action." + action.Code) ?? action.Text,
    };

    private async Task<Site> RequireAsync(string siteId, CancellationToken ct) =>
        await sites.FindBySiteIdAsync(Ui.Tenant, siteId, ct) is { } found && Ui.May(UserPermission.SeeSites, AccessTarget.From(found)) ? found : throw CreateNotFound("site", siteId);

    /// <summary>What people call a stream: the connection; a program, with its event where one is live; else the protocol and its key.</summary>
    private string GetStreamName(string service, string key)
    {
        if (service == ConnectionEnvelope.Stream.Service && key == ConnectionEnvelope.Stream.Key)
        {
            return Ui.T["limit.connection"];
        }

        EventOrigin? origin = service switch { "openadr" => EventOrigin.OpenAdr, "ieee2030-5" => EventOrigin.Ieee2030Dot5, _ => null };
        var program = Enrollments.FirstOrDefault(e => e.Template.Code == key)?.Template.Code;
        var live = _events.Select(e => e.Event).FirstOrDefault(e => e.Origin == origin && e.PhaseAt(Ui.Now) == EventPhase.Live && (program is null || e.TemplateCode == program));
        var name = program ?? live?.TemplateCode ?? $"{Ui.T.Word("stream", service)} {key}";
        return live is null ? name : Ui.T["limit.byEvent", name, live.Source[(live.Source.LastIndexOf('/') + 1)..]];
    }

    private Band? FindBand(HeldEvent held) => held.Event.Site(Site.SiteId) is { State: SiteEventState.Held } here
        ? new Band(here.From, here.Until, $"{held.Event.TemplateCode ?? held.Event.Program ?? held.Event.Source}, {Ui.When.Span(here.From, here.Until, Zone)}, {Ui.T.Word("opt", here.Opt.State)}")
        : null;

    private async Task LoadTabAsync(CancellationToken ct)
    {
        if (Tab == "meters")
        {
            var clear = Ui.May(UserPermission.SeePersonalData, AccessTarget.From(Site));
            Meters = [.. (await meterStore.ListBySiteAsync(Ui.Tenant, Site.SiteId, ct)).Select(m => clear ? m : meters.Mask(m))];
        }
        else if (Tab == "notes")
        {
            Notes = await notes.ListBySiteAsync(Ui.Tenant, Site.SiteId, ct);
        }
        else if (Tab == "audit")
        {
            Audit = await audit.ListAsync(Ui.Tenant, new AuditQuery(AuditRows) { SiteId = Site.SiteId }, ct);
        }
    }
}
