using System.Collections.Immutable;

namespace GridServices.Tariffs.Bills;

/// <summary>The called system peaks of a billing cycle.</summary>
internal static class CalledPeaks
{
    /// <summary>Calls of a kind that start in the cycle, in order; the same call given twice is one.</summary>
    /// <exception cref="BillRefusedException">Two different calls overlap.</exception>
    public static ImmutableArray<WindowSpan> Find(BillPlan plan, string kind, int cycle)
    {
        var (from, until) = (plan.GetStart(plan.Cycles[cycle].From), plan.GetStart(plan.Cycles[cycle].Until));
        var calls = plan.Events
            .Where(e => e.Kind == kind && e.From >= from && e.From < until)
            .Select(e => new WindowSpan(e.From.ToUnixTimeSeconds(), e.Until.ToUnixTimeSeconds(), 0))
            .Distinct().OrderBy(c => c.From).ToImmutableArray();
        foreach (var (earlier, later) in calls.Zip(calls.Skip(1)))
        {
            if (earlier.Until > later.From)
            {
                throw new BillRefusedException(
                    $"two calls of '{kind}' overlap at {NodaTime.Instant.FromUnixTimeSeconds(later.From)}; give each system peak once");
            }
        }

        return calls;
    }
}
