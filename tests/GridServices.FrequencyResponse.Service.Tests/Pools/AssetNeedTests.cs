using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using NodaTime;
using AssetKind = GridServices.FrequencyResponse.Service.Registry.AssetKind;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

public sealed class AssetNeedTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 5, 0);

    private static readonly AssetSettings Vehicle = new()
    {
        SiteId = "site-1",
        Kind = AssetKind.V2g,
        ChargeMaxW = 11_000,
        DischargeMaxW = 11_000,
        EnergyWh = 60_000,
        RoundTripEfficiency = 1,
        SocPercent = 50,
        LatencyMs = 100,
        RampWPerS = 10_000,
        BaselineW = 7_000,
        NeededWh = 40_000,
        Departure = Now + Duration.FromHours(4),
    };

    [Fact]
    public void Shortest_times_on_and_off_are_told_apart()
    {
        Assert.Equal((30, 30), Times(Vehicle with { MinOnSeconds = 30 }));
        Assert.Equal((30, 20), Times(Vehicle with { MinOnSeconds = 30, MinOffSeconds = 20 }));
        Assert.Equal((30, 0), Times(Vehicle with { MinOnSeconds = 30, MinOffSeconds = 0 }));
    }

    /// <summary>It holds 30 kWh and needs 40 at 09:00; 7 kW charge 10 kWh in 86 minutes.</summary>
    [Theory]
    [InlineData(0, 12_000, 11_000)]
    [InlineData(150, 29_500, 11_000)]
    [InlineData(155, 30_083.33, -7_000)]
    [InlineData(240, 40_000, -7_000)]
    [InlineData(600, 40_000, -7_000)]
    public void A_vehicle_gives_until_it_must_charge_to_leave_with_what_it_needs(int minutes, double needed, int mostW)
    {
        var clock = new StoppedClock(Now + Duration.FromMinutes(minutes));
        var told = Told(Vehicle, clock);
        Assert.Equal(needed, told.NeededWh, 0.01);
        Assert.Equal(mostW, Most(Vehicle, told));
    }

    [Fact]
    public void Without_a_departure_the_need_stays_in_at_all_times()
    {
        var held = Vehicle with { Departure = null, NeededWh = 29_000 };
        Assert.Equal((29_000, 11_000), (Told(held, new StoppedClock(Now)).NeededWh, Most(held, Told(held, new StoppedClock(Now)))));
        var spent = held with { SocPercent = 48 };
        Assert.Equal(-7_000, Most(spent, Told(spent, new StoppedClock(Now))));
        Assert.Equal(29_000, PoolParts.Energy([], [PoolParts.Asset("v", held)])!.FloorWh);
        Assert.Equal(0, PoolParts.Energy([], [PoolParts.Asset("v", Vehicle)])!.FloorWh);
    }

    [Fact]
    public void What_needs_energy_and_never_told_how_much_it_has_is_left_alone()
    {
        var silent = Vehicle with { SocPercent = null };
        Assert.False(Told(silent, new StoppedClock(Now)).Available);
        Assert.True(Told(silent with { NeededWh = null, Departure = null }, new StoppedClock(Now)).Available);
    }

    [Fact]
    public async Task What_can_not_be_needed_is_refused_at_its_place()
    {
        await using var rig = await FrequencyRig.StartAsync();
        (string Members, string Pointer)[] refused =
        [
            (""" "neededWh": 200001 """, "/neededWh"), (""" "neededWh": -1 """, "/neededWh"), (""" "neededWh": 1000, "energyWh": 0, "kind": "v2g" """, "/neededWh"),
            (""" "departure": "2027-01-15T09:00:00Z", "kind": "v2g" """, "/departure"), (""" "departure": "2027-01-15T09:00:00Z", "neededWh": 5 """, "/departure"),
            (""" "departure": "tomorrow" """, "/departure"), (""" "minOffSeconds": -1 """, "/minOffSeconds"), (""" "minOffSeconds": 1.5 """, "/minOffSeconds"),
        ];
        foreach (var (members, pointer) in refused)
        {
            var asset = rig.Battery();
            foreach (var (name, value) in JsonNode.Parse($"{{{members}}}")!.AsObject())
            {
                asset[name] = value!.DeepClone();
            }

            var (status, problem) = await rig.SendAsync(HttpMethod.Put, "/v1/assets/bess-1", asset.ToJsonString());
            Assert.True((int)status is 400 or 422, $"{members}: {(int)status} {problem}");
            Assert.Contains(pointer, problem!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()));
        }
    }

    private static (long On, long Off) Times(AssetSettings settings)
    {
        var capability = PoolParts.Asset("v", settings).Capability;
        return (capability.MinOnNanos / 1_000_000_000, capability.MinOffNanos / 1_000_000_000);
    }

    private static AssetTelemetry Told(AssetSettings settings, IClock wall) =>
        new ReadingCache(new MonotonicClock(), wall).Telemetry(new EntryId("default", "v"), PoolParts.Asset("v", settings), -7_000, 0);

    /// <summary>Most injection that the plan gives.</summary>
    private static long Most(AssetSettings settings, AssetTelemetry telemetry) =>
        AllocationPlan.Build([PoolParts.Asset("v", settings).Capability], [telemetry], new AllocationRules(), 1_000_000_000_000).CeilingW;

    private sealed class StoppedClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }
}
