using GridServices.Operations.Access;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Frequency;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>Contracts of frequency services, of the sites that the reader sees.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class FrequencyListPage(PageUi ui, FrequencyReader reader, SiteStore sites, ServiceAvailability availability) : ConsolePage(ui)
{
    internal IReadOnlyList<FrequencyContract> Contracts { get; private set; } = [];

    /// <summary>Since when the service does not answer; null = it answers.</summary>
    internal Instant? UnknownSince { get; private set; }

    internal override object Document => new { items = Contracts, unknownSince = UnknownSince };

    public async Task OnGetAsync()
    {
        var ct = HttpContext.RequestAborted;
        var reply = await reader.ListAsync(Ui.Tenant, ct);
        UnknownSince = reply.IsDone ? null : availability.UnknownSince(Ui.Tenant, ServiceName.FrequencyResponse) ?? Ui.Now;
        var shown = await sites.ShownAsync(Ui.Tenant, Ui.Sites(UserPermission.SeeSites), ct);
        Contracts = [.. (reply.Value ?? []).Where(c => shown?.Contains(c.SiteId) != false).OrderBy(c => c.ContractId, StringComparer.Ordinal)];
    }
}
