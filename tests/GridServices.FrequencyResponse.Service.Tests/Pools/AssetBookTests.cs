using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

public sealed class AssetBookTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 12, 0);
    private static readonly EntryId Bess = new("default", "bess");
    private readonly AssetBook _book = new(new MonotonicClock(), new StoppedClock(Now));

    [Fact]
    public void A_site_tells_of_its_own_assets_only()
    {
        Take("site-2", -20_000, Now);
        Assert.Null(_book.Asset(Bess, "site-1"));
        Take("site-1", 0, Now);
        Take("site-2", -20_000, Now);
        Assert.Equal(0, _book.Asset(Bess, "site-1")?.Reading.NetPowerW);
    }

    [Theory]
    [InlineData("bess")]
    [InlineData(null)]
    public void A_reading_stamped_ahead_does_not_make_the_next_one_old(string? asset)
    {
        Take("site-1", 1, Now + Duration.FromHours(1), asset);
        Take("site-1", 2, Now, asset);
        Assert.Equal(2, asset is null ? _book.SiteNetW(new EntryId("default", "site-1")) : _book.Asset(Bess, "site-1")?.Reading.NetPowerW);
    }

    [Fact]
    public void A_late_reading_does_not_replace_a_newer_one()
    {
        Take("site-1", 1, Now);
        Take("site-1", 2, Now - Duration.FromSeconds(30));
        Assert.Equal(1, _book.Asset(Bess, "site-1")?.Reading.NetPowerW);
    }

    private void Take(string site, long watts, Instant at, string? asset = "bess") =>
        _book.Take("default", site, new Reading { At = at, AssetId = asset, NetPowerW = watts });

    private sealed class StoppedClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }
}
