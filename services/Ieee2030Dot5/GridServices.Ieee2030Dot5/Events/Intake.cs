using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Takes in what the walk knows: programs that came and went, their defaults, and every control they list.</summary>
internal static class Intake
{
    /// <summary>What is over is remembered so long, so that a server that lists it again gets no second answer.</summary>
    private static readonly Duration Memory = Duration.FromHours(24);

    public static void Process(EvaluationContext context, IReadOnlyList<ProgramView> views)
    {
        var programs = InOrder(views);
        context.Programs = programs.Select(p => ProcessProgram(context, p)).ToValueList();
        var owners = Owners(context, programs);
        var everywhere = programs.SelectMany(p => p.Controls.Select(c => (Program: p, Control: c))).ToLookup(c => c.Control.MRid, StringComparer.OrdinalIgnoreCase);
        var held = context.Controls.ToDictionary(c => c.MRid, StringComparer.OrdinalIgnoreCase);
        var order = context.Controls.Select(c => c.MRid).ToList();
        var before = order.ToHashSet(StringComparer.OrdinalIgnoreCase);
        context.LookAgainAt = null;
        context.Successors = new UnreadSuccessors(context, programs, before);
        foreach (var program in programs)
        {
            foreach (var items in program.Controls.GroupBy(c => c.MRid, StringComparer.OrdinalIgnoreCase).Where(g => owners[g.Key] == program))
            {
                var others = everywhere[items.Key].Where(o => o.Program != program).Select(o => o.Control).ToList();
                if (ControlIntake.Process(context, program, [.. items], others, held.GetValueOrDefault(items.Key), held.Count) is { } taken)
                {
                    if (!held.ContainsKey(items.Key))
                    {
                        order.Add(taken.MRid);
                    }

                    held[items.Key] = taken;
                }
            }

            foreach (var item in program.Unreadable)
            {
                ControlIntake.Unreadable(context, program.ProgramKey, item, item.MRid is { } id && held.ContainsKey(id));
            }
        }

        var mentioned = Mentioned(programs);
        var after = order.Select(id => AfterList(context, programs, held[id], mentioned)).ToList();
        after = after.ConvertAll(c => context.Successors.Settled(c, after));
        var isRemoved = after.Exists(c => c.Ending is { Kind: EndingKind.Removed } ending && ending.At == context.Now);
        var remembered = Prune(context, isRemoved ? Supersession.Reopen(after, context.Config.Edition, context.Now) : after).ToList();
        context.Controls = ControlCapacity.Fit(context, remembered, before).ToValueList();
        context.Remarks.Prune(mentioned, isWhole: programs.TrueForAll(p => p.Complete));
    }

    /// <summary>The programs by strength, each once.</summary>
    public static List<ProgramView> InOrder(IReadOnlyList<ProgramView> views) => [.. views.GroupBy(v => v.ProgramKey, StringComparer.OrdinalIgnoreCase).Select(Merge)
        .OrderBy(p => p.Primacy).ThenBy(p => p.ProgramKey, StringComparer.OrdinalIgnoreCase)];

    // Behaviour rule 10: a program reached twice (two assignments, two pages) is applied once.
    private static ProgramView Merge(IGrouping<string, ProgramView> views)
    {
        var first = views.First();
        return views.Skip(1).Any()
            ? first with
            {
                Primacy = views.Min(v => v.Primacy),
                IsRanked = views.Any(v => v.IsRanked),
                Default = views.Select(v => v.Default).FirstOrDefault(d => d is not null),
                OtherDefaults = [.. views.Select(v => v.Default).OfType<DefaultDerControl>().Distinct().Skip(1)],

                // One that never was there has no last word beside one that is read: that would keep the tightest of all that was ever said.
                IsDefaultUnread = views.Any(v => v.IsDefaultUnread && !(v.IsDefaultMissing && views.Any(o => o.Default is not null))),
                Controls = [.. views.SelectMany(v => v.Controls).Distinct()],
                Complete = views.All(v => v.Complete),
                IsWhole = views.All(v => v.IsWhole),
                Unreadable = [.. views.SelectMany(v => v.Unreadable).Distinct()],
            }
            : first;
    }

