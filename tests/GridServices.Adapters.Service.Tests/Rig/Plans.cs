using GridServices.Adapters.Lines;
using GridServices.Adapters.Service.Sites;
using GridServices.Client;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Rig;

/// <summary>Sites without a peer, for tests that look at the site themselves.</summary>
internal static class Plans
{
    /// <param name="site">Whose limits are followed.</param>
    /// <param name="hub">Null: one that is never asked.</param>
    /// <param name="token">Of role controller.</param>
    public static SitePlan Create(string site, Uri? hub = null, string token = "t")
    {
        var limits = new Limits { ImportLimitW = 4_200, ExportLimitW = 0 };
        return new SitePlan(
            "a",
            new SiteSessionOptions
            {
                Hub = new HubClientOptions { Hub = hub ?? new Uri("http://127.0.0.1:1"), Token = token, SiteId = site },
                Failsafe = new FailsafeOptions
                {
                    InitLimits = limits,
                    Default = new Failsafe { StaleAfter = Duration.FromSeconds(120), OnStale = OnStale.Failsafe, Limits = limits },
                },
            },
            new SiteRules { FailsafeImportW = 4_200, FailsafeExportW = 0 });
    }
}
