using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A program as it is offered; Eligibility: of the chosen site, null where none is chosen.</summary>
internal sealed record ProgramCard(ProgramTemplate Template, string Season, string Notice, string Pay, string Deadline, Eligibility? Eligibility);

/// <summary>First steps of enrolling: which program, which site. The enrollment is stored from then on, and each step saves.</summary>
[Needs(UserPermission.EditSites)]
internal sealed class EnrollProgramPage(PageUi ui, ProgramStore programs, SiteStore sites, MeterPointStore meters, EnrollmentHandler handler, OperationsStore store) : FormPage(ui)
{
    private const int MostSites = 50;

    internal ProgramTemplate? Program { get; private set; }

    internal string? Site { get; private set; }

    internal IReadOnlyList<ProgramCard> Cards { get; private set; } = [];

    internal IReadOnlyList<(Site Site, Eligibility Eligibility)> Sites { get; private set; } = [];

    /// <summary>What the listed sites' names contain; null = anything.</summary>
    internal string? Q { get; private set; }

    /// <summary>Whether there are more sites than are listed.</summary>
    internal bool HasMore { get; private set; }

    public async Task OnGetAsync(string? program, string? site, string? q)
    {
        Q = string.IsNullOrWhiteSpace(q) ? null : q.Trim();
        await LoadAsync(program, site);
        if (Program is { } chosen)
        {
            var today = Today(chosen);
            Initial["period.from"] = NodaTime.Text.LocalDatePattern.Iso.Format(chosen.Calendar.SeasonStart(today) is { } start && start > today ? start : today);
        }
    }

    public async Task<IActionResult> OnPostAsync(string? program, string? site)
    {
        await LoadAsync(program, site);
        if (Sites.FirstOrDefault(s => s.Site.SiteId == site).Site is not { } chosen)
        {
            Errors["site"] = Ui.T["enroll.siteNeeded"];
            return Page();
        }

        var (from, until) = (Date("period.from"), Date("period.until"));
        Required("period.from");
        Enrollment? made = null;
        var done = await TryAsync(async () =>
        {
            var fitting = (await meters.ListBySiteAsync(Ui.Tenant, chosen.SiteId, HttpContext.RequestAborted)).Where(m => Program!.MeterSchemes.Count == 0 || Program.MeterSchemes.Contains(m.Scheme));
            var body = new EnrollmentBody { SiteId = chosen.SiteId, Program = Program!.Code, Period = new DatePeriod { From = from!.Value, Until = until }, MeterPointIds = [.. fitting.Select(m => m.Id)] };
            made = await store.WriteAsync(Ui.Actor, transaction => handler.CreateAsync(transaction, body), HttpContext.RequestAborted);
        });
        return done ? Redirect($"/enroll/{made!.Id}/meters") : Page();
    }

    private async Task LoadAsync(string? program, string? siteId)
    {
        var ct = HttpContext.RequestAborted;
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.EditSites), ct);
        Site = siteId;
        if (program is not null)
        {
            Program = await programs.FindAsync(Ui.Tenant, program, null, ct) ?? throw CreateNotFound("program", program);
            var listed = siteId is null ? await sites.PageAsync(Ui.Tenant, new ListQuery(MostSites, Filter: Q is null ? null : [("name", Q)], Sort: "name") { Sites = shown }, ct) : null;
            IReadOnlyList<Site> offered = listed?.Items ?? (await sites.FindBySiteIdAsync(Ui.Tenant, siteId!, ct) is { } named && shown?.Contains(named.SiteId) != false ? [named] : []);
            HasMore = listed?.Next is not null;
            var points = (await meters.ListBySitesAsync(Ui.Tenant, offered.Select(s => s.SiteId), ct)).ToLookup(m => m.SiteId, StringComparer.Ordinal);
            Sites = [.. offered.Select(site => (site, Rate(Program, site, points[site.SiteId]))).OrderBy(s => s.Item2.Colour)];
            return;
        }

        var held = siteId is null ? null : await sites.FindBySiteIdAsync(Ui.Tenant, siteId, ct);
        var own = held is null ? [] : await meters.ListBySiteAsync(Ui.Tenant, held.SiteId, ct);
        Cards = [.. (await programs.ListAsync(Ui.Tenant, ct)).Select(template => CreateCard(template, held is null ? null : Rate(template, held, own))).OrderBy(c => c.Eligibility?.Colour ?? EligibilityColour.Green)];
    }

    private Eligibility Rate(ProgramTemplate template, Site site, IEnumerable<MeterPoint> points) => Eligibility.Evaluate(template, site, [.. points], [], null, Today(template));

    private ProgramCard CreateCard(ProgramTemplate template, Eligibility? eligibility)
    {
        var seasons = template.Calendar.Seasons.Count == 0 ? Ui.T["program.allYear"] : string.Join("; ", template.Calendar.Seasons.Select(s => $"{Day(s.From)} – {Day(s.Until)}"));
        var windows = string.Join("; ", template.Calendar.Windows.Select(w => $"{w.From:HH:mm}–{w.Until:HH:mm}"));
        return new ProgramCard(
            template, windows.Length == 0 ? seasons : $"{seasons}, {windows}",
            template.Limits.Notice is { } notice ? Ui.When.Length(notice.Value) : Ui.T["unknown"],
            FormatPayment(template.Payment),
            template.EnrollmentDeadlines.Count == 0 ? Ui.T["program.anyTime"] : string.Join("; ", template.EnrollmentDeadlines.Select(d => Ui.T["program.by", Day(d.By), Day(d.Start)])),
            eligibility);
    }

    private string FormatPayment(PaymentTerms terms)
    {
        (Fact<decimal>? Fact, string Unit)[] parts =
            [(terms.CapacityPerKwMonth, "kW·" + Ui.T["program.month"]), (terms.CapacityPerKwSeason, "kW·" + Ui.T["program.seasonUnit"]), (terms.EnergyPerKwh, "kWh"), (terms.OncePerKw, "kW")];
        var texts = parts.Where(p => p.Fact is not null).Select(p => $"{Ui.N.Money(p.Fact!.Value, terms.Currency)}/{p.Unit}").ToList();
        return texts.Count == 0 ? Ui.T["program.noPay"] : string.Join("; ", texts);
    }

    private string Day(AnnualDate day) => $"{day.Day} {Ui.T[$"month.{day.Month}"]}";

    private LocalDate Today(ProgramTemplate template) => Ui.Now.InZone(DateTimeZoneProviders.Tzdb[template.TimeZone]).Date;
}