    /// <summary>A program with its default, as it is believed.</summary>
    public static HeldProgram ProcessProgram(EvaluationContext context, ProgramView view)
    {
        var held = context.Programs.FirstOrDefault(p => string.Equals(p.Key, view.ProgramKey, StringComparison.OrdinalIgnoreCase));
        if (held is null)
        {
            context.Note(NoteLevel.Information, null, view.ProgramKey, $"The device is assigned to program {Show(view.ProgramKey)}, primacy {view.Primacy}.");
        }

        var believed = view.Default is null && !view.IsDefaultUnread ? null : held?.Own();
        if (view.Default is { } received)
        {
            var judged = ControlReading.Read(context.Config, received);
            believed = judged.Good ?? believed;
            if (received.Illegible.Count > 0)
            {
                context.Remark(NoteLevel.Warning, ErrorClass.SchemaInvalid, view.ProgramKey,
                    $"The default of program {Show(view.ProgramKey)} holds what can't be read: {string.Join(", ", received.Illegible)}; the rest is followed.");
            }

            if (judged.Good is not null && ControlReading.LeftOut(context.Config, received) is { } names)
            {
                context.Remark(NoteLevel.Warning, ErrorClass.UnsupportedSignal, view.ProgramKey,
                    $"The default of program {Show(view.ProgramKey)} states what is not carried out here: {names}; the rest of it holds.");
            }

            if (judged.Fault is { } fault)
            {
                // Fail closed: what was believed last holds on.
                context.Remark(NoteLevel.Alarm, fault.Class, view.ProgramKey, $"The default of program {Show(view.ProgramKey)} is not taken: {fault.Text}. The last good one holds.");
            }
        }

        return new HeldProgram { Key = view.ProgramKey, Primacy = view.Primacy, IsRanked = view.IsRanked, Default = WithOthers(context, view, believed, held?.Own()) };
    }

    // The same program is listed with several defaults: as for controls of one name, the strictest holds.
    private static HeldDefault? WithOthers(EvaluationContext context, ProgramView view, HeldDefault? believed, HeldDefault? last)
    {
        var others = view.OtherDefaults.Select(o => ControlReading.Read(context.Config, o)).ToList();
        if (others.Select(o => o.Fault).FirstOrDefault(f => f is not null) is { } fault)
        {
            context.Remark(NoteLevel.Alarm, fault.Class, view.ProgramKey, $"One of several defaults of program {Show(view.ProgramKey)} is not taken: {fault.Text}. What was held before holds beside the others.");
        }

        var good = others.Select(o => o.Good).OfType<HeldDefault>().ToList();
        if (good.Exists(g => believed is null || !g.Settings.Equals(believed.Settings)))
        {
            context.Remark(NoteLevel.Alarm, ErrorClass.DuplicateId, view.ProgramKey,
                $"Program {Show(view.ProgramKey)} is listed more than once with different defaults; the strictest of them holds. Give each program its own mRID.");
        }

        // One of them can't be read or believed: the last good word counts for it.
        if (last is not null && (view is { IsDefaultUnread: true, Default: not null } || good.Count < others.Count))
        {
            good.Add(last);
        }

        return good.Aggregate(believed, (one, other) => one is null ? other : one with { Settings = Duplicates.Strictest(one.Settings.Concat(other.Settings)) });
    }

