using GridServices.Contracts;

namespace GridServices.OpenAdr.Envelopes;

/// <summary>Settings of equipment beside limits: a segment carries both.</summary>
internal static class ReactiveSettings
{
    /// <summary>The limits with the settings in force; where no limit is stated, the program's default stands with the setting.</summary>
    /// <param name="limits">Ascending, not overlapping.</param>
    /// <param name="settings">Segments with functions and without limits, not overlapping.</param>
    /// <param name="otherwise">The program's default.</param>
    public static List<Segment> Over(IReadOnlyList<Segment> limits, IEnumerable<Segment> settings, Limits? otherwise)
    {
        var set = settings.ToList();
        var pieces = limits.Select(s => (Segment: s, IsSetting: false)).Concat(set.Select(s => (Segment: s, IsSetting: true)));
        return set.Count == 0 ? [.. limits] : SegmentJoin.Run(SegmentSweep.Run(pieces, p => (p.Segment.From, p.Segment.Until)).Select(span =>
        {
            var setting = span.Active.FirstOrDefault(p => p.IsSetting).Segment;
            var limit = span.Active.FirstOrDefault(p => !p.IsSetting).Segment ?? setting! with { Limits = otherwise ?? Limits.None };
            return limit with { From = span.From, Until = span.Until, Functions = setting?.Functions };
        }));
    }
}
