namespace GridServices.Operations.Opt;

/// <summary>Opt plans under the rule of two persons: the plans of one person count together, in however many requests or rows they were made.</summary>
public static class PlannedOptOuts
{
    /// <summary>The plans, by id, whose person opts out more sites at one time than one person may. They are told to nobody before the event is called and a second person has agreed.</summary>
    public static IReadOnlySet<string> Beyond(TwoPersonRule rule, IEnumerable<OptPlan> plans)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var beyond = new HashSet<string>(StringComparer.Ordinal);
        foreach (var person in rule.Enabled ? plans.Where(p => p.Direction == OptDirection.Out).GroupBy(p => p.Updated.By, StringComparer.OrdinalIgnoreCase) : [])
        {
            Mark(rule, [.. person], beyond);
        }

        return beyond;
    }

    /// <summary>Goes through the starts and ends of the plans in order; half-open, so what ends when another begins is not there at the same time.</summary>
    private static void Mark(TwoPersonRule rule, List<OptPlan> plans, HashSet<string> beyond)
    {
        var (sites, unmarked) = (new Dictionary<string, int>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (_, isStart, plan) in plans.Select(p => (At: p.From, IsStart: true, Plan: p)).Concat(plans.Select(p => (At: p.Until, IsStart: false, Plan: p))).OrderBy(e => e.At).ThenBy(e => e.IsStart))
        {
            var site = plan.SiteId ?? plan.EnrollmentId!;
            sites[site] = sites.GetValueOrDefault(site) + (isStart ? 1 : -1);
            if (!isStart)
            {
                unmarked.Remove(plan.Id);
                if (sites[site] == 0)
                {
                    sites.Remove(site);
                }

                continue;
            }

            unmarked.Add(plan.Id);
            if (rule.NeedsSecond(GuardedAction.OptOut, sites.Count, 0))
            {
                beyond.UnionWith(unmarked);
                unmarked.Clear();
            }
        }
    }
}
