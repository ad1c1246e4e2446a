using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Driver;

namespace GridServices.Ieee2030Dot5.Service.Tests.Driver;

/// <summary>Which certificate a caller is shown is decided by the host it asks for, as long as clients' own are shown.</summary>
public sealed class NotificationHostTests
{
    [Theory]
    [InlineData(true, "https://der.example:8444", "DER.EXAMPLE")]
    [InlineData(true, "https://DER.example", "DER.EXAMPLE")]
    [InlineData(true, null, null)]
    [InlineData(false, "https://der.example:8444", null)]
    public void The_host_of_a_notificationUrl_is_one_tenants_where_it_decides(bool decides, string? url, string? host)
    {
        var protocol = new ClientProtocol(null!, null!, new NotificationHosts(decides), null!, null!);
        var config = new DerClientConfig { ServerUrl = "https://utility.example/dcap", SiteId = "site-1", Subscriptions = new DerSubscriptions { NotificationUrl = url } };
        Assert.Equal(host, protocol.TenantsOwn(config).SingleOrDefault());
        Assert.DoesNotContain("DER", protocol.CreateForeignTenantProblem("DER.EXAMPLE").Message, StringComparison.Ordinal);
    }
}
