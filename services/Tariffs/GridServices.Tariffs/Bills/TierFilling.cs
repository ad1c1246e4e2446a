using System.Collections.Immutable;

namespace GridServices.Tariffs.Bills;

/// <summary>kWh of one period of one tier.</summary>
internal sealed record TierShare(int Period, int Tier, decimal Kwh);

/// <summary>Energy poured into tiers.</summary>
internal sealed class TierFilling(ImmutableArray<Block>[] blocks)
{
    private readonly decimal[][] filled = [.. blocks.Select(b => b.IsDefault ? [] : new decimal[b.Max(x => x.Tier) + 1])];
    private readonly int[] positions = new int[blocks.Length];
    private decimal level;

    /// <summary>In the order of time: this energy follows all that was poured before.</summary>
    public void Fill(int period, decimal kwh)
    {
        var bounds = blocks[period];
        var rest = kwh;
        while (rest > 0)
        {
            var at = positions[period];
            while (bounds[at].UpTo <= level)
            {
                at++;
            }

            positions[period] = at;
            var part = Math.Min(rest, bounds[at].UpTo - level);
            filled[period][bounds[at].Tier] += part;
            level += part;
            rest -= part;
        }
    }

    /// <summary>The period's own energy, counted from 0 for itself.</summary>
    public void FillAlone(int period, decimal kwh)
    {
        level = 0;
        positions[period] = 0;
        Fill(period, kwh);
    }

    /// <summary>The total of all periods over the tiers, each tier with every period's share of the total.</summary>
    public void Prorate(ReadOnlySpan<decimal> kwh)
    {
        var total = 0m;
        foreach (var part in kwh)
        {
            total += part;
        }

        for (var period = 0; period < kwh.Length; period++)
        {
            var from = 0m;
            foreach (var block in kwh[period] > 0 ? blocks[period] : [])
            {
                var inside = Math.Min(total, block.UpTo) - from;
                if (inside > 0)
                {
                    filled[period][block.Tier] += inside == total ? kwh[period] : kwh[period] * inside / total;
                    from += inside;
                }
            }
        }
    }

    public IEnumerable<TierShare> Shares()
    {
        for (var period = 0; period < filled.Length; period++)
        {
            for (var tier = 0; tier < filled[period].Length; tier++)
            {
                if (filled[period][tier] != 0)
                {
                    yield return new TierShare(period, tier, filled[period][tier]);
                }
            }
        }
    }
}
