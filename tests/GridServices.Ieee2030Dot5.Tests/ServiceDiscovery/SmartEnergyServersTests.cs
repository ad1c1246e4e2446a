using GridServices.Ieee2030Dot5.Identity;
using GridServices.Ieee2030Dot5.ServiceDiscovery;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.ServiceDiscovery;

/// <summary>Servers as DNS-SD tells of them: IEEE 2030.5-2018 clause 7.</summary>
public sealed class SmartEnergyServersTests
{
    private static readonly DnsName Service = SmartEnergyServers.ServiceIn("site");
    private static readonly Duration Hour = Duration.FromHours(1);

    [Fact]
    public void A_server_is_found_with_its_address_port_and_DeviceCapability()
    {
        var records = DnsReader.Read(DnsReaderTests.Packed(), out _)!.Records;
        var server = Assert.Single(SmartEnergyServers.Read(Service, records).Servers);
        Assert.Equal(("device-000001111114", "gateway.site", "https://gateway.site:8443/dcap"), (server.Instance, server.Host, server.Url));
        Assert.Equal([192, 0, 2, 7], Assert.Single(server.Addresses));
        Assert.Empty(SmartEnergyServers.Missing(Service, records));
    }

    [Theory]
    [InlineData("txtvers=1|dcap=/dcap|https=8443", "/dcap", 8443)]
    [InlineData("TXTVERS=1|DCAP=/a/b|HTTPS=443", "/a/b", 443)]
    [InlineData("txtvers=1|dcap=/dcap|https=", "/dcap", 443)]
    [InlineData("txtvers=1|dcap=/dcap|https", "/dcap", 443)]
    [InlineData("txtvers=1|dcap=/dcap", "/dcap", null)]
    [InlineData("txtvers=1|level=-S1|path=/upt|dcap=/dcap|other=1||=x", "/dcap", null)]
    [InlineData("txtvers=1|dcap=/dcap|dcap=/second|https=1|https=2", "/dcap", 1)]
    public void What_a_text_says_is_taken(string text, string path, int? port)
    {
        var said = SmartEnergyText.Read(text.Split('|'), out var why);
        Assert.Empty(why);
        Assert.Equal((path, port), (said!.DeviceCapability, said.HttpsPort));
    }

    [Theory]
    [InlineData("")]
    [InlineData("txtvers=2|dcap=/dcap|https=443")]
    [InlineData("txtvers=|dcap=/dcap")]
    [InlineData("txtvers|dcap=/dcap")]
    [InlineData("dcap=/dcap|txtvers=1")]
    [InlineData("txtvers=1")]
    [InlineData("txtvers=1|dcap=")]
    [InlineData("txtvers=1|dcap=/")]
    [InlineData("txtvers=1|dcap=dcap")]
    [InlineData("txtvers=1|dcap=//elsewhere.example/dcap")]
    [InlineData("txtvers=1|dcap=https://elsewhere.example/dcap")]
    [InlineData("txtvers=1|dcap=/a b")]
    [InlineData("txtvers=1|dcap=/a\r\nHost: x")]
    [InlineData("txtvers=1|dcap=/dcap|https=0")]
    [InlineData("txtvers=1|dcap=/dcap|https=65536")]
    [InlineData("txtvers=1|dcap=/dcap|https=-1")]
    [InlineData("txtvers=1|dcap=/dcap|https=x")]
    public void What_a_text_must_say_is_asked_for(string text)
    {
        Assert.Null(SmartEnergyText.Read(text.Split('|'), out var why));
        Assert.NotEmpty(why);
    }

    [Fact]
    public void What_is_missing_is_asked_for_in_turn()
    {
        var instance = Service.Below("device 1.a");
        var (host, records) = (DnsName.Parse("gateway.site"), new List<DnsRecord> { new DnsRecord.Pointer(Service, Hour, instance) });
        Assert.Equal([(instance, DnsKind.Service), (instance, DnsKind.Text)], SmartEnergyServers.Missing(Service, records));
        Assert.Contains("not told", Assert.Single(SmartEnergyServers.Read(Service, records).LeftOut), StringComparison.Ordinal);
        records.Add(new DnsRecord.Service(instance, Hour, 10, 0, 81, DnsName.Parse("spare.site")));
        records.Add(new DnsRecord.Service(instance, Hour, 0, 0, 80, host));
        records.Add(new DnsRecord.Text(instance, Hour, ["txtvers=1", "dcap=/dcap", "https=443"]));
        Assert.Equal([(host, DnsKind.Address4), (host, DnsKind.Address6)], SmartEnergyServers.Missing(Service, records));
        Assert.Equal("https://gateway.site/dcap", Assert.Single(SmartEnergyServers.Read(Service, records).Servers).Url);
    }

    [Fact]
    public void Who_answers_for_another_service_or_from_a_host_that_is_none_is_left_out()
    {
        var (ours, theirs, bad) = (Service.Below("ours"), DnsName.Parse("_ipp._tcp.site").Below("printer"), Service.Below("bad"));
        List<DnsRecord> records =
        [
            new DnsRecord.Pointer(Service, Hour, theirs), new DnsRecord.Pointer(DnsName.Parse("_ipp._tcp.site"), Hour, ours), new DnsRecord.Pointer(Service, Hour, bad),
            new DnsRecord.Service(bad, Hour, 0, 0, 80, new DnsName(["a/b?@evil", "site"])), new DnsRecord.Text(bad, Hour, ["txtvers=1", "dcap=/dcap", "https=443"]),
        ];
        var (servers, leftOut) = SmartEnergyServers.Read(Service, records);
        Assert.Empty(servers);
        Assert.Contains("no name of a host", Assert.Single(leftOut), StringComparison.Ordinal);
    }

    [Fact]
    public void The_servers_that_know_an_EndDevice_are_asked_for_by_its_SFDI()
    {
        var service = SmartEnergyServers.ServiceFor(Sfdi.Parse("167261211391"), "site");
        Assert.Equal("edev-167261211391._sub._smartenergy._tcp.site", service.ToString());
        var instance = Service.Below("gateway");
        List<DnsRecord> records = [new DnsRecord.Pointer(service, Hour, instance)];
        Assert.Equal(2, SmartEnergyServers.Missing(service, records).Count);
    }
}
