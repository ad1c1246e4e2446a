using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Sites;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>An action on many sites: first what it will do and what it leaves out, then, once confirmed, what came of it.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class SiteBulkPage(PageUi ui, SiteStore sites, SiteActionPlanner planner, SiteActionRunner runner) : FormPage(ui)
{
    /// <summary>More are narrowed down by a filter, or written in a file: a page waits for no longer.</summary>
    internal const int MostSites = 2_000;

    private const int MostNamed = 500;

    internal SiteActionRequest Asked { get; private set; } = new(SiteAction.OptOut, []);

    /// <summary>Null: the request itself has faults.</summary>
    internal SiteActionPlan? Plan { get; private set; }

    /// <summary>Null: it was not confirmed yet.</summary>
    internal SiteActionOutcome? Outcome { get; private set; }

    /// <summary>It was confirmed, but what would be done is no longer what was shown: nothing was done.</summary>
    internal bool HasChanged { get; private set; }

    /// <summary>What the confirmation sends, so that no more is done than was shown.</summary>
    internal string Mark => Plan!.MarkFor(Asked);

    internal bool IsAll { get; private set; }

    /// <summary>Those that are left out, a screenful or two of them.</summary>
    internal IReadOnlyList<SiteActionRefusal> Refused => [.. All.Take(MostNamed)];

    internal int RefusedCount => All.Count;

    internal int Events => Plan?.Steps.Select(s => s.Event?.Id).OfType<string>().Distinct(StringComparer.Ordinal).Count() ?? 0;

    internal string Word => Ui.T.Word("siteAction", Asked.Action);

    internal string WhatWillHappen => Asked.Action switch
    {
        SiteAction.OptOut => Ui.T["bulk.willOptOut", Plan!.Sites, Events],
        SiteAction.Suspend => Ui.T["bulk.willSuspend", Plan!.Steps.Count, Plan.Sites],
        SiteAction.AddTag => Ui.T["bulk.willAddTag", Plan!.Sites, Asked.Tag],
        _ => Ui.T["bulk.willRemoveTag", Plan!.Sites, Asked.Tag],
    };

    internal override object Document => new { action = EnumNames<SiteAction>.GetName(Asked.Action), sites = Asked.SiteIds.Count, steps = Plan?.Steps.Count, mark = Plan is null ? null : Mark, done = Outcome?.Done, waiting = Outcome?.Waiting, refused = All };

    private IReadOnlyList<SiteActionRefusal> All => Outcome?.Refused ?? Plan?.Refused ?? [];

    /// <summary>There is nothing to see without a choice.</summary>
    public IActionResult OnGet() => Redirect("/sites");

    public async Task<IActionResult> OnPostAsync(string? confirmed)
    {
        var action = RequireChoice<SiteAction>("action");
        var ct = HttpContext.RequestAborted;
        IsAll = Value("all") == "1";
        Asked = new SiteActionRequest(action, IsAll ? await FilteredAsync(ct) : [.. Request.Form["site"].OfType<string>().Distinct(StringComparer.Ordinal)])
        {
            Reason = EnumNames<OptReason>.TryParse(Text("reason") ?? string.Empty, out var reason) ? reason : default,
            Text = Text("text"),
            Tag = Text("tag") ?? string.Empty,
        };
        if (!Ui.May(SiteActionPlanner.PermissionFor(action)))
        {
            throw new ProblemException(ErrorClass.AuthzRole, Ui.T["problem.notAllowed"]);
        }

        if (action == SiteAction.OptOut && !EnumNames<OptReason>.TryParse(Required("reason"), out _))
        {
            Errors["reason"] = Ui.T["field.required"];
        }

        foreach (var (field, key) in SiteActionPlanner.Faults(Asked))
        {
            Errors[field] = Ui.T[key];
        }

        if (Asked.SiteIds.Count > MostSites)
        {
            Errors["site"] = Ui.T["bulk.tooMany", MostSites];
        }

        if (Errors.Count > 0)
        {
            return Page();
        }

        Plan = await planner.PlanAsync(Ui.Actor, Asked, ct);
        HasChanged = confirmed is not null && confirmed != Mark;
        if (confirmed is not null && !HasChanged)
        {
            Outcome = await runner.RunAsync(Ui.Actor, Asked, Plan);
        }

        return Page();
    }

    internal string DescribeRefusal(SiteActionRefusal refusal) => Ui.T[refusal.Why] + (refusal.Detail is { } detail ? $" {detail}" : string.Empty);

    /// <summary>What the list showed when its whole was ticked, one more than may be at most.</summary>
    private async Task<IReadOnlyList<string>> FilteredAsync(CancellationToken ct)
    {
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct);
        var page = await sites.PageAsync(Ui.Tenant, new ListQuery(MostSites + 1, null, [.. SitesPage.CreateFilter(Text("q"), Text("filterTag"), Text("customer"))], "name") { Sites = shown }, ct);
        return [.. page.Items.Select(s => s.SiteId)];
    }
}
