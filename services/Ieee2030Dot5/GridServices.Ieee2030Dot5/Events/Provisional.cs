using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>
/// What is safe while the server's time is not known: no control is judged, taken or answered; of every limit that could hold at present the strictest
/// holds beside the defaults, as one of them.
/// </summary>
internal static class Provisional
{
    /// <summary>How far a server's clock is thought to be off ours: a day that was mistaken, and a time zone.</summary>
    private static readonly Duration Doubt = Duration.FromHours(36);

    public static void Process(EvaluationContext context, IReadOnlyList<ProgramView> views)
    {
        var programs = Intake.InOrder(views);
        var possible = programs.SelectMany(p => p.Controls).Where(c => CouldHold(c, context.Now) && ControlIntake.IsOurs(context.Config, c))
            .SelectMany(c => (SettingReading.Read(context.Config, c.Base).Good?.Settings ?? []).Where(s => s.IsLimit).Select(s => (c.MRid, Setting: s))).ToList();
        context.Programs = programs.Select(p => Tightened(Intake.ProcessProgram(context, p), possible)).ToValueList();
        if (programs.Count > 0)
        {
            context.Remark(NoteLevel.Warning, ErrorClass.ClockSkew, "Time",
                "The server's time is not known: no control is judged or answered yet, and the strictest of all limits that could hold does.");
        }
    }

    private static bool CouldHold(Messages.DerControl control, Instant now)
    {
        var (second, doubt) = (now.ToUnixTimeSeconds(), (long)Doubt.TotalSeconds);
        return control.EventStatus.CurrentStatus == Messages.EventState.Active
            || (control.EventStatus.CurrentStatus == Messages.EventState.Scheduled && control.Interval.Start - doubt <= second && second < control.Interval.End + doubt);
    }

    private static HeldProgram Tightened(HeldProgram program, List<(string MRid, ModeSetting Setting)> possible) => possible.Count == 0 ? program : program with
    {
        IsTightened = true,
        Stated = program.Default,
        Default = (program.Default ?? new HeldDefault { MRid = possible[0].MRid, Settings = [] }) with
        {
            Settings = Duplicates.Strictest((program.Default?.Settings ?? []).Concat(possible.Select(p => p.Setting))),
        },
    };
}
