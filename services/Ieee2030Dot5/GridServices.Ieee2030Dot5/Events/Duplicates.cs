using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Several contents under one mRID: nobody knows which is meant, so the strictest of those that would hold does.</summary>
/// <remarks>
/// <code>
///   one         ├────────────── 5 kW ──────────────┤
///   the other   ├─ 0 kW ─┤
///   held        ├─ 0 kW ─┼───────── 5 kW ──────────┤     where neither would hold, the strictest of all
/// </code>
/// </remarks>
internal static class Duplicates
{
    public static ControlContent Strictest(IReadOnlyList<ControlContent> contents)
    {
        var start = contents.Min(c => c.StartS);
        return contents[0] with
        {
            CreationTime = contents.Max(c => c.CreationTime),
            StartS = start,
            DurationS = contents.Max(c => c.EndS()) - start,
            RandomizeStartS = 0,
            RandomizeDurationS = 0,
            Settings = Strictest(contents.SelectMany(c => c.Settings)),
            Variants = contents.Select(c => new ContentVariant(c.StartS, c.EndS(), c.Settings)).Distinct().OrderBy(v => v.StartS).ThenBy(v => v.EndS).ToValueList(),
        };
    }

    /// <summary>Duplicates of a control that is held: once it has begun its times stay and the strictest of all holds.</summary>
    public static ControlContent Over(HeldControl held, ControlContent strictest) => held.Begun
        ? held.Content with { Settings = Strictest(held.Content.Settings.Concat(strictest.Settings)), Variants = [] }
        : strictest;

    /// <summary>The setting of a control over one span, cut where another of its variants becomes the strictest.</summary>
    public static IEnumerable<(Span Span, ModeSetting Setting)> Pieces(ControlContent content, ControlMode mode, Span span)
    {
        var edges = content.Variants.SelectMany(v => new[] { v.StartS, v.EndS }).Select(Instant.FromUnixTimeSeconds)
            .Where(e => e > span.From && e < span.Until).Append(span.Until).Distinct().Order();
        var from = span.From;
        foreach (var until in edges)
        {
            var second = from.ToUnixTimeSeconds();
            var meant = content.Variants.Where(v => v.StartS <= second && second < v.EndS).SelectMany(v => v.Settings).Where(s => s.Mode == mode).ToList();
            yield return (new Span(from, until), meant.Count > 0 ? Strictest(meant)[0] : content.Setting(mode)!);
            from = until;
        }
    }

    private static ValueList<ModeSetting> Strictest(IEnumerable<ModeSetting> settings) =>
        settings.GroupBy(s => s.Mode).OrderBy(g => g.Key).Select(g => g.First().IsLimit ? g.MinBy(s => s.Amount)! : g.First()).ToValueList();
}
