using GridServices.Operations.Access;
using GridServices.Wire;

namespace GridServices.Operations.Service.Storage;

/// <summary>What access and times need of a site.</summary>
/// <param name="SiteId">Its id at the hub.</param>
/// <param name="CustomerId">Whose it is.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="TimeZone">IANA.</param>
internal sealed record SitePlace(string SiteId, string CustomerId, ValueList<string> Tags, string TimeZone)
{
    internal AccessTarget Target => new() { SiteId = SiteId, CustomerId = CustomerId, Tags = Tags };
}
