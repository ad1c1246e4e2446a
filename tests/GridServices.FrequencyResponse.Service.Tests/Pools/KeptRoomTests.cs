using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Service.Pools;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

/// <summary>A battery makes up for a charger that stands on a step beyond the sum: where one of them is not there, the other is too much for the site.</summary>
public sealed class KeptRoomTests
{
    private static readonly AllocationRules Rules = new();

    /// <summary>At 3.1 kW of draw the charger stands on its first step, 4.14 kW, and the battery gives 1.04 kW back.</summary>
    [Fact]
    public void What_a_battery_gives_back_beside_a_charger_on_its_first_step_is_no_room()
    {
        AssetCapability[] assets = [Charger(0), Storage(1, 5_000)];
        var plan = Plan(assets, [0, 0]);
        var setpoints = new int[2];
        plan.Allocate(-3_100, setpoints);
        Assert.Equal([-4_140, 1_040], setpoints);
        Assert.InRange(PoolConditions.FindKept(assets, plan, [false, true]).ImportW, 1_040, 5_000);
        Assert.Equal((0, 0), PoolConditions.FindKept(assets, plan, []));

        // Batteries alone are not set against the sum.
        AssetCapability[] batteries = [Storage(0, 5_000), Storage(1, 5_000)];
        Assert.Equal((0, 0), PoolConditions.FindKept(batteries, Plan(batteries, [0, 0]), [true, true]));
    }

    /// <summary>Inside what is left of the room, with the memory of the split before, whatever those that nobody sees do between nothing and their set-points.</summary>
    [Fact]
    public void Inside_the_room_that_is_left_no_split_is_too_much_whatever_the_unmeasured_do()
    {
        var against = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            AssetCapability[] assets = [.. Enumerable.Range(0, random.Next(2, 6)).Select(i => i == 0 || random.Next(2) == 0 ? Storage(i, random.Next(1, 20_000)) : Charger(i))];
            var plan = Plan(assets, [.. assets.Select(a => a.Kind == AssetKind.Storage ? random.Next(-a.MaxImportW, a.MaxExportW) / 4 : -690 * random.Next(0, 17))]);
            bool[] never = [.. assets.Select(_ => random.Next(2) == 0)];
            never = Array.Exists(never, n => n) ? never : [];
            var kept = PoolConditions.FindKept(assets, plan, never);
            var (raise, lower) = (kept.ExportW + random.Next(0, 30_000), kept.ImportW + random.Next(0, 30_000));
            var (memory, setpoints) = (default(AllocationMemory), new int[assets.Length]);
            for (var turn = 0; turn < 50; turn++)
            {
                var total = (long)((random.NextDouble() * (raise - kept.ExportW + lower - kept.ImportW)) - (lower - kept.ImportW));
                var given = plan.Allocate(total, setpoints, ref memory).GivenW;
                var unseen = ToldPower.Create(given, setpoints, never).UnseenW;

                // What no asset can do is missing at any rate, and is not theirs.
                var (over, under) = (Math.Max(0, given - total), Math.Max(0, total - given));
                Assert.True(-given + unseen.Most <= lower + under + 1, $"seed {seed}: draws {-given + unseen.Most} of {lower} W at {total} W: {string.Join(' ', setpoints)}");
                Assert.True(given - unseen.Least <= raise + over + 1, $"seed {seed}: injects {given - unseen.Least} of {raise} W at {total} W: {string.Join(' ', setpoints)}");
                against += setpoints.Any(s => s > 0) && setpoints.Any(s => s < 0) ? 1 : 0;
            }
        }

        Assert.True(against > 1_000, $"only {against} splits were of both signs");
    }

    private static AllocationPlan Plan(AssetCapability[] assets, int[] baselines) => AllocationPlan.Build(
        assets, [.. assets.Select((a, i) => new AssetTelemetry(baselines[i], -a.MaxImportW, a.MaxExportW, double.NaN, double.NaN, 0, baselines[i], 0, true))], Rules, 1_000_000_000_000);

    private static AssetCapability Storage(int index, int watts) => new() { Id = $"b{index}", Kind = AssetKind.Storage, MaxImportW = watts, MaxExportW = watts, LatencyNanos = 1 };

    private static AssetCapability Charger(int index) => new() { Id = $"c{index}", Kind = AssetKind.Charger, MaxImportW = 11_040, LatencyNanos = 1 };
}
