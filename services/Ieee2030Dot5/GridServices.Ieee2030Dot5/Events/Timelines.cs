using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What holds from now on: controls, short gaps between them bridged, defaults elsewhere.</summary>
internal static class Timelines
{
    public static ValueList<ModeTimeline> Compute(EvaluationContext context, ControlIntervals lives, Instant? lostSince) => context.Controls
        .SelectMany(c => c.Content.Settings.Select(s => s.Mode)).Concat(Defaults.Modes(context)).Distinct().Order()
        .SelectMany(mode => context.Programs.Select(p => Supersession.FindScope(p.Key, p.IsRanked, mode)).Concat(context.Controls.Where(c => c.IsUnreplaced).Select(c => Supersession.FindScope(c, mode))).Prepend(null).Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(alone => new ModeTimeline(mode, Fill(context, (mode, alone), Bridge(context, Controls(context, lives, mode, alone)), lostSince))))
        .Where(t => t.Pieces.Count > 0)
        .ToValueList();

    private static List<(ModePiece Piece, bool Natural)> Controls(EvaluationContext context, ControlIntervals lives, ControlMode mode, string? alone)
    {
        // What a default or a neighbour could still be bridged from reaches back by no more than the bridge.
        var since = context.Now - context.Config.GapBridging;
        return context.Controls
            .Where(c => c.Content.Setting(mode) is not null && string.Equals(Supersession.FindScope(c, mode), alone, StringComparison.OrdinalIgnoreCase))
            .SelectMany(c => lives[c, mode].Where(s => s.Until >= since && (c.Closed is null || s.Until <= context.Now))
                .SelectMany(s => Duplicates.Pieces(c.Content, mode, s))
                .SelectMany(p => OptOuts.Without(c, p.Span).Select(span => (CreatePiece(c, p.Setting, span), c.Ending is null && span.Until == c.End))))
            .OrderBy(p => p.Item1.From)
            .ToList();
    }

    private static IEnumerable<ModePiece> Bridge(EvaluationContext context, List<(ModePiece Piece, bool Natural)> pieces)
    {
        for (var i = 0; i < pieces.Count; i++)
        {
            var (piece, natural) = pieces[i];
            yield return piece;

            // A server that leaves seconds between successive controls doesn't mean the site to fall back for them; a cancelled one it does mean.
            if (i + 1 < pieces.Count && natural && pieces[i + 1].Piece is var next && next.From > piece.Until && next.From - piece.Until <= context.Config.GapBridging)
            {
                yield return (Stricter(piece.Setting, next.Setting) ? piece : next) with { From = piece.Until.Value, Until = next.From, Bridged = true };
            }
        }
    }

    private static ValueList<ModePiece> Fill(EvaluationContext context, (ControlMode Mode, string? Alone) of, IEnumerable<ModePiece> controls, Instant? lostSince)
    {
        var filled = new List<ModePiece>();
        var from = context.Now;
        foreach (var piece in controls.Where(p => p.Until > context.Now))
        {
            if (from < piece.From)
            {
                filled.AddRange(Defaults.GetPieces(context, of, from, piece.From, lostSince));
            }

            filled.Add(piece);
            from = piece.Until!.Value;
        }

        filled.AddRange(Defaults.GetPieces(context, of, from, null, lostSince));
        return filled.ToValueList();
    }

    private static ModePiece CreatePiece(HeldControl held, ModeSetting setting, Span span) => new()
    {
        From = span.From,
        Until = span.Until,
        Setting = setting,
        Source = PieceSource.Control,
        ProgramKey = held.ProgramKey,
        MRid = held.MRid,
        Primacy = held.Primacy,
        RampTms = held.Content.RampTms,
    };

    private static bool Stricter(ModeSetting one, ModeSetting other) => !one.IsLimit || one.Amount <= other.Amount;
}
