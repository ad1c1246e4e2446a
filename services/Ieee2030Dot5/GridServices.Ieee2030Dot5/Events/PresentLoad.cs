using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Reductions and shares of what a site drew when their control began.</summary>
internal static class PresentLoad
{
    private static readonly Duration Freshness = Duration.FromMinutes(1);

    /// <summary>The loads drawn, with those of controls that have begun since.</summary>
    /// <param name="config">The device's.</param>
    /// <param name="step">As just taken.</param>
    /// <param name="drawn">So far.</param>
    /// <param name="measured">The site's last measurements, in server time, the latest first.</param>
    /// <param name="now">Server time.</param>
    /// <param name="notes">Told: what was not measured.</param>
    public static ValueList<DrawnLoad> Draw(
        DerScheduleConfig config, DerScheduleStep step, ValueList<DrawnLoad> drawn, IReadOnlyList<(Instant At, long Watts)> measured, Instant now,
        List<Note<NoteKind>> notes)
    {
        if (config.Load is not { RefersToPresent: true })
        {
            return drawn.Count == 0 ? drawn : [];
        }

        var kept = drawn.Where(d => step.State.Controls.Any(c => IsFor(d, c.MRid))).ToList();
        foreach (var begun in step.State.Controls.Where(c => c.From() <= now && now < c.Over() && c.Content.Settings.Any(s => s.Load is { Share: not null } or { CutW: not null }) && !kept.Exists(d => IsFor(d, c.MRid))))
        {
            // A reading from later would show a site that obeys already.
            var load = measured.Where(m => m.At <= begun.From() && begun.From() - m.At <= Freshness).Select(m => (long?)Math.Max(0, m.Watts)).FirstOrDefault();
            kept.Add(new DrawnLoad(begun.MRid, load));
            if (load is null)
            {
                notes.Add(new Note<NoteKind>(NoteLevel.Warning, NoteKind.Control, ErrorClass.QualityStale, begun.MRid, $"What the site drew before control {SafeText.Quote(begun.MRid, 80)} was not measured: it refers to referenceW ({config.Load.ReferenceW} W)."));
            }
        }

        return kept.SequenceEqual(drawn) ? drawn : kept.ToValueList();
    }

    /// <summary>The step with the limits that follow.</summary>
    public static DerScheduleStep Applied(DerScheduleConfig config, DerScheduleStep step, ValueList<DrawnLoad> drawn) => drawn.Count == 0 ? step : step with
    {
        Timeline = step.Timeline.Select(t => t with { Pieces = t.Pieces.Select(p => Applied(config, p, drawn)).ToValueList() }).ToValueList(),
    };

    // No load above the configured reference counts, so that a wrong meter takes no limit away.
    private static ModePiece Applied(DerScheduleConfig config, ModePiece piece, ValueList<DrawnLoad> drawn) =>
        piece is { Setting.Load: { } rule, MRid: { } mrid } && drawn.FirstOrDefault(d => IsFor(d, mrid)) is { Watts: { } watts } && config.Load?.ReferenceW is { } most
            ? piece with { Setting = piece.Setting with { Amount = rule.LimitW(Math.Min(watts, most)) } }
            : piece;

    private static bool IsFor(DrawnLoad load, string mrid) => string.Equals(load.MRid, mrid, StringComparison.OrdinalIgnoreCase);
}
