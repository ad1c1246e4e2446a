namespace GridServices.Tariffs.Settlement;

/// <summary>A baseline that rolls on from day to day, oldest first: so much of the new day, the rest of what was before ("90/10" is a share of 0.1).</summary>
/// <param name="Share">Of each further day, above 0 up to 1.</param>
/// <param name="SeedDays">The oldest so many days, averaged evenly, are what it begins with.</param>
public sealed record RollingMean(decimal Share, int SeedDays = 1)
{
    /// <summary>The mean of loads in calendar order.</summary>
    internal decimal Compute(IReadOnlyList<decimal> loads)
    {
        var seed = Math.Min(SeedDays, loads.Count);
        return loads.Skip(seed).Aggregate(loads.Take(seed).Sum() / seed, (before, day) => before * (1 - Share) + day * Share);
    }
}
