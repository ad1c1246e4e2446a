using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Something that a person has to do; Css: <c>bad</c> (now) or <c>warn</c> (soon).</summary>
internal sealed record Need(string Css, string Text, string Link, string LinkText);

/// <summary>A count with its shape and word.</summary>
internal sealed record CountLamp(string Css, string Shape, string Text);

/// <summary>The first page: what needs somebody, what is on now and next, whether everything is heard of.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class TodayPage(
    PageUi ui, SiteStore sites, EnrollmentStore enrollments, CertificateStore certificates, NominationStore nominations,
    EventStore events, ProgramStore programs, ServiceAvailability availability, Observations observations) : ConsolePage(ui)
{
    private const int MostNeeds = 25;
    private const int MostEvents = 10;
    private static readonly Duration CertificateNotice = Duration.FromDays(30);
    private static readonly Duration NominationNotice = Duration.FromDays(14);

    private static readonly EnrollmentState[] Counted =
    [
        EnrollmentState.Incomplete, EnrollmentState.ReadyToSubmit, EnrollmentState.Submitted, EnrollmentState.UtilityReview, EnrollmentState.Accepted,
        EnrollmentState.Provisioning, EnrollmentState.Testing, EnrollmentState.Active, EnrollmentState.Suspended,
    ];

    internal long SiteCount { get; private set; }

    internal List<Need> Needs { get; } = [];

    internal IReadOnlyList<EventLine> Events { get; private set; } = [];

    /// <summary>False: a service that knows of events has not answered, so that an empty list means nothing.</summary>
    internal bool EventsKnown { get; private set; }

    internal IReadOnlyList<(ServiceName Service, Instant Since)> Away { get; private set; } = [];

    internal List<CountLamp> Lamps { get; } = [];

    internal IReadOnlyList<(EnrollmentState State, long Count)> States { get; private set; } = [];

    internal Instant Minute => Instant.FromUnixTimeSeconds(Ui.Now.ToUnixTimeSeconds() / 60 * 60);

    internal override object Document =>
        new { sites = SiteCount, needs = Needs, events = Events.Select(e => e.Held), away = Away.Select(a => new { service = a.Service.ToString(), since = a.Since }), lamps = Lamps };

    internal static string Name(EnrollmentState state) => EnumNames<EnrollmentState>.GetName(state);

    public async Task OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct);
        SiteCount = await sites.CountAsync(Ui.Tenant, new ListQuery(1) { Sites = shown }, ct);
        ServiceName[] asked = [ServiceName.EnvelopeHub, ServiceName.OpenAdr, ServiceName.Ieee2030Dot5];
        Away = [.. asked.Select(s => (s, availability.UnknownSince(Ui.Tenant, s))).Where(s => s.Item2 is not null).Select(s => (s.s, s.Item2!.Value))];
        EventsKnown = Away.All(a => a.Service == ServiceName.EnvelopeHub);
        await AddNeedsAsync(shown, ct);
        var next = (await events.ListEndingAfterAsync(Ui.Tenant, Ui.Now, ct))
            .Where(e => e.Event.CancelledAt is null && (shown is null || e.Event.Sites.Any(s => shown.Contains(s.SiteId)))).Take(MostEvents);
        Events = await EventLine.CreateAsync(sites, Ui.Tenant, next, shown, ct);
        AddLamps(shown);
        var counts = await enrollments.CountByAsync(Ui.Tenant, "state", new ListQuery(1) { Sites = shown }, ct);
        States = [.. Counted.Select(state => (state, counts.GetValueOrDefault(Name(state)))).Where(c => c.Item2 > 0)];
    }

    private async Task AddNeedsAsync(IReadOnlySet<string>? shown, CancellationToken ct)
    {
        var waiting = (await enrollments.PageAsync(Ui.Tenant, new ListQuery(MostNeeds, Filter: [("attention", "true")]) { Sites = shown }, ct)).Items;
        var zones = await programs.ZonesAsync(Ui.Tenant, waiting.Select(e => e.Template.Code), ct);
        Needs.AddRange(waiting.Select(e => CreateNeed(e, zones.GetValueOrDefault(e.Template.Code))));

        if (Ui.May(UserPermission.Administer))
        {
            foreach (var certificate in await certificates.ListExpiringAsync(Ui.Tenant, Ui.Now + CertificateNotice, MostNeeds, ct))
            {
                var over = certificate.NotAfter <= Ui.Now;
                Needs.Add(new Need(over ? "bad" : "warn", Ui.T[over ? "today.certificateOver" : "today.certificate", certificate.Subject, Ui.When.Date(certificate.NotAfter!.Value)], "/certificates", Ui.T["open"]));
            }
        }

        if (Ui.May(UserPermission.EditSites))
        {
            foreach (var due in await nominations.ListDueDraftsAsync(Ui.Tenant, Ui.Now + NominationNotice, MostNeeds, ct))
            {
                Needs.Add(new Need(due.Deadline <= Ui.Now ? "bad" : "warn", Ui.T["today.nomination", due.DeliveryPeriod, Ui.When.DateTime(due.Deadline)], $"/enrollments/{due.EnrollmentId}", Ui.T["open"]));
            }
        }
    }

    private Need CreateNeed(Enrollment enrollment, DateTimeZone? utility)
    {
        var first = enrollment.RequiredActions.OrderBy(a => a.Due ?? Instant.MaxValue).FirstOrDefault();
        var urgent = Deadlines.GetUrgency(first?.Due, Ui.Now) is Urgency.Red or Urgency.Overdue || enrollment.State is EnrollmentState.Suspended or EnrollmentState.Rejected;
        var what = enrollment.Drifted ? Ui.T["today.drifted"]
            : first is null ? $"{Ui.T.Word("state", enrollment.State)}{(RequiredActionText.DescribeReason(Ui.T, enrollment) is { } reason ? $": {reason}" : string.Empty)}"
            : first.Due is { } due ? Ui.T["today.action", ActionText(first), Ui.When.DateTime(due, utility)] : ActionText(first);
        return new Need(urgent ? "bad" : "warn", $"{enrollment.SiteId}, {enrollment.Template.Code}: {what}", $"/enrollments/{enrollment.Id}", Ui.T["open"]);
    }

    private string ActionText(RequiredAction action) => RequiredActionText.Describe(Ui.T, action);

    private void AddLamps(IReadOnlySet<string>? shown)
    {
        var view = observations.GetView(Ui.Tenant);
        if (shown is null)
        {
            // A VEN may be for several sites: who sees only some of them is not told of others.
            Add("today.vens", view.VensAt, view.Vens.Values.Count(v => v.State == "registered"), view.Vens.Count);
        }

        var devices = view.Clients.Values.SelectMany(c => c.Devices.Where(d => shown?.Contains(d.Key) != false)).ToList();
        Add("today.devices", view.ClientsAt, devices.Count(d => d.Value is { Presence: "listed", Pin: not "differs" }), devices.Count);
        var heard = view.Sites.Where(s => shown?.Contains(s.Key) != false).Select(s => s.Value).ToList();
        Add("today.controllers", view.SitesAt, heard.Count(s => s.Subscribers > 0), heard.Count);
        Add("today.reporting", view.SitesAt, heard.Count(s => s.LastReadingAt is { } at && GridServices.Operations.Enrollments.Lamps.IsFresh(at, Ui.Now)), heard.Count);
    }

    private void Add(string key, Instant? at, int good, int all) => Lamps.Add(
        at is not { } known ? new CountLamp("unknown", "○", Ui.T[key, Ui.T["unknown"]])
        : !GridServices.Operations.Enrollments.Lamps.IsFresh(known, Ui.Now) ? new CountLamp("unknown", "○", Ui.T[key, Ui.T["today.unknownSince", Ui.When.Time(known)]])
        : all == 0 ? new CountLamp("unknown", "○", Ui.T[key, Ui.T["today.noneYet"]])
        : new CountLamp(good == all ? "good" : "warn", good == all ? "●" : "▲", Ui.T[key, Ui.T["today.of", good, all]]));
}
