namespace GridServices.FrequencyResponse.Allocation;

/// <summary>Sorts the assets into chargers with steps and everything else, and works out both directions.</summary>
internal static class PlanBuilder
{
    internal static (SteppedAssets Stepped, PlanSide Raise, PlanSide Lower, long BaseW) Build(
        IReadOnlyList<AssetCapability> assets, IReadOnlyList<AssetTelemetry> telemetry, AllocationRules rules, long now)
    {
        var ranges = new AssetRange[assets.Count];
        for (var i = 0; i < ranges.Length; i++)
        {
            var told = telemetry[i];
            ranges[i] = AssetRange.Compute(assets[i], in told, rules, now);
        }

        var up = Rooms(assets, ranges, r => r.HighW - r.BaseW, rules);
        var down = Rooms(assets, ranges, r => r.BaseW - r.LowW, rules);
        int[] steps = [.. InTurn(assets, telemetry)];
        var any = Enumerable.Range(0, assets.Count).Except(steps).ToArray();
        var grids = steps.Select(i => AmpGrid.For(assets[i])).ToArray();
        var starts = steps.Select((asset, at) => grids[at].Nearest(ranges[asset].BaseW)).ToArray();
        var stepped = new SteppedAssets(steps, starts, grids);
        var bases = any.Select(i => ranges[i].BaseW).ToArray();
        return (stepped, Side(up, +1), Side(down, -1), stepped.BaseW + bases.Sum(w => (long)w));

        PlanSide Side(int[] room, int sign) => new(
            stepped,
            [.. steps.Select((asset, at) => Moves(grids[at], starts[at], ranges[asset].BaseW, room[asset], sign))],
            new Vernier(any, bases, [.. any.Select(i => room[i])], sign),
            sign);
    }

    private static int[] Rooms(IReadOnlyList<AssetCapability> assets, AssetRange[] ranges, Func<AssetRange, int> room, AllocationRules rules)
    {
        var rooms = ranges.Select(room).ToArray();
        if (rules.MaxUnbalanceW is { } unbalance)
        {
            PhaseBound.Cut(assets.Select(a => a.Phases).ToArray(), rooms, unbalance);
        }

        return rooms;
    }

    private static int Moves(AmpGrid grid, int start, int baseW, int room, int sign) =>
        sign > 0 ? grid.AtMost(baseW + room) - start : start - grid.AtLeast(baseW - room);

    /// <summary>Available chargers with steps, the largest first, among equals their phases in turn: neighbours in the order load different phases.</summary>
    private static IEnumerable<int> InTurn(IReadOnlyList<AssetCapability> assets, IReadOnlyList<AssetTelemetry> telemetry) =>
        Enumerable.Range(0, assets.Count)
            .Where(i => assets[i].StepAmps > 0 && assets[i].Kind != AssetKind.Storage && telemetry[i].Available)
            .GroupBy(i => assets[i].Phases)
            .OrderBy(g => g.Key)
            .SelectMany(g => g.Select((asset, nth) => (asset, nth, Phases: g.Key)))
            .OrderByDescending(a => AmpGrid.For(assets[a.asset]).StepW).ThenBy(a => a.nth).ThenBy(a => a.Phases)
            .Select(a => a.asset);
}
