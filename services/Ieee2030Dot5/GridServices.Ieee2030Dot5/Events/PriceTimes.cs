using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Effective times: the offsets were drawn once; where one interval of a component ends as sent, the next begins where it really ends.</summary>
internal static class PriceTimes
{
    public static List<HeldPrice> Compute(List<HeldPrice> prices)
    {
        if (prices.TrueForAll(p => p is { StartOffsetS: 0, DurationOffsetS: 0 }))
        {
            return [.. prices.Select(p => At(p, Instant.FromUnixTimeSeconds(p.Content.StartS)))];
        }

        var settled = new Dictionary<string, HeldPrice>(StringComparer.OrdinalIgnoreCase);
        foreach (var component in prices.GroupBy(p => (p.TariffKey, p.ComponentKey)))
        {
            var ends = new Dictionary<long, Instant>();
            foreach (var held in component.OrderBy(p => p.Content.StartS).ThenBy(p => p.MRid, StringComparer.OrdinalIgnoreCase))
            {
                // Behaviour rule 18: the end of the one is the start of the next.
                var drawn = Instant.FromUnixTimeSeconds(held.Content.StartS + held.StartOffsetS);
                var final = At(held, ends.TryGetValue(held.Content.StartS, out var end) ? end : drawn);
                settled[held.MRid] = final;
                if (final.Ending is null)
                {
                    ends[held.Content.EndS()] = ends.TryGetValue(held.Content.EndS(), out var other) ? Instant.Max(other, final.End) : final.End;
                }
            }
        }

        return [.. prices.Select(p => settled[p.MRid])];
    }

    private static HeldPrice At(HeldPrice held, Instant start)
    {
        var end = start + Duration.FromSeconds(Math.Max(1, held.Content.DurationS + held.DurationOffsetS));
        return held.Start == start && held.End == end ? held : held with { Start = start, End = end };
    }
}
