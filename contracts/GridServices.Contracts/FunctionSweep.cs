using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>Chooses, function by function and for the ramp, the strongest stream's setting at every instant (architecture law 5).</summary>
internal static class FunctionSweep
{
    /// <returns>By kind, then in order of time; null where nobody sets a function in the window.</returns>
    public static IReadOnlyList<EffectiveFunction>? Functions(IReadOnlyList<Envelope> ranked, IReadOnlyList<Binding> streams, Instant from, Instant? until)
    {
        var stated = Stated(ranked, from, until, static s => s.Functions ?? []).GroupBy(s => s.Setting.Kind).OrderBy(g => g.Key);
        var chosen = stated.SelectMany(kind => Strongest(kind).Select(c => new EffectiveFunction { From = c.From, Until = c.Until, By = streams[c.Rank], Function = c.Setting })).ToList();
        return chosen.Count == 0 ? null : chosen;
    }

    /// <returns>In order of time; null where nobody states a ramp in the window.</returns>
    public static IReadOnlyList<EffectiveRamp>? Ramps(IReadOnlyList<Envelope> ranked, IReadOnlyList<Binding> streams, Instant from, Instant? until)
    {
        var stated = Stated<Ramp>(ranked, from, until, static s => s.Ramp is { } ramp ? [ramp] : []);
        var chosen = Strongest(stated).Select(c => new EffectiveRamp { From = c.From, Until = c.Until, By = streams[c.Rank], Ramp = c.Setting }).ToList();
        return chosen.Count == 0 ? null : chosen;
    }

    // Loops, not queries: nothing is allocated for the many segments that set nothing.
    private static List<Choice<T>> Stated<T>(IReadOnlyList<Envelope> ranked, Instant from, Instant? until, Func<Segment, IReadOnlyList<T>> settingsIn)
    {
        var stated = new List<Choice<T>>();
        for (var rank = 0; rank < ranked.Count; rank++)
        {
            var segments = ranked[rank].Segments;
            for (var i = 0; i < segments.Count; i++)
            {
                if (!(segments[i].Until <= from) && !(segments[i].From >= until))
                {
                    Add(segments[i], rank);
                }
            }
        }

        return stated;

        void Add(Segment segment, int rank)
        {
            var settings = settingsIn(segment);
            for (var i = 0; i < settings.Count; i++)
            {
                stated.Add(new Choice<T>(Instant.Max(segment.From, from), Earlier(segment.Until, until), rank, settings[i]));
            }
        }
    }

    private static List<Choice<T>> Strongest<T>(IEnumerable<Choice<T>> stated) => SegmentJoin.Run(
        SegmentSweep.Run(stated, s => (s.From, s.Until)).Select(s => s.Active.MinBy(a => a.Rank) with { From = s.From, Until = s.Until }));

    private static Instant? Earlier(Instant? a, Instant? b) => a is null ? b : b is null ? a : Instant.Min(a.Value, b.Value);

    private readonly record struct Choice<T>(Instant From, Instant? Until, int Rank, T Setting) : ISegment<Choice<T>>
    {
        public Choice<T> Over(Instant from, Instant? until) => this with { From = from, Until = until };
    }
}
