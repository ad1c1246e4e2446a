using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Envelopes;
using GridServices.Ieee2030Dot5.Events;

namespace GridServices.Ieee2030Dot5.Service.Tests.Driver;

public sealed class InheritanceTests
{
    [Fact]
    public void A_new_client_inherits_the_highest_revision_of_each_stream_at_its_own_sites_and_nothing_of_others()
    {
        var heir = Inheritance.CreateState(
            new DerClientConfig { ServerUrl = "https://utility.example/dcap", SiteId = "site-1" },
            [Former("AA", "site-1", 7), Former("BB", "site-1", 9), Former("CC", "site-2", 40)]);

        var device = Assert.Single(heir.Devices).Value;
        Assert.Equal(("site-1", true), (device.SiteId, device.Retired));
        var stream = Assert.Single(device.Schedule.Published);
        Assert.Equal((9L, false), (stream.Revision, stream.Live));
    }

    [Fact]
    public void A_series_of_prices_goes_on_counting_also_where_prices_alone_were_published()
    {
        PublishedPrices Series(long revision) => new() { Key = "TARIFF", Revision = revision, Live = true, Currency = "AUD" };
        DerClientState Priced(string lfdi, long revision) => DerClientState.Initial with
        {
            Devices = ImmutableSortedDictionary<string, DeviceState>.Empty.Add(lfdi, new DeviceState(lfdi, "site-1") { Prices = PriceState.Initial with { Published = [Series(revision)] } }),
        };
        var heir = Inheritance.CreateState(new DerClientConfig { ServerUrl = "https://utility.example/dcap", SiteId = "site-1" }, [Priced("AA", 12), Priced("BB", 5)]);

        var series = Assert.Single(Assert.Single(heir.Devices).Value.Prices.Published);
        Assert.Equal((12L, false), (series.Revision, series.Live));
        Assert.Null(series.Statement);
    }

    [Fact]
    public void Where_something_could_not_be_read_streams_that_nobody_tells_of_go_on_from_the_floor()
    {
        var heir = Inheritance.CreateState(new DerClientConfig { ServerUrl = "https://utility.example/dcap", SiteId = "site-1" }, [], floor: 77);
        var device = Assert.Single(heir.Devices).Value;
        Assert.Equal((77L, 77L, true), (device.Schedule.RevisionFloor, device.Prices.RevisionFloor, device.Retired));
        Assert.Empty(Inheritance.CreateState(new DerClientConfig { ServerUrl = "https://utility.example/dcap", SiteId = "site-1" }, []).Devices);
    }

    [Fact]
    public void An_aggregator_that_is_made_again_goes_on_with_the_LFDIs_that_the_former_one_made()
    {
        var config = new DerClientConfig { ServerUrl = "https://utility.example/dcap", Mode = DerMode.Aggregator, Lfdi = new string('C', 40), Pen = 37244, Devices = [new DerDeviceConfig { SiteId = "site-1" }] };
        var (first, latest, elsewhere) = (new string('A', 40), new string('B', 40), new string('D', 40));
        DerClientState[] deleted = [Former("AA", "site-1", 7) with { Founder = first }, Former("BB", "site-1", 9) with { Founder = latest }, Former("DD", "site-2", 1) with { Founder = elsewhere }];
        var founder = Inheritance.FindFounder(config, deleted);
        Assert.Equal(latest, founder);
        Assert.Equal(Identities.GetDevices(config with { Lfdi = latest }).Keys, Identities.GetDevices(config, Inheritance.CreateState(config, deleted, founder: founder)).Keys);
        Assert.Null(Inheritance.FindFounder(config, [Former("AA", "site-1", 7)]));
        Assert.Null(Inheritance.FindFounder(config with { Mode = DerMode.Direct, SiteId = "site-1", Devices = [] }, deleted));
    }

    private static DerClientState Former(string lfdi, string site, long revision)
    {
        var published = new PublishedStream { Target = new EnvelopeTarget(TargetKind.Site, site), Key = "PROG", Revision = revision, Live = true };
        var device = new DeviceState(lfdi.PadRight(40, '0'), site) { Schedule = DerScheduleState.Initial with { Published = [published] } };
        return DerClientState.Initial with { Devices = ImmutableSortedDictionary<string, DeviceState>.Empty.Add(device.Lfdi, device) };
    }
}
