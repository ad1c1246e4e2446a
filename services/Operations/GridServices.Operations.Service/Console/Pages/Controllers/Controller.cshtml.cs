using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Controllers;
using GridServices.Operations.Service.Readiness;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>One site's controller: how it is heard, its tokens, and a new one, shown once.</summary>
[Needs(UserPermission.ControllerTokens)]
internal sealed class ControllerPage(
    PageUi ui, ControllerReader reader, ControllerTokenStore tokens, ControllerCommands commands, ControllerTokensFile file,
    ControllerOptions options, ServicesOptions services, ControllerReceipts receipts, Observations observations, EnrollmentStore enrollments,
    TestLimits tests, OperationsStore store)
    : FormPage(ui)
{
    internal Site Site { get; private set; } = null!;

    internal ControllerItem Item { get; private set; } = null!;

    internal IReadOnlyList<ControllerToken> Tokens { get; private set; } = [];

    internal IssuedControllerToken? Made { get; private set; }

    internal string? Done { get; private set; }

    /// <summary>Why the hub could not be told yet.</summary>
    internal string? Problem { get; private set; }

    /// <summary>What it said of limits in the last day; null: not known.</summary>
    internal IReadOnlyList<ReceiptCount>? Receipts { get; private set; }

    /// <summary>How long it took, or has been taking, to answer the hub's last change; null: not known.</summary>
    internal (Duration Lag, bool IsAnswered)? Lag { get; private set; }

    /// <summary>Enrollments in test: a limit of a minute can be sent for them.</summary>
    internal IReadOnlyList<Enrollment> InTest { get; private set; } = [];

    /// <summary>Whether this person may send a test limit: the same right as at the enrollment itself.</summary>
    internal bool MayTest => Ui.May(UserPermission.EditSites, AccessTarget.From(Site));

    /// <summary>The name that a person gave the token; the hub's id of one that was not issued here.</summary>
    internal string FindTokenName(string tokenId) => Tokens.FirstOrDefault(t => t.HubId == tokenId)?.Name ?? tokenId;

    internal bool IsSetUp => file.IsSetUp;

    internal string HubUrl => options.HubUrl ?? services.EnvelopeHub.Url;

    /// <summary>What a controller's installer scans: address, site and token.</summary>
    internal string Qr => OneTimeCodes.Qr($"{HubUrl.TrimEnd('/')}/v1/sites/{Uri.EscapeDataString(Site.SiteId)}#token={Made!.Secret}");

    internal IReadOnlyList<(string Name, string Text)> Snippets => ControllerSnippets.Create(HubUrl, Uri.EscapeDataString(Site.SiteId), Made?.Secret);

    internal override object Document => new { controller = Item, tokens = Tokens, receipts = Receipts, lagSeconds = Lag?.Lag.TotalSeconds, answered = Lag?.IsAnswered };

    public Task OnGetAsync(string siteId) => LoadAsync(siteId);

    public async Task OnPostIssueAsync(string siteId)
    {
        await LoadAsync(siteId);
        var name = Required("name");
        try
        {
            await TryAsync(async () => Made = await commands.IssueAsync(Ui.Actor, Site.SiteId, name, HttpContext.RequestAborted));
        }
        catch (ProblemException refused) when (refused.Problem.Status == StatusCodes.Status409Conflict)
        {
            Errors["name"] = refused.Problem.Detail ?? refused.Problem.Title;
        }

        Problem = Made?.Problem;
        Response.Headers.CacheControl = "no-store";
        await LoadAsync(siteId);
    }

    public async Task OnPostRevokeAsync(string siteId, string id)
    {
        await LoadAsync(siteId);
        Problem = await commands.RevokeAsync(Ui.Actor, Tokens.FirstOrDefault(t => t.Id == id) ?? throw CreateNotFound("token", id), HttpContext.RequestAborted);
        Done = Problem is null ? "controller.revoked" : null;
        await LoadAsync(siteId);
    }

    /// <summary>Sends an advisory limit of a minute that binds nobody; what the controller says to it is in the receipts.</summary>
    public async Task OnPostTestAsync(string siteId, string id)
    {
        await LoadAsync(siteId);
        if (!MayTest)
        {
            throw new ProblemException(Contracts.ErrorClass.AuthzSite, Ui.T["problem.notAllowed"]);
        }

        var held = InTest.FirstOrDefault(e => e.Id == id) ?? throw CreateNotFound("enrollment in test", id);
        try
        {
            await store.WriteAsync(Ui.Actor, transaction => tests.StartAsync(transaction, held), HttpContext.RequestAborted);
            Done = "controller.testSent";
        }
        catch (ProblemException refused) when (refused.Problem.Status == StatusCodes.Status409Conflict)
        {
            Errors["test"] = refused.Problem.Detail ?? refused.Problem.Title;
        }
    }

    private async Task LoadAsync(string siteId)
    {
        Site = await reader.FindAsync(Ui.Tenant, siteId, Ui.Sites(UserPermission.ControllerTokens), HttpContext.RequestAborted) ?? throw CreateNotFound("site", siteId);
        Tokens = await tokens.ListBySiteAsync(Ui.Tenant, siteId, HttpContext.RequestAborted);
        Item = reader.Item(Site, Tokens.Count(t => t.RevokedAt is null));
        Receipts = await receipts.CountAsync(Ui.Tenant, siteId, HttpContext.RequestAborted);
        Lag = Item.Connected is null ? null : ControllerReceipts.ComputeLag(observations.GetView(Ui.Tenant).Sites.GetValueOrDefault(siteId)?.LastChangeAt, Item.LastReceiptAt, Ui.Now);
        InTest = [.. (await enrollments.ListBySiteAsync(Ui.Tenant, siteId, HttpContext.RequestAborted)).Where(e => e.State == EnrollmentState.Testing)];
    }
}
