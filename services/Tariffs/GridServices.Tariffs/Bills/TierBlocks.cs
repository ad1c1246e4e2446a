using System.Collections.Immutable;
using System.Runtime.InteropServices;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Bills;

/// <summary>A block that ends at so many kWh of this cycle, and the tier of the tariff that prices it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Block(decimal UpTo, int Tier);

/// <summary>
/// Tiers in kWh of one cycle. A kWh/kW tier is so many hours of use of the billing demand; when kWh tiers follow it, it is only
/// the frame of a block and they are the steps inside:
/// <code>
///   200 kWh/kW | 3,000 kWh | 10,000 kWh | 400 kWh/kW | rest kWh/kW      demand 50 kW
///   (frame)    |..3,000....|..10,000....|..20,000....|.....               200 x 50 = 10,000
/// </code>
/// The last tier prices all that is above the others, whatever its unit: it is no step inside a frame.
/// </summary>
internal static class TierBlocks
{
    public const decimal Open = decimal.MaxValue;

    public static ImmutableArray<Block> Split(ImmutableArray<EnergyTier> tiers, decimal kw, BillSegment segment)
    {
        if (tiers.Length == 1)
        {
            return [new Block(Open, 0)];
        }

        var blocks = ImmutableArray.CreateBuilder<Block>(tiers.Length);
        var frame = Open;
        for (var i = 0; i < tiers.Length; i++)
        {
            var bound = Bound(tiers[i], kw, segment);
            if (PerKw(tiers[i]))
            {
                frame = bound;
                if (i + 2 < tiers.Length && !PerKw(tiers[i + 1]))
                {
                    continue;
                }
            }
            else if (i + 1 < tiers.Length)
            {
                bound = Math.Min(bound, frame);
            }

            if (blocks.Count == 0 || blocks[^1].UpTo < bound)
            {
                blocks.Add(new Block(bound, i));
            }
        }

        return blocks.ToImmutable();
    }

    private static bool PerKw(EnergyTier tier) => tier.Unit is TierUnit.KwhPerKw or TierUnit.KwhPerKwDaily;

    private static decimal Bound(EnergyTier tier, decimal kw, BillSegment segment) => tier.UpTo is not { } upTo ? Open : tier.Unit switch
    {
        TierUnit.KwhDaily => upTo * segment.Span.Days,
        TierUnit.KwhPerKw => segment.Prorate(upTo * kw),
        TierUnit.KwhPerKwDaily => upTo * kw * segment.Span.Days,
        _ => segment.Prorate(upTo),
    };
}
