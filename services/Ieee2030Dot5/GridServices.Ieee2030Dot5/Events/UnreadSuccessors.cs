using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>
/// A control that the server marks superseded while what supersedes it can't be read, or can't be believed: nobody knows what was ordered instead, so its
/// limits hold on beside whatever else does, and the strictest counts.
/// </summary>
/// <remarks>
/// <code>
///   A (held)      ├─ 0 kW ────┼ marked superseded ─ ─ ─ ┤     still 0 kW
///   B (illegible)             ├ ? ────────────────────────┤
///   default       ──────────────── 5 kW ─────────────────────
/// </code>
/// </remarks>
internal sealed class UnreadSuccessors(EvaluationContext context, IReadOnlyList<ProgramView> programs, IReadOnlySet<string> held)
{
    private List<ProgramView>? unread;

    /// <summary>Whether something that could supersede the control is listed and can't be read.</summary>
    public bool MayReplace(HeldControl control) => control.Content.Settings.Any(s => s.IsLimit) && context.Now < control.Over()
        && (unread ??= [.. programs.Where(HasUnread)]).Exists(p => !p.IsRanked || !control.IsRanked || p.Primacy <= control.Primacy);

    /// <summary>The control as the server's mark leaves it, once all that is listed was taken in.</summary>
    public HeldControl Settled(HeldControl control, IEnumerable<HeldControl> all)
    {
        if (!control.IsUnreplaced || control.Ending is not null || context.Now >= control.Over())
        {
            return control;
        }

        return MayReplace(control) && !IsCovered(control, all) ? control : ControlIntake.Superseded(context, control with { IsUnreplaced = false });
    }

    // What is read and stronger, and has all of its limits now, is what the server means.
    private bool IsCovered(HeldControl control, IEnumerable<HeldControl> all)
    {
        var stronger = all.Where(c => !ReferenceEquals(c, control) && !c.IsUnreplaced && c.From() <= context.Now && context.Now < c.Over() && ControlPrecedence.Order.Compare(c, control) < 0).ToList();
        return control.Content.Settings.Where(s => s.IsLimit).All(s => stronger.Exists(c => c.Content.Setting(s.Mode) is not null));
    }

    // One that is held goes on as it is, so that it is no question what it asks.
    private bool HasUnread(ProgramView program) => program.Unreadable.Any(u => u.MRid is not { } id || !held.Contains(id))
        || program.Controls.Any(c => !held.Contains(c.MRid) && IsUnderWay(c) && ControlIntake.IsOurs(context.Config, c)
            && ControlReading.Read(context.Config, c, context.Now).Fault is { Status: ResponseStatus.Invalid });

    private bool IsUnderWay(DerControl control) => control.EventStatus.CurrentStatus is EventState.Scheduled or EventState.Active
        && control.Interval.Start <= context.Now.ToUnixTimeSeconds() && context.Now.ToUnixTimeSeconds() < control.Interval.End;
}
