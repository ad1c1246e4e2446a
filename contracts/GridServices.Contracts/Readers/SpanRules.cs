using NodaTime;

namespace GridServices.Contracts;

/// <summary>Architecture law 2: half-open spans, sorted, not overlapping, only the last one open.</summary>
internal static class SpanRules
{
    public static void Check<T>(ObjectReader o, string member, IReadOnlyList<T> items, Func<T, (Instant From, Instant? Until)> getSpan)
    {
        for (var i = 0; i < items.Count && !o.Faults.Any; i++)
        {
            var at = o.Path.Child(member).Child(i);
            var (from, until) = getSpan(items[i]);
            if (until is null && i < items.Count - 1)
            {
                o.Faults.Add(ErrorClass.SemanticTime, at.Child("until"), "only the last one may be open; write the instant at which it ends");
            }
            else if (until <= from)
            {
                o.Faults.Add(ErrorClass.SemanticTime, at.Child("until"), "must be later than from; write null for no end");
            }
            else if (i > 0 && from < getSpan(items[i - 1]).From)
            {
                o.Faults.Add(ErrorClass.SemanticOrder, at.Child("from"), "earlier than the one before; sort by from");
            }
            else if (i > 0 && from < getSpan(items[i - 1]).Until)
            {
                o.Faults.Add(ErrorClass.SemanticOverlap, at.Child("from"), "overlaps the one before; end that one where this begins");
            }
        }
    }
}
