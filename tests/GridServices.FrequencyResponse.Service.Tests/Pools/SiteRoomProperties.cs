using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Tests.Pools;

/// <summary>
/// A site of one to five pools of batteries and one-way chargers, some measured, some silent, some never measured, under limits that come, move and go.
/// Whatever the ones that nobody sees do between nothing and their set-points, the site keeps its limits after each look at all pools.
/// </summary>
public sealed class SiteRoomProperties
{
    private const long Second = 1_000_000_000;
    private const long Start = 1_000 * Second;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void The_sum_never_passes_the_limit_whatever_the_unmeasured_do(int pools)
    {
        var used = 0d;
        for (var seed = 0; seed < 200; seed++)
        {
            used += new SimulatedSite(pools, new Random((pools * 1_000) + seed)).Run(seconds: 60);
        }

        // Not by leaving all of it unused.
        Assert.True(used > 0);
    }

    /// <summary>Never measured all of them: together they have half of the room, and it stays so.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Pools_of_several_that_were_never_measured_have_half_of_the_room_together(int pools)
    {
        var site = new SimulatedSite(pools, new Random(pools), AssetSight.Never, follows: true) { ExportW = 10_000, RestW = 2_000, IsSteady = true };
        site.Run(seconds: 40);
        Assert.Equal(6_000, site.RaiseW, 1.0);
    }

    internal enum AssetSight
    {
        Measured,
        Silent,
        Never,
    }

    private sealed class SimulatedAsset(WattSpan can, AssetSight sight)
    {
        public WattSpan Can => can;

        public AssetSight Sight => sight;

        public int SetpointW { get; set; }

        /// <summary>What it does, W, + = injection.</summary>
        public double ActualW { get; set; }
    }

    private sealed class SimulatedPool(EntryId id, List<SimulatedAsset> assets)
    {
        public EntryId Id => id;

        public List<SimulatedAsset> Assets => assets;

        public RestOfSite Rest { get; } = new();

        public bool[] Never { get; } = [.. assets.Select(a => a.Sight == AssetSight.Never)];

        public (double RaiseW, double LowerW) Room { get; set; }

        /// <summary>One sign each time, by what each can do; at most the room.</summary>
        public void Tell(double share)
        {
            var (raise, lower) = (assets.Sum(a => a.Can.Most), -assets.Sum(a => a.Can.Least));
            foreach (var asset in assets)
            {
                asset.SetpointW = (int)(share >= 0
                    ? raise > 0 ? Math.Min(share * Room.RaiseW, raise) * (asset.Can.Most / raise) : 0
                    : lower > 0 ? Math.Max(share * Room.LowerW, -lower) * (-asset.Can.Least / lower) : 0);
            }
        }
    }

    private sealed class SimulatedSite
    {
        private readonly Random _random;
        private readonly bool _follows;
        private readonly SiteRoom _room = new();
        private readonly List<SimulatedPool> _pools;

        public SimulatedSite(int pools, Random random, AssetSight? sight = null, bool follows = false)
        {
            (_random, _follows) = (random, follows);
            _pools = [.. Enumerable.Range(0, pools).Select(p => new SimulatedPool(new EntryId("default", $"p{p}"), [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Asset(sight))]))];
            (ExportW, ImportW) = (random.Next(0, 40_000), random.Next(0, 40_000));
            RestW = random.Next(-20_000, 20_000);
        }

        public double ExportW { get; set; }

        public double ImportW { get; set; }

        /// <summary>What draws beside the pools, + = import.</summary>
        public double RestW { get; set; }

        /// <summary>Nothing moves but the pools, which all raise with all they have.</summary>
        public bool IsSteady { get; init; }

        public double RaiseW => _pools.Sum(p => p.Room.RaiseW);