    /// <summary>Which program a control belongs to: the one that holds it, else the strongest that lists it, among those that mean devices like ours.</summary>
    private static Dictionary<string, ProgramView> Owners(EvaluationContext context, List<ProgramView> programs)
    {
        var holders = context.Controls.ToDictionary(c => c.MRid, c => c.ProgramKey, StringComparer.OrdinalIgnoreCase);
        var owners = new Dictionary<string, ProgramView>(StringComparer.OrdinalIgnoreCase);
        var meant = programs.Where(p => p.Controls.Any(c => !ControlIntake.IsOurs(context.Config, c)))
            .ToDictionary(p => p.ProgramKey, p => p.Controls.Where(c => ControlIntake.IsOurs(context.Config, c)).Select(c => c.MRid).ToHashSet(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        foreach (var program in programs)
        {
            foreach (var mrid in program.Controls.Select(c => c.MRid).Distinct(StringComparer.OrdinalIgnoreCase))
            {
                if (!owners.TryAdd(mrid, program))
                {
                    context.Remark(NoteLevel.Alarm, ErrorClass.DuplicateId, mrid, $"Control {Show(mrid)} stands in two programs; it counts once. Give each its own mRID.");
                    var isHolder = holders.TryGetValue(mrid, out var holder) && string.Equals(holder, program.ProgramKey, StringComparison.OrdinalIgnoreCase);
                    var (isMeant, isOther) = (IsMeant(program, mrid), IsMeant(owners[mrid], mrid));
                    if (isMeant == isOther ? isHolder : isMeant)
                    {
                        owners[mrid] = program;
                    }
                }
            }
        }

        return owners;

        // What a program lists under the name for other devices alone is none of ours.
        bool IsMeant(ProgramView program, string mrid) => !meant.TryGetValue(program.ProgramKey, out var mine) || mine.Contains(mrid);
    }

    private static HeldControl AfterList(EvaluationContext context, List<ProgramView> programs, HeldControl held, HashSet<string> mentioned)
    {
        var program = programs.FirstOrDefault(p => string.Equals(p.ProgramKey, held.ProgramKey, StringComparison.OrdinalIgnoreCase));
        if (program is null)
        {
            return Removed(context, held);
        }

        if (context.Config.DisappearedIsCancelled && program.IsWhole && !mentioned.Contains(held.MRid) && held.Ending is null && context.Now < held.Over())
        {
            // IEEE 2030.5-2023 10.2.2.3 p
            context.Note(NoteLevel.Information, null, held.MRid, $"Control {Show(held.MRid)} was removed by the server before its end: it is cancelled.");
            return held with { Listed = false, Ending = new Ending(EndingKind.Cancelled, context.Now) };
        }

        // Behaviour rule 15: not being listed any more is no cancellation; it goes on to its end.
        var listed = mentioned.Contains(held.MRid) || (held.Listed && !program.Complete);
        var after = held with { Listed = listed, Primacy = program.Primacy, IsRanked = program.IsRanked };
        return after == held ? held : after;
    }

    // CSIP-AUS P-02: a program taken from the device's assignments takes its controls along, unanswered.
    private static HeldControl Removed(EvaluationContext context, HeldControl held)
    {
        if (context.Now >= held.End || held.Ending?.At <= context.Now)
        {
            return held.Listed ? held with { Listed = false } : held;
        }

        // One that was superseded before goes too: it must not act again when what superseded it goes in the same moment.
        if (context.Now < held.Over())
        {
            context.Note(NoteLevel.Warning, null, held.MRid, $"Control {Show(held.MRid)} ends: its program {Show(held.ProgramKey)} is no longer assigned to the device.");
        }

        return held with { Listed = false, Ending = new Ending(EndingKind.Removed, context.Now) };
    }

    /// <summary>Without those that are long over, not listed, and no longer needed to know what they superseded.</summary>
    private static IEnumerable<HeldControl> Prune(EvaluationContext context, IEnumerable<HeldControl> controls)
    {
        var all = controls.ToList();
        var needed = all.Where(c => c.Over() > context.Now).Select(c => c.Start).DefaultIfEmpty(Instant.MaxValue).Min();
        return all.Where(c => c.Listed || c.End + Memory > context.Now || c.Over() > needed);
    }

    private static HashSet<string> Mentioned(List<ProgramView> programs) => programs
        .SelectMany(p => p.Controls.Select(c => c.MRid)
            .Concat(p.Unreadable.SelectMany(u => new[] { u.MRid, u.Href, p.ProgramKey }).OfType<string>())
            .Concat(p.Controls.Select(c => c.Base).Append(p.Default?.Base).SelectMany(b => b?.Curves ?? []).Select(c => c.Href))
            .Append(p.ProgramKey))
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string Show(string text) => SafeText.Quote(text, 80);
}
