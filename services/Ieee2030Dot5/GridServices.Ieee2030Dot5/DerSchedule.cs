using GridServices.Ieee2030Dot5.Events;
using NodaTime;

namespace GridServices.Ieee2030Dot5;

/// <summary>
/// The event engine of one EndDevice: what its programs say goes in; what holds from now on, mode by mode, and what must be answered come out.
/// No I/O, no clock, no dice.
/// </summary>
/// <remarks>
/// <code>
///   take in      new, changed, cancelled, refused; what merely isn't listed any more goes on
///   settle       randomisation drawn once; successive controls touch
///   supersede    per mode: lower primacy, later creation, greater mRID
///   tell         received, started, completed, cancelled, superseded: each once
///   fill         gaps: bridged where short, else the default of the strongest program that defines the mode, else the site's fallback
///
///   primacy 2   Imp+Load   ├────────────────────────────┤        started: Load is its own; completed at its end
///   primacy 1   Imp              ├─────────────┤
///   Imp         ── default ├─ 2 ─┼────── 1 ────┼─ default ─      2018: what is superseded stays so. 2023: it resumes
///   Load        ── default ├────────── 2 ───────────────┤
/// </code>
/// </remarks>
public static class DerSchedule
{
    /// <param name="config">How the device carries out controls.</param>
    /// <param name="state">As the last step left it.</param>
    /// <param name="programs">Every program assigned to the device, as last read with success: one that isn't here is taken as removed. Null: nothing new was read.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="seed">The only source of chance; drawn anew by the caller.</param>
    /// <param name="lostSince">Since when the server isn't heard; null: it is.</param>
    /// <param name="isTimeKnown">False: <paramref name="now"/> is only our guess of it. Then nothing is judged or answered, and of what could hold the strictest does.</param>
    public static DerScheduleStep Apply(
        DerScheduleConfig config, DerScheduleState state, IReadOnlyList<ProgramView>? programs, Instant now, ulong seed, Instant? lostSince = null, bool isTimeKnown = true)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        var context = new EvaluationContext(config, state, now, seed);
        if (programs is not null && isTimeKnown)
        {
            Intake.Process(context, programs);
        }
        else if (programs is not null)
        {
            Provisional.Process(context, programs);
        }

        if (programs is not null)
        {
            CurveIntake.Process(context, programs);
        }

        context.Controls = Randomisation.ComputeTimes(context.Controls, now);
        var lives = Supersession.Compute(context.Controls, config.Edition);
        if (isTimeKnown)
        {
            ResponseLifecycle.Advance(context, lives);
        }

        var timeline = Timelines.Compute(context, lives, lostSince);
        return new DerScheduleStep(
            context.State(), context.Responses, NextChange.Find(context, timeline), timeline, Defaults.FindGradient(context.Programs), context.Notes);
    }
}
