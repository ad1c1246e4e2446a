using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;

namespace GridServices.Ieee2030Dot5.Time;

/// <summary>
/// Function set assignments with a Time of their own (FunctionSetAssignments.TimeLink): what they assign is dated by that clock. It is followed as the
/// server's is, and what it dates is moved onto the server's, by which all that an EndDevice is ordered is judged.
/// </summary>
internal static class AssignmentTimes
{
    private const int MostClocks = 512;

    /// <summary>Under which key the clock of an assignment is kept; null: it goes by the server's.</summary>
    public static string? FindKey(DerClientConfig config, DerClientState state, Node assignments, FunctionSetAssignments assignment)
    {
        if (assignment.TimeLink?.Href is not { } href)
        {
            return null;
        }

        // A link that is refused leads to a clock that nobody knows, which is not the server's.
        var key = TreeLookup.FindLinkedKey(config, NodeKind.AssignmentTime, assignments, href) ?? Node.GetKey(NodeKind.AssignmentTime, href);
        return TreeLookup.First(state, NodeKind.DeviceCapability) is { Known: DeviceCapability { TimeLink: { } main } } root && TreeLookup.FindLinkedKey(config, NodeKind.AssignmentTime, root, main.Href) == key
            ? null
            : key;
    }

    /// <summary>Seconds by which what an assignment dates is moved to stand by the server's clock; null: it is dated by that.</summary>
    public static long? FindShift(DerClientConfig config, DerClientState state, Node assignments, FunctionSetAssignments assignment) =>
        FindKey(config, state, assignments, assignment) is not { } key ? null
        : state.AssignmentClocks.GetValueOrDefault(key) is { IsKnown: true } clock ? (long)Math.Round((state.Clock.Offset - clock.Offset).TotalSeconds)
        : 0;

    /// <summary>False while an assignment of the EndDevice has a time of its own that was not told believably: nothing of the EndDevice may be judged until then.</summary>
    public static bool IsKnown(DerClientConfig config, DerClientState state, string lfdi)
    {
        if (state.AssignmentClocks.IsEmpty)
        {
            return true;
        }

        return TreeLookup.OwnDevice(state, lfdi) is not { } found
            || TreeLookup.FindLinked(config, state, NodeKind.AssignmentsList, found.At, found.Own.FunctionSetAssignmentsListLink?.Href) is not { Known: FunctionSetAssignmentsList list } fsa
            || list.Readable.All(a => FindKey(config, state, fsa, a) is not { } key || state.AssignmentClocks.GetValueOrDefault(key) is { IsKnown: true, IsDoubted: false });
    }

    /// <summary>These there are; of one that is new nothing is known, and one that nothing leads to any more is forgotten.</summary>
    public static void Synchronize(StepContext context, IReadOnlySet<string> keys)
    {
        var (clocks, wanted) = (context.State.AssignmentClocks, keys.Count <= MostClocks ? keys : keys.Order(StringComparer.Ordinal).Take(MostClocks).ToHashSet(StringComparer.Ordinal));
        if (clocks.Count == wanted.Count && clocks.Keys.All(wanted.Contains))
        {
            return;
        }

        var kept = clocks.RemoveRange(clocks.Keys.Where(k => !wanted.Contains(k)));
        context.State = context.State with { AssignmentClocks = kept.AddRange(wanted.Where(k => !kept.ContainsKey(k)).Select(k => KeyValuePair.Create(k, new ServerClock { Step = context.State.Clock.Step }))) };
    }

    /// <summary>It was read.</summary>
    public static void Process(StepContext context, Node node, TimeResource time)
    {
        var clock = context.State.AssignmentClocks.GetValueOrDefault(node.Key) ?? new ServerClock { Step = context.State.Clock.Step };
        var after = ClockRules.Measured(context, time, clock, clock.IsKnown, $"The clock of {node.Href}");
        if (after != clock)
        {
            context.State = context.State with { AssignmentClocks = context.State.AssignmentClocks.SetItem(node.Key, after) };
        }
    }

    /// <summary>All of them, as the process or the machine begins or moves.</summary>
    public static void Change(StepContext context, Func<ServerClock, ServerClock> change)
    {
        if (!context.State.AssignmentClocks.IsEmpty)
        {
            context.State = context.State with { AssignmentClocks = context.State.AssignmentClocks.SetItems(context.State.AssignmentClocks.Select(c => KeyValuePair.Create(c.Key, change(c.Value)))) };
        }
    }

    /// <summary>An event as it stands by the server's clock.</summary>
    public static DerControl Moved(DerControl control, long? by) => by is not { } s || s == 0 ? control : control with
    {
        CreationTime = control.CreationTime + s,
        EventStatus = control.EventStatus with { DateTime = control.EventStatus.DateTime + s },
        Interval = control.Interval with { Start = control.Interval.Start + s },
    };

    /// <inheritdoc cref="Moved(DerControl, long?)"/>
    public static TimeTariffInterval Moved(TimeTariffInterval interval, long? by) => by is not { } s || s == 0 ? interval : interval with
    {
        CreationTime = interval.CreationTime + s,
        EventStatus = interval.EventStatus with { DateTime = interval.EventStatus.DateTime + s },
        Interval = interval.Interval with { Start = interval.Interval.Start + s },
    };
}
