namespace GridServices.Operations.Opt;

/// <summary>Opt plans under the rule of two persons: the plans of one person count together, in however many requests or rows they were made.</summary>
public static class PlannedOptOuts
{
    /// <summary>
    /// The plans, by id, with which their person opts out more sites at one time than one person may. They are told to nobody before the event is called and a second person has agreed.
    /// The older of a person's plans come first: a later one takes from none of them what it was told for.
    /// </summary>
    public static IReadOnlySet<string> Beyond(TwoPersonRule rule, IEnumerable<OptPlan> plans)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var beyond = new HashSet<string>(StringComparer.Ordinal);
        foreach (var person in rule.Enabled ? plans.Where(p => p.Direction == OptDirection.Out).GroupBy(p => p.Updated.By, StringComparer.OrdinalIgnoreCase) : [])
        {
            var within = new List<OptPlan>();
            foreach (var plan in person.OrderBy(p => p.Updated.At).ThenBy(p => p.Id, StringComparer.Ordinal))
            {
                if (rule.NeedsSecond(GuardedAction.OptOut, MostSites(plan, within), 0))
                {
                    beyond.Add(plan.Id);
                }
                else
                {
                    within.Add(plan);
                }
            }
        }

        return beyond;
    }

    /// <summary>How many sites are out at one time during a plan, its own among them; half-open, so what ends when another begins is not there at the same time.</summary>
    private static int MostSites(OptPlan plan, List<OptPlan> within)
    {
        var beside = within.FindAll(p => p.From < plan.Until && p.Until > plan.From);
        return beside.Select(p => p.From).Where(at => at > plan.From).Append(plan.From)
            .Max(at => beside.Where(p => p.From <= at && p.Until > at).Append(plan).Select(GetSite).Distinct(StringComparer.Ordinal).Count());
    }

    private static string GetSite(OptPlan plan) => plan.SiteId ?? plan.EnrollmentId!;
}
