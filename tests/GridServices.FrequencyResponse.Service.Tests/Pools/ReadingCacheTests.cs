using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

public sealed class ReadingCacheTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 12, 0);
    private static readonly EntryId Bess = new("default", "bess");
    private readonly ReadingCache _cache = new(new MonotonicClock(), new StoppedClock(Now));

    [Fact]
    public void A_site_tells_of_its_own_assets_only()
    {
        Take("site-2", -20_000, Now);
        Assert.Null(_cache.Asset(Bess, "site-1"));
        Take("site-1", 0, Now);
        Take("site-2", -20_000, Now);
        Assert.Equal(0, _cache.Asset(Bess, "site-1")?.Reading.NetPowerW);
    }

    [Theory]
    [InlineData("bess")]
    [InlineData(null)]
    public void A_reading_stamped_ahead_does_not_make_the_next_one_old(string? asset)
    {
        Take("site-1", 1, Now + Duration.FromHours(1), asset);
        Take("site-1", 2, Now, asset);
        Assert.Equal(2, asset is null ? _cache.SiteNet(new EntryId("default", "site-1"))?.NetW : _cache.Asset(Bess, "site-1")?.Reading.NetPowerW);
    }

    [Theory]
    [InlineData(61, true)]
    [InlineData(91, false)]
    public void A_site_that_is_read_once_a_minute_is_not_silent_between_two_readings(int secondsAgo, bool isKnown)
    {
        Take("site-1", 1, Now - Duration.FromSeconds(secondsAgo), null);
        Assert.Equal(isKnown, _cache.SiteNet(new EntryId("default", "site-1")) is not null);
    }

    [Fact]
    public void A_late_reading_does_not_replace_a_newer_one()
    {
        Take("site-1", 1, Now);
        Take("site-1", 2, Now - Duration.FromSeconds(30));
        Assert.Equal(1, _cache.Asset(Bess, "site-1")?.Reading.NetPowerW);
    }

    [Fact]
    public void A_reading_stamped_ahead_and_delivered_again_is_not_measured_again()
    {
        var ahead = Now + Duration.FromHours(1);
        Take("site-1", 1, ahead);
        var measured = _cache.Asset(Bess, "site-1")!.Value.PowerAtNanos;
        Take("site-1", 1, ahead);
        Assert.Equal(measured, _cache.Asset(Bess, "site-1")!.Value.PowerAtNanos);

        // Nor does one from before it, of the same clock, take its place.
        Take("site-1", 2, ahead - Duration.FromSeconds(5));
        Assert.Equal((1, measured), (_cache.Asset(Bess, "site-1")!.Value.Reading.NetPowerW, _cache.Asset(Bess, "site-1")!.Value.PowerAtNanos));
        Take("site-1", 3, ahead + Duration.FromSeconds(5));
        Assert.Equal(3, _cache.Asset(Bess, "site-1")?.Reading.NetPowerW);
        Assert.True(_cache.Asset(Bess, "site-1")!.Value.PowerAtNanos > measured);
    }

    [Fact]
    public void Headroom_that_was_told_once_does_not_grow_with_the_power_that_uses_it()
    {
        _cache.Add("default", "site-1", new Reading { At = Now - Duration.FromSeconds(2), AssetId = "bess", NetPowerW = 0, HeadroomUpW = 3_000, HeadroomDownW = 5_000 });
        Take("site-1", -5_000, Now - Duration.FromSeconds(1));
        Assert.Equal((8_000, 0), (_cache.Asset(Bess, "site-1")?.Reading.HeadroomUpW, _cache.Asset(Bess, "site-1")?.Reading.HeadroomDownW));
        Take("site-1", 1_000, Now);
        Assert.Equal((2_000, 6_000), (_cache.Asset(Bess, "site-1")?.Reading.HeadroomUpW, _cache.Asset(Bess, "site-1")?.Reading.HeadroomDownW));
    }

    private void Take(string site, long watts, Instant at, string? asset = "bess") =>
        _cache.Add("default", site, new Reading { At = at, AssetId = asset, NetPowerW = watts });

    private sealed class StoppedClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }
}
