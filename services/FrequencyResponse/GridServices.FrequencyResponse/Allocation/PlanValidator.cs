namespace GridServices.FrequencyResponse.Allocation;

/// <summary>Whether a pool can do what is contracted with it.</summary>
internal static class PlanValidator
{
    /// <summary>Nordic FCR: the stepped curve lies within +10 % and -5 % of the straight one, so a step is 15 % of full response at most.</summary>
    private const double LargestStep = 0.15;

    internal static IEnumerable<string> Validate(AllocationPlan plan, AllocationRules rules, PlanSide raise, PlanSide lower)
    {
        foreach (var (side, contracted, way) in new[] { (raise, rules.ContractedRaiseW, "upwards"), (lower, rules.ContractedLowerW, "downwards") })
        {
            if (contracted <= 0)
            {
                continue;
            }

            if (side.ReachW < contracted)
            {
                yield return $"the pool of {plan.Count} assets reaches {side.ReachW} W {way}, {contracted} W are contracted; add assets or contract less";
            }

            var (steps, largest) = side.Stairs.Within(Math.Min(contracted, side.Stairs.TotalW));
            if (raise.Vernier.RoomW + lower.Vernier.RoomW >= largest)
            {
                continue;
            }

            if (steps < rules.MinSteps)
            {
                yield return $"{steps} steps {way}, the service asks for {rules.MinSteps}; add chargers or a battery that takes {largest} W";
            }

            // Chargers of several sizes may come near what a large step skips.
            if (largest > LargestStep * contracted && !Follows(plan, side == raise ? 1 : -1, contracted))
            {
                yield return $"the largest step {way} is {largest} W, more than 15 % of the {contracted} W contracted; add chargers or a battery that takes it";
            }
        }
    }

    private static bool Follows(AllocationPlan plan, int sign, long contracted)
    {
        var setpoints = new int[plan.Count];
        for (var percent = 1; percent <= 100; percent++)
        {
            var over = -sign * plan.Allocate(plan.BaseW + (sign * contracted * percent / 100), setpoints).ShortfallW;
            if (!AllocationRules.Tolerates(over, contracted))
            {
                return false;
            }
        }

        return true;
    }
}
