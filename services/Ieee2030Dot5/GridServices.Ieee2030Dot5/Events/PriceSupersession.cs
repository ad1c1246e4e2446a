using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>When each interval of prices counts.</summary>
/// <remarks>
/// Of one component the later creationTime wins, then the greater mRID. Of several tariffs the lower primacy has a direction of flow; components of
/// one tariff stand side by side, as they add up. 2018: what is superseded stays so. 2023: it counts again when the stronger one is over.
/// </remarks>
internal static class PriceSupersession
{
    /// <summary>The spans that each interval has to itself, by mRID.</summary>
    public static Dictionary<string, IReadOnlyList<Span>> Compute(IEnumerable<HeldPrice> prices, Func<HeldPrice, PriceLane> getLane, ResponseEdition edition)
    {
        var own = new Dictionary<string, IReadOnlyList<Span>>(StringComparer.OrdinalIgnoreCase);
        var taken = new Dictionary<string, List<(string Tariff, Span Span)>>(StringComparer.OrdinalIgnoreCase);
        foreach (var held in prices.Where(p => p.Start < p.Over()).Order(PricePrecedence.Order))
        {
            var lane = getLane(held);
            var component = GetOrAdd(taken, $"{held.TariffKey} {held.ComponentKey}");
            var direction = lane is PriceLane.Import or PriceLane.Export ? GetOrAdd(taken, lane.ToString()) : [];
            var stronger = component.Concat(direction.Where(t => !string.Equals(t.Tariff, held.TariffKey, StringComparison.OrdinalIgnoreCase))).Select(t => t.Span);
            var spans = Left(new Span(held.Start, held.Over()), stronger, edition);
            own[held.MRid] = spans;
            foreach (var span in spans)
            {
                component.Add((held.TariffKey, span));
                direction.Add((held.TariffKey, span));
            }
        }

        return own;
    }

    private static List<(string Tariff, Span Span)> GetOrAdd(Dictionary<string, List<(string Tariff, Span Span)>> taken, string key) =>
        taken.TryGetValue(key, out var list) ? list : taken[key] = [];

    private static List<Span> Left(Span window, IEnumerable<Span> stronger, ResponseEdition edition)
    {
        var left = new List<Span>();
        var from = window.From;
        foreach (var span in stronger.Where(s => s.From < window.Until && window.From < s.Until).OrderBy(s => s.From))
        {
            if (from < span.From)
            {
                left.Add(new Span(from, span.From));
            }

            from = Instant.Max(from, span.Until);
        }

        if (from < window.Until)
        {
            left.Add(new Span(from, window.Until));
        }

        // 2018: the first moment in which a stronger one holds ends it for good.
        return edition == ResponseEdition.Ieee2023 ? left : [.. left.Take(1).Where(s => s.From == window.From)];
    }

    /// <summary>The strongest first: lower primacy, later creation, greater mRID.</summary>
    private sealed class PricePrecedence : IComparer<HeldPrice>
    {
        public static PricePrecedence Order { get; } = new();

        public int Compare(HeldPrice? x, HeldPrice? y)
        {
            if (x is null || y is null)
            {
                return x is null ? (y is null ? 0 : 1) : -1;
            }

            // Behaviour rule 19, for prices: primacy over tariffs, creationTime inside one, mRID between equals.
            var byPrimacy = x.Primacy.CompareTo(y.Primacy);
            var byCreation = byPrimacy != 0 ? byPrimacy : y.Content.CreationTime.CompareTo(x.Content.CreationTime);
            return byCreation != 0 ? byCreation : string.Compare(y.MRid, x.MRid, StringComparison.OrdinalIgnoreCase);
        }
    }
}
