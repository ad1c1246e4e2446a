using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>
/// Divides the room that a site's limit leaves among its pools, so that their sum never passes it: by what each may have to deliver. A pool that nobody measures counts twice,
/// since what it was told may be in the site's reading or not: so its part stays the same whether it follows or not.
/// <code>
///   unit  = likely room ÷ (sum of measured pools' demands + 2 × sum of the others')
///   share = demand × unit, all cut alike where their sum is more than the room that is sure
/// </code>
/// </summary>
internal static class RoomDivision
{
    /// <param name="room">Sure and likely, W ≥ 0; not a number where nobody knows: nobody has any of it then.</param>
    /// <param name="claims">Of each pool.</param>
    /// <returns>W ≥ 0, in their order.</returns>
    public static double[] Divide((double MostW, double LikelyW) room, IReadOnlyList<RoomClaim> claims)
    {
        if (double.IsNaN(room.MostW) || double.IsNaN(room.LikelyW))
        {
            return new double[claims.Count];
        }

        // Where nobody has anything to deliver all are alike: what is left is for what was not foreseen.
        var equal = claims.All(c => c.DemandW <= 0);
        var sum = claims.Sum(c => Demand(c) * (c.IsUnseen ? 2 : 1));
        var shares = claims.Select(c => room.LikelyW * (Demand(c) / sum)).ToArray();
        var all = shares.Sum();
        return all > room.MostW ? [.. shares.Select(s => s * (room.MostW / all))] : shares;

        double Demand(RoomClaim claim) => equal ? 1 : Math.Max(0, claim.DemandW);
    }
}

/// <summary>What a pool may have to deliver in one direction, W ≥ 0, and whether some of it was never measured.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RoomClaim(double DemandW, bool IsUnseen);