        /// <returns>What was used of the room, in W seconds.</returns>
        public double Run(int seconds)
        {
            var used = 0d;
            for (var second = 0; second < seconds; second++)
            {
                var now = Start + (second * Second);
                Act();
                if (second % 3 == 0)
                {
                    Disturb();
                    Look(new SiteReading((long)Math.Round(RestW - _pools.Sum(p => p.Assets.Sum(a => a.ActualW))), now), now);
                }

                _pools.ForEach(p => p.Tell(IsSteady ? 1 : (_random.NextDouble() * 2) - 1));
                _pools.ForEach(p => Note(p, now + (Second / 2)));
                used += Check();
            }

            return used;
        }

        private SimulatedAsset Asset(AssetSight? sight) => new(
            _random.Next(2) == 0 ? new WattSpan(-11_000, 0) : new WattSpan(-_random.Next(1, 30_000), _random.Next(1, 30_000)),
            sight ?? (AssetSight)_random.Next(3));

        /// <summary>What is measured follows; what is not does anything between nothing and its set-point.</summary>
        private void Act()
        {
            foreach (var asset in _pools.SelectMany(p => p.Assets))
            {
                asset.ActualW = asset.SetpointW * (_follows || asset.Sight == AssetSight.Measured ? 1 : _random.Next(3) switch { 0 => 0, 1 => 1, _ => _random.NextDouble() });
            }
        }

        /// <summary>The rest of the site and the limits move just before they are seen.</summary>
        private void Disturb()
        {
            if (!IsSteady && _random.Next(4) == 0)
            {
                RestW += _random.Next(-5_000, 5_000);
                (ExportW, ImportW) = (_random.Next(0, 40_000), _random.Next(0, 40_000));
            }
        }

        private void Look(SiteReading reading, long now)
        {
            // In any order; then once more, as the host does for those to whom more is due.
            var order = _pools.OrderBy(_ => _random.Next()).ToList();
            _pools.ForEach(p => Note(p, now));
            foreach (var pool in order.Concat(order))
            {
                var own = _pools.ConvertAll(p => p.Rest.Estimate(reading, () => p.Assets.ConvertAll(a => Power(a, reading.AtNanos))));
                var rest = _room.Estimate(reading, own);
                var (raise, lower) = (Part(rest.Ceiling(ExportW), true), Part(rest.Floor(ImportW), false));
                var taken = _room.Take(pool.Id, raise, lower);
                pool.Room = (taken.RaiseW, taken.LowerW);

                RoomPart Part((double MostW, double LikelyW) whole, bool up)
                {
                    var claims = _pools.Select((p, i) => new RoomClaim(p.Assets.Sum(a => up ? a.Can.Most : -a.Can.Least), own[i].IsUnseen)).ToList();
                    return new RoomPart(RoomDivision.Divide(whole, claims)[_pools.IndexOf(pool)], whole.MostW);
                }
            }
        }

        private static AssetPower Power(SimulatedAsset asset, long at) => new(asset.Can, asset.Sight switch
        {
            AssetSight.Measured => ((long)Math.Round(asset.ActualW), at),
            AssetSight.Silent => (0, at - (100 * Second)),
            _ => null,
        });

        private static void Note(SimulatedPool pool, long now)
        {
            int[] setpoints = [.. pool.Assets.Select(a => a.SetpointW)];
            pool.Rest.Note(now, ToldPower.Create(setpoints.Sum(), setpoints, pool.Never));
        }

        /// <summary>The worst that the set-points can come to: each that is not measured does all of it or nothing. What the rest of the site does alone is not theirs.</summary>
        private double Check()
        {
            var assets = _pools.SelectMany(p => p.Assets).ToList();
            var most = assets.Sum(a => a.Sight == AssetSight.Measured ? a.SetpointW : Math.Max(0, (double)a.SetpointW));
            var least = assets.Sum(a => a.Sight == AssetSight.Measured ? a.SetpointW : Math.Min(0, (double)a.SetpointW));
            Assert.True(most <= Math.Max(0, ExportW + RestW) + assets.Count, $"injects {most} W at {ExportW} W of export next to {RestW} W");
            Assert.True(-least <= Math.Max(0, ImportW - RestW) + assets.Count, $"draws {-least} W at {ImportW} W of import next to {RestW} W");
            return most - least;
        }
    }
}
