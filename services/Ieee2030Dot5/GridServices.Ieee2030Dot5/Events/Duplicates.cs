using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>
/// Several contents under one mRID: nobody knows which is meant, so each counts for its own time, and where several do, the strictest. Where none
/// does, the control says nothing: what would hold without it holds.
/// </summary>
/// <remarks>
/// <code>
///   one         ├────────────── 5 kW ──────────────┤
///   the other   ├─ 0 kW ─┤                                    ├── 1 kW ──┤
///   held        ├─ 0 kW ─┼───────── 5 kW ──────────┼─ default ┼── 1 kW ──┤
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
            Variants = InOrder(contents.Select(Variant)),
        };
    }

    /// <summary>Duplicates of a control that is held: once it has begun its start stays, and what it was taken for stays one of the possibilities.</summary>
    /// <param name="held">The control.</param>
    /// <param name="strictest">The duplicates as one content.</param>
    /// <param name="ended">Contents that the server has cancelled, superseded or completed meanwhile: they are no possibility any more.</param>
    public static ControlContent Over(HeldControl held, ControlContent strictest, IReadOnlyList<ControlContent> ended)
    {
        if (!held.Begun)
        {
            return strictest;
        }

        var own = held.Content.Variants.Count > 0 ? held.Content.Variants.Except(ended.Select(Variant))
            : ended.Any(e => e.IsEquivalentTo(held.Content)) ? []
            : new[] { new ContentVariant(held.Start.ToUnixTimeSeconds(), held.End.ToUnixTimeSeconds(), held.Content.Settings) };
        var variants = InOrder(own.Concat(strictest.Variants));
        var durationS = variants.Max(v => v.EndS) - held.Start.ToUnixTimeSeconds() - held.DurationOffsetS;
        return held.Content with
        {
            CreationTime = Math.Max(held.Content.CreationTime, strictest.CreationTime),
            DurationS = Math.Max(1, durationS),
            Settings = Strictest(variants.SelectMany(v => v.Settings)),
            Variants = variants,
        };
    }

    /// <summary>True where the one speaks of all that the other does, at all of its time: then the other, being weaker, adds nothing.</summary>
    public static bool Covers(ControlContent one, ControlContent other) =>
        one.StartS <= other.StartS && other.EndS() <= one.EndS() && other.Settings.All(s => one.Setting(s.Mode) is not null);

    /// <summary>When a control speaks of a mode: all its time, or that of its variants which do, ascending and disjoint.</summary>
    public static IReadOnlyList<Span> Windows(HeldControl held, ControlMode? mode)
    {
        var whole = new Span(held.From(), held.Over());
        if (held.Content.Variants.Count == 0)
        {
            return [whole];
        }

        var windows = new List<Span>();
        foreach (var variant in held.Content.Variants.Where(v => mode is null || v.Settings.Any(s => s.Mode == mode)).OrderBy(v => v.StartS))
        {
            var from = Instant.Max(whole.From, Instant.FromUnixTimeSeconds(variant.StartS));
            var until = Instant.Min(whole.Until, Instant.FromUnixTimeSeconds(variant.EndS));
            if (windows.Count > 0 && from <= windows[^1].Until)
            {
                windows[^1] = windows[^1] with { Until = Instant.Max(windows[^1].Until, until) };
            }
            else if (from < until)
            {
                windows.Add(new Span(from, until));
            }
        }

        return windows;
    }

    /// <summary>When a control is under way and none of its variants says anything.</summary>
    public static IEnumerable<Span> Gaps(HeldControl held)
    {
        var from = held.From();
        foreach (var window in Windows(held, null))
        {
            if (from < window.From)
            {
                yield return new Span(from, window.From);
            }

            from = window.Until;
        }
    }

    /// <summary>The setting of a control over one span, cut where another of its variants becomes the strictest.</summary>
    public static IEnumerable<(Span Span, ModeSetting Setting)> Pieces(ControlContent content, ControlMode mode, Span span)
    {
        if (content.Variants.Count == 0)
        {
            yield return (span, content.Setting(mode)!);
            yield break;
        }

        var edges = content.Variants.SelectMany(v => new[] { v.StartS, v.EndS }).Select(Instant.FromUnixTimeSeconds)
            .Where(e => e > span.From && e < span.Until).Append(span.Until).Distinct().Order();
        var from = span.From;
        foreach (var until in edges)
        {
            var second = from.ToUnixTimeSeconds();
            var meant = content.Variants.Where(v => v.StartS <= second && second < v.EndS).SelectMany(v => v.Settings).Where(s => s.Mode == mode).ToList();
            if (meant.Count > 0)
            {
                yield return (new Span(from, until), Strictest(meant)[0]);
            }

            from = until;
        }
    }

    /// <summary>Of each mode the strictest: the smallest limit; of set-points the one nearest to standing still.</summary>
    public static ValueList<ModeSetting> Strictest(IEnumerable<ModeSetting> settings) => settings.GroupBy(s => s.Mode).OrderBy(g => g.Key)
        .Select(g => g.MinBy(s => s.IsLimit ? s.Amount : Math.Abs(s.Amount))!).ToValueList();

    private static ContentVariant Variant(ControlContent content) => new(content.StartS, content.EndS(), content.Settings);

    private static ValueList<ContentVariant> InOrder(IEnumerable<ContentVariant> variants) =>
        variants.Distinct().OrderBy(v => v.StartS).ThenBy(v => v.EndS).ToValueList();
}
