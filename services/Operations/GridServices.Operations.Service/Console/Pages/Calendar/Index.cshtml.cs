using System.Text;
using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Something in the calendar; Zone: of its site, null where it is of several.</summary>
internal sealed record CalendarEntry(string Kind, string Id, string Title, Instant From, Instant? Until, DateTimeZone? Zone, string? Link, string? PlanId);

/// <summary>The next three months by day: events, opt plans, deadlines and the programs' seasons; and making an opt plan before the event is known.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class CalendarPage(PageUi ui, EventStore events, OptPlanStore plans, OptPlanHandler handler, OptScheduleStore schedules, SiteStore sites, EnrollmentStore enrollments, ProgramStore programs, OperationsStore store) : FormPage(ui)
{
    private static readonly Duration Ahead = Duration.FromDays(92);
    private static readonly LocalDateTimePattern Typed = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm");
    private const int MostSites = 200;
    private const int MostDeadlines = 200;
    private IReadOnlyDictionary<string, SitePlace> _places = new Dictionary<string, SitePlace>(StringComparer.Ordinal);
    private IReadOnlyList<Site> _offered = [];
    private List<CalendarEntry> _entries = [];
    private IReadOnlyList<OptSchedule> _schedules = [];

    internal Instant From => Ui.Now;

    internal Instant Until => Ui.Now + Ahead;

    internal ILookup<LocalDate, CalendarEntry> Days => _entries.ToLookup(e => Instant.Max(e.From, From).InZone(Ui.When.Zone(e.Zone)).Date);

    /// <summary>Days to choose the plan's span from.</summary>
    internal CalendarGrid Grid { get; private set; } = new(default, null, null);

    /// <summary>Sites to choose from; empty where there are too many: then the id is typed.</summary>
    internal IEnumerable<(string Value, string Text)> Sites => _offered.Where(s => Ui.May(UserPermission.Opt, AccessTarget.From(s))).Select(s => (s.SiteId, s.Name));

    internal bool IsTyped { get; private set; }

    internal IEnumerable<(string Value, string Text)> Directions => Enum.GetValues<OptDirection>().Select(d => (EnumNames<OptDirection>.GetName(d), Ui.T.Word("opt", d)));

    internal IEnumerable<(string Value, string Text)> Reasons => Enum.GetValues<OptReason>().Select(r => (EnumNames<OptReason>.GetName(r), Ui.T.Word("optReason", r)));

    /// <summary>What the plan became at the utility; empty: it is applied event by event.</summary>
    internal IEnumerable<OptSchedule> GetSchedules(string planId) => _schedules.Where(s => s.EndedAt is null && s.Plans.Any(p => p.Id == planId));

    internal override object Document => new { items = _entries.Select(e => new { e.Kind, e.Id, e.Title, e.From, e.Until }) };

    public async Task<IActionResult> OnGetAsync(string? format, string? first, string? last)
    {
        await LoadAsync();
        Grid = CalendarGrid.Read(Grid.Today, first, last);
        if (Grid is { First: { } from, Last: { } until })
        {
            (Initial["from"], Initial["until"]) = ($"{CalendarGrid.Text(from)}T00:00", $"{CalendarGrid.Text(until.PlusDays(1))}T00:00");
        }

        return format == "ics" ? File(Encoding.UTF8.GetBytes(Ics()), "text/calendar; charset=utf-8", "gridservices.ics") : Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        await LoadAsync();
        var site = Required("siteId") is { Length: > 0 } wanted ? await sites.FindBySiteIdAsync(Ui.Tenant, wanted, HttpContext.RequestAborted) : null;
        if (site is null || !Ui.May(UserPermission.SeeSites, AccessTarget.From(site)))
        {
            Errors.TryAdd("siteId", Ui.T["calendar.noSite"]);
        }

        var zone = Times.Find(site?.TimeZone) ?? DateTimeZone.Utc;
        var (from, until) = (Local("from", zone), Local("until", zone));
        var body = new OptPlanBody
        {
            SiteId = site?.SiteId,
            From = from ?? default,
            Until = until ?? default,
            Text = Text("text"),
            Direction = EnumNames<OptDirection>.TryParse(Required("direction"), out var direction) ? direction : default,
            Reason = EnumNames<OptReason>.TryParse(Required("reason"), out var reason) ? reason : default,
        };
        var done = await TryAsync(async () =>
        {
            Ui.Actor.Require(UserPermission.Opt, AccessTarget.From(site!), Ui.Settings);
            await store.WriteAsync(Ui.Actor, transaction => handler.CreateAsync(transaction, body), HttpContext.RequestAborted);
        });
        return done ? Redirect("/calendar") : Page();
    }

    public async Task<IActionResult> OnPostRemoveAsync(string id)
    {
        var held = await plans.FindAsync(Ui.Tenant, id, HttpContext.RequestAborted) ?? throw CreateNotFound("opt plan", id);
        Ui.Actor.Require(UserPermission.Opt, await handler.TargetAsync(held, HttpContext.RequestAborted), Ui.Settings);
        await store.WriteAsync(Ui.Actor, transaction => handler.DeleteAsync(transaction, held), HttpContext.RequestAborted);
        return Redirect("/calendar");
    }

    private async Task LoadAsync()
    {
        var ct = HttpContext.RequestAborted;
        Grid = new CalendarGrid(From.InZone(Ui.When.Zone(null)).Date, null, null);
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct);
        var page = await sites.PageAsync(Ui.Tenant, new ListQuery(MostSites, Sort: "name") { Sites = shown }, ct);
        (_offered, IsTyped) = (page.Items, page.Next is not null);
        HeldEvent[] told = [.. (await events.ListEndingAfterAsync(Ui.Tenant, From, ct)).Where(e => e.Event.From < Until && e.Event.CancelledAt is null && e.Event.Sites.Any(s => shown?.Contains(s.SiteId) != false))];
        OptPlan[] planned = [.. (await plans.ListEndingAfterAsync(Ui.Tenant, From, ct)).Where(p => (shown is null || (p.SiteId is { } id && shown.Contains(id))))];
        _places = await sites.PlacesAsync(Ui.Tenant, planned.Select(p => p.SiteId).OfType<string>().Concat(told.Where(e => e.Event.Sites.Count == 1).Select(e => e.Event.Sites[0].SiteId)), ct);
        _schedules = await schedules.ListAsync(Ui.Tenant, ct);
        var waiting = await enrollments.ListDueAsync(Ui.Tenant, Until, shown, MostDeadlines, ct);
        var zones = await programs.ZonesAsync(Ui.Tenant, waiting.Select(e => e.Template.Code), ct);
        var due = waiting.Select(e => CreateDeadlineEntry(e, zones.GetValueOrDefault(e.Template.Code)));
        _entries = [.. told.Select(CreateEntry).Concat(planned.Select(CreateEntry)).Concat(due).Concat(await SeasonsAsync(shown, ct)).OrderBy(e => e.From)];
    }

    /// <summary>Of the programs that a site is in: the season that is on or begins.</summary>
    private async Task<IReadOnlyList<CalendarEntry>> SeasonsAsync(IReadOnlySet<string>? shown, CancellationToken ct)
    {
        var entries = new List<CalendarEntry>();
        foreach (var code in (await enrollments.CountByAsync(Ui.Tenant, "program", new ListQuery(1) { Sites = shown }, ct)).Keys)
        {
            if (await programs.FindAsync(Ui.Tenant, code, null, ct) is { } template)
            {
                entries.AddRange(CreateExcludedEntries(template));
                entries.AddRange(template.Calendar.Seasons.Select(s => CreateSeasonEntry(template, s)).Where(e => e.From < Until));
            }
        }

        return entries;
    }

    /// <summary>Days on which the program never calls; several in a row are one entry.</summary>
    private IEnumerable<CalendarEntry> CreateExcludedEntries(ProgramTemplate template)
    {
        var zone = DateTimeZoneProviders.Tzdb[template.TimeZone];
        var last = Until.InZone(zone).Date;
        for (var day = From.InZone(zone).Date; day <= last; day = day.PlusDays(1))
        {
            if (template.Calendar.ExcludedDays.FirstOrDefault(d => d.Is(day)) is not { } excluded)
            {
                continue;
            }

            var first = day;
            while (day < last && excluded.Is(day.PlusDays(1)))
            {
                day = day.PlusDays(1);
            }

            yield return new CalendarEntry(
                "excluded", $"{template.Code}-{LocalDatePattern.Iso.Format(first)}", $"{template.Code}: {excluded.Name}", zone.AtStartOfDay(first).ToInstant(), zone.AtStartOfDay(day.PlusDays(1)).ToInstant(), zone, null, null);
        }
    }

    private CalendarEntry CreateSeasonEntry(ProgramTemplate template, ProgramSeason season)
    {
        var zone = DateTimeZoneProviders.Tzdb[template.TimeZone];
        var (first, last) = season.OnOrAfter(From.InZone(zone).Date);
        return new CalendarEntry(
            "season", $"{template.Code}-{season.Name}", $"{template.Code}: {season.Name}", zone.AtStartOfDay(first).ToInstant(), zone.AtStartOfDay(last.PlusDays(1)).ToInstant(), zone, null, null);
    }

    private CalendarEntry CreateDeadlineEntry(Enrollment enrollment, DateTimeZone? utility)
    {
        var first = enrollment.RequiredActions.Where(a => a.Due is not null).OrderBy(a => a.Due).First();
        return new CalendarEntry(
            "deadline", $"{enrollment.Id}-due", $"{enrollment.SiteId}, {enrollment.Template.Code}: {RequiredActionText.Describe(Ui.T, first)}",
            first.Due!.Value, first.Due, utility, $"/enrollments/{enrollment.Id}", null);
    }

    private CalendarEntry CreateEntry(HeldEvent held) => new(
        "event", held.Id, held.Event.TemplateCode ?? held.Event.Program ?? held.Event.Source, held.Event.From, held.Event.Until,
        held.Event.Sites is [var only] ? Times.Find(_places.GetValueOrDefault(only.SiteId)?.TimeZone) : null, $"/events/{held.Id}", null);

    /// <summary>A plan whose reason is an outage is maintenance.</summary>
    private CalendarEntry CreateEntry(OptPlan plan) => new(
        plan is { Direction: OptDirection.Out, Reason: OptReason.OutageRunStatus } ? "maintenance" : "plan", plan.Id, $"{Ui.T.Word("opt", plan.Direction)}: {plan.SiteId ?? plan.EnrollmentId}, {Ui.T.Word("optReason", plan.Reason)}", plan.From, plan.Until,
        Times.Find(plan.SiteId is { } site ? _places.GetValueOrDefault(site)?.TimeZone : null), plan.SiteId is { } at ? $"/sites/{Uri.EscapeDataString(at)}" : null, plan.Id);

    /// <summary>A wall clock time at the site; one that a clock change leaves out or repeats is refused, for it would be a guess.</summary>
    private Instant? Local(string field, DateTimeZone zone)
    {
        var parsed = Typed.Parse(Required(field));
        if (!parsed.Success)
        {
            Errors[field] = Ui.T["field.required"];
            return null;
        }

        var found = zone.MapLocal(parsed.Value);
        if (found.Count != 1)
        {
            Errors[field] = Ui.T["calendar.ambiguous"];
            return null;
        }

        return found.Single().ToInstant();
    }

    /// <summary>RFC 5545, in UTC.</summary>
    private string Ics()
    {
        var text = new StringBuilder("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//GridServices//Operations//EN\r\n");
        foreach (var entry in _entries)
        {
            text.Append("BEGIN:VEVENT\r\nUID:").Append(entry.Id).Append("@gridservices\r\nDTSTAMP:").Append(Stamp(Ui.Now)).Append("\r\nDTSTART:").Append(Stamp(entry.From)).Append("\r\n");
            if (entry.Until is { } until)
            {
                text.Append("DTEND:").Append(Stamp(until)).Append("\r\n");
            }

            text.Append("SUMMARY:").Append(Escape(entry.Title)).Append("\r\nEND:VEVENT\r\n");
        }

        return text.Append("END:VCALENDAR\r\n").ToString();
    }

    private static string Stamp(Instant at) => InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'").Format(at);

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).ReplaceLineEndings("\\n");
}
