using GridServices.Operations.Access;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Events of all utilities: now and next, or those of the last year.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class EventsPage(PageUi ui, EventStore events, SiteStore sites, ServiceAvailability availability) : ConsolePage(ui)
{
    private const int PageSize = 50;
    private static readonly Duration Year = Duration.FromDays(366);

    internal bool Past { get; private set; }

    internal IReadOnlyList<EventLine> Items { get; private set; } = [];

    internal string? Next { get; private set; }

    internal IReadOnlyList<(ServiceName Service, Instant Since)> Away { get; private set; } = [];

    internal override object Document => new { items = Items.Select(e => e.Held), next = Next };

    internal string? Program { get; private set; }

    internal string PageUrl(bool past, string? after = null) => QueryHelpers.AddQueryString(
        "/events", new Dictionary<string, string?>(StringComparer.Ordinal) { ["past"] = past ? "true" : null, ["program"] = Program, ["after"] = after }.Where(pair => !string.IsNullOrEmpty(pair.Value)));

    public async Task OnGetAsync(bool past, string? program, string? after)
    {
        var ct = HttpContext.RequestAborted;
        (Past, Program) = (past, string.IsNullOrWhiteSpace(program) ? null : program.Trim());
        var cursor = after?.Split('~') is [var at, var id] && long.TryParse(at, System.Globalization.CultureInfo.InvariantCulture, out var ticks) ? (ticks, id) : ((long, string)?)null;
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct);
        var page = await events.PageAsync(
            Ui.Tenant,
            new EventQuery(PageSize)
            {
                From = past ? Ui.Now - Year : Ui.Now,
                Until = past ? Ui.Now : null,
                Program = Program,
                After = cursor,
                Sites = shown,
            },
            ct);
        Items = await EventLine.CreateAsync(sites, Ui.Tenant, page.Items.Where(e => !past || e.Event.Over <= Ui.Now), shown, ct);
        Next = page.Next;
        ServiceName[] asked = [ServiceName.OpenAdr, ServiceName.Ieee2030Dot5];
        Away = [.. asked.Select(s => (s, availability.UnknownSince(Ui.Tenant, s))).Where(s => s.Item2 is not null).Select(s => (s.s, s.Item2!.Value))];
    }
}
