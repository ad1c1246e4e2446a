using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Takes in the curves that controls and defaults refer to. One that can't be read or believed leaves its last good content in force.</summary>
internal static class CurveIntake
{
    public static void Process(EvaluationContext context, IReadOnlyList<ProgramView> views)
    {
        var links = views.SelectMany(v => v.Controls.Select(c => c.Base).Append(v.Default?.Base)).SelectMany(b => b?.Curves ?? []).ToList();
        var toCome = links.Where(c => c.IsToCome).Select(c => c.Href).ToHashSet(StringComparer.Ordinal);
        var read = links.Where(c => c.Curve is not null).DistinctBy(c => (c.Href, c.Mode)).ToList();
        var taken = read.Select(c => ProcessCurve(context, c)).OfType<HeldCurve>().ToList();
        var wanted = context.Controls.SelectMany(c => c.Content.Settings).Concat(context.Programs.SelectMany(p => p.Default?.Settings ?? []))
            .Where(s => s.CurvePath is not null).Select(s => (s.CurvePath!, s.Mode)).Distinct().ToList();
        context.Curves = wanted.Select(w => Find(taken, w) ?? Find(context.Curves, w)).OfType<HeldCurve>().ToValueList();
        foreach (var (path, mode) in wanted.Where(w => Find(context.Curves, w) is null && !toCome.Contains(w.Item1)))
        {
            context.Remark(NoteLevel.Warning, ErrorClass.LastKnownGood, path,
                $"{SettingReading.WireName(mode)} refers to the curve {SafeText.Quote(path, 120)}, which was not read: the function is not set until it is.");
        }
    }

    private static HeldCurve? Find(IEnumerable<HeldCurve> curves, (string Path, ControlMode Mode) wanted) =>
        curves.FirstOrDefault(c => c.Mode == wanted.Mode && string.Equals(c.Path, wanted.Path, StringComparison.Ordinal));

    private static HeldCurve? ProcessCurve(EvaluationContext context, CurveLink link)
    {
        if (FunctionModes.FindCurveMode(link.Mode) is not { } mode)
        {
            return null;
        }

        var judged = CurveReading.Read(mode, link.Curve!);
        if (judged.Fault is { } fault)
        {
            context.Remark(NoteLevel.Warning, fault.Class, link.Href, $"The curve {SafeText.Quote(link.Href, 120)} is not taken: {fault.Text}. What it said before holds.");
        }

        return judged.Good is { } function ? new HeldCurve(link.Href, mode, function) : null;
    }
}
