using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>One event: what the utility said and when, who takes part, and taking part or not, with a reason and a second look before it is done.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class EventPage(PageUi ui, EventStore events, SiteStore sites, SettingsStore settings, SiteGlances glances, EventForecasts forecasts, NotificationStore notifications, OperationsStore store) : FormPage(ui)
{
    private const int PageSize = 100;
    private IReadOnlyDictionary<string, SitePlace> _places = new Dictionary<string, SitePlace>(StringComparer.Ordinal);
    private GridServices.Wire.ValueList<OptReason> _offered = [];

    internal HeldEvent Held { get; private set; } = null!;

    /// <summary>Those that this person sees.</summary>
    internal IReadOnlyList<EventSite> Sites { get; private set; } = [];

    /// <summary>Those of them that are on this page.</summary>
    internal IReadOnlyList<EventSite> Listed { get; private set; } = [];

    /// <summary>The last site of this page, to go on after; null: there are no more.</summary>
    internal string? Next { get; private set; }

    /// <summary>Those that this person may choose for.</summary>
    internal IReadOnlyList<EventSite> Choosable { get; private set; } = [];

    internal IReadOnlyList<EventSite> ChoosableHere => [.. Choosable.Where(Listed.Contains)];

    /// <summary>Whether all of <see cref="Choosable"/> are meant, beyond this page too.</summary>
    internal bool IsAll { get; private set; }

    internal IReadOnlyList<string> Chosen { get; private set; } = [];

    /// <summary>While it is live: power now, target and where it leads, by site; empty before and after.</summary>
    internal IReadOnlyDictionary<string, (SiteGlance Glance, VerdictForecast Forecast)> Live { get; private set; } = new Dictionary<string, (SiteGlance, VerdictForecast)>(StringComparer.Ordinal);

    /// <summary>Of the sites that this person sees and of which it is known, kW, null where it is of none; and of how many it is not.</summary>
    internal (decimal? DeliveredKw, int Unknown) Delivered =>
        (Live.Values.Any(l => l.Forecast.DeliveredKw is not null) ? Live.Values.Sum(l => l.Forecast.DeliveredKw ?? 0) : null,
            Live.Values.Count(l => l.Forecast.DeliveredKw is null && l.Forecast.Verdict != ComplianceVerdict.OptedOut));

    /// <summary>Contacts and our own people that were told, and that acknowledged; null: this person does not see all of them.</summary>
    internal (long Told, long Acknowledged)? Contacts { get; private set; }

    /// <summary>What is asked to be confirmed.</summary>
    internal OptDirection? Confirm { get; private set; }

    internal string? Done { get; private set; }

    internal bool MaySeeMessages => _places.Values.Any(place => Ui.May(UserPermission.SeeRecords, place.Target));

    /// <summary>Of the first site; where sites are in several zones each row names its own.</summary>
    internal DateTimeZone? Zone { get; private set; }

    internal DateTimeZone? FindZone(EventSite site) => Times.Find(_places.GetValueOrDefault(site.SiteId)?.TimeZone) ?? Zone;

    /// <summary>Why, in words where it is one of OpenADR's; else as it was said.</summary>
    internal string? DescribeReason(SiteOpt opt) => opt.Reason is { } said && EnumNames<OptReason>.TryParse(said, out var known) ? Ui.T.Word("optReason", known) : opt.Reason;

    internal EventCounts Counts => EventCounts.Count(Held.Event with { Sites = [.. Sites] });

    internal string Utc => new Times(Ui.T, ClockChoice.Utc, DateTimeZone.Utc).Span(Held.Event.From, Held.Event.Until);

    internal bool MayChoose => Choosable.Count > 0 && Held.Event.Origin == EventOrigin.OpenAdr && Held.Event.PhaseAt(Ui.Now) is EventPhase.Next or EventPhase.Live;

    internal IEnumerable<(string Value, string Text)> Reasons =>
        Enum.GetValues<OptReason>().Where(reason => _offered.Count == 0 || _offered.Contains(reason)).Select(reason => (EnumNames<OptReason>.GetName(reason), Ui.T.Word("optReason", reason)));

    internal override object Document => new
    {
        Held.Id,
        Held.Version,
        Event = Held.Event with { Sites = [.. Sites] },
        live = Live.Select(l => new { siteId = l.Key, netPowerW = l.Value.Glance.PowerW, l.Value.Forecast.TargetKw, l.Value.Forecast.DeliveredKw, l.Value.Forecast.Score, forecast = l.Value.Forecast.Verdict, because = l.Value.Forecast.Gap }),
    };

    /// <summary>The forecast in words: what it comes to, or why nothing is said.</summary>
    internal string FormatForecast(VerdictForecast forecast) => forecast switch
    {
        { Verdict: ComplianceVerdict.Partly, Score: { } score } => $"{Ui.T.Word("verdict", ComplianceVerdict.Partly)} ({Ui.N.Percent(Math.Floor(score * 100) / 100)})",
        { Verdict: { } verdict } => Ui.T.Word("verdict", verdict),
        _ => $"{Ui.T["unknown"]}: {Ui.T.Word("forecastGap", forecast.Gap)}",
    };

    public async Task OnGetAsync(string id, string? done, string? after)
    {
        await LoadAsync(id, after);
        Done = done switch { "in" => Ui.T["opt.doneIn"], "out" => Ui.T["opt.doneOut"], "waits" => Ui.T["approval.waits"], _ => null };
    }

    public async Task<IActionResult> OnPostAsync(string id, string? confirmed, string? after)
    {
        var direction = RequireChoice<OptDirection>("direction");
        await LoadAsync(id, after);
        IsAll = Request.Form["all"] == "1";
        Chosen = IsAll ? [.. Choosable.Select(s => s.SiteId)] : [.. Request.Form["site"].OfType<string>()];
        if (Chosen.Count == 0)
        {
            Errors["site"] = Ui.T["opt.siteNeeded"];
        }

        if (Chosen.Except(Choosable.Select(s => s.SiteId), StringComparer.Ordinal).Any())
        {
            throw new ProblemException(ErrorClass.AuthzSite, Ui.T["problem.notAllowed"]);
        }

        var body = new OptBody { Direction = direction, Reason = EnumNames<OptReason>.TryParse(Required("reason"), out var reason) ? reason : default, Text = Text("text") };
        if (Errors.Count > 0)
        {
            return Page();
        }

        if (confirmed is null)
        {
            Confirm = direction;
            return Page();
        }

        try
        {
            var waits = await store.WriteAsync(Ui.Actor, transaction => OptCommands.ChooseAsync(transaction, Held, Chosen, body), HttpContext.RequestAborted);
            return Redirect($"/events/{id}?done={(waits is not null ? "waits" : direction == OptDirection.In ? "in" : "out")}");
        }
        catch (ProblemException refused) when (refused.Problem.Status == StatusCodes.Status409Conflict)
        {
            Errors["site"] = refused.Problem.Detail ?? refused.Problem.Title;
            return Page();
        }
    }

    private async Task LoadAsync(string id, string? after)
    {
        var ct = HttpContext.RequestAborted;
        Held = await events.FindAsync(Ui.Tenant, id, ct) ?? throw CreateNotFound("event", id);
        _offered = (await settings.GetAsync(Ui.Tenant, ct)).OptReasons;
        var all = await sites.PlacesAsync(Ui.Tenant, Held.Event.Sites.Select(s => s.SiteId), ct);
        _places = all.Where(p => Ui.May(UserPermission.SeeSites, p.Value.Target)).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
        EventSite[] shown = [.. Held.Event.Sites.Where(s => _places.ContainsKey(s.SiteId) || (!all.ContainsKey(s.SiteId) && Ui.May(UserPermission.SeeSites, AccessTarget.Tenant)))];
        Sites = shown.Length > 0 || Held.Event.Sites.Count == 0 ? shown : throw CreateNotFound("event", id);
        EventSite[] following = [.. shown.Where(s => after is null || string.CompareOrdinal(s.SiteId, after) > 0).Take(PageSize + 1)];
        (Listed, Next) = ([.. following.Take(PageSize)], following.Length > PageSize ? following[PageSize - 1].SiteId : null);
        Zone = Times.Find(shown.Select(s => _places.GetValueOrDefault(s.SiteId)).OfType<SitePlace>().FirstOrDefault()?.TimeZone);
        Contacts = Ui.May(UserPermission.SeeRecords, AccessTarget.Tenant) ? await notifications.CountsAsync(Ui.Tenant, Held.Event.Source, ct) : null;
        if (Held.Event.PhaseAt(Ui.Now) == EventPhase.Live)
        {
            var glance = glances.GetPower(Ui.Tenant, shown.Select(s => s.SiteId));
            Live = shown.Where(s => s.State == SiteEventState.Held).ToDictionary(s => s.SiteId, s => (glance[s.SiteId], forecasts.Compute(Held, s, glance[s.SiteId].PowerW)), StringComparer.Ordinal);
        }

        Choosable = [.. shown.Where(s => s.State == SiteEventState.Held && _places.GetValueOrDefault(s.SiteId) is { } place && Ui.May(UserPermission.Opt, place.Target))];
    }
}
