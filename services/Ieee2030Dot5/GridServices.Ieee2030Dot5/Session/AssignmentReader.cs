using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Time;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>Follows an EndDevice's function set assignments as the walk last knew them, and keeps what it looked at.</summary>
internal abstract class AssignmentReader(DerClientConfig config, DerClientState state, HashSet<string>? changed)
{
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);

    /// <summary>What was looked at and for; null: the device itself was not found, and anything may lead to it.</summary>
    public IReadOnlyCollection<string>? Keys { get; private set; }

    /// <summary>True once something that changed was read.</summary>
    public bool Touched { get; private set; }

    protected DerClientConfig Config => config;

    protected DerClientState State => state;

    /// <summary>Null: nothing can be said about them, because communication has ceased, or they or the device are not found.</summary>
    protected (Node Device, Node List, FunctionSetAssignmentsList Assignments)? FindAssignments(string lfdi, Func<FunctionSetAssignments, ListLink?> link)
    {
        // Communication has ceased: nothing is heard, and what is in force stays so.
        if (state.Devices.GetValueOrDefault(lfdi) is { Pin: PinVerdict.Differs } || TreeLookup.OwnDevice(state, lfdi) is not { } found)
        {
            return null;
        }

        Touched |= changed?.Contains(found.At.Key) == true;
        Keys = keys;
        keys.UnionWith([found.At.Key, TreeLookup.First(state, NodeKind.EndDeviceList)?.Key ?? found.At.Key]);
        return FindLinked(NodeKind.AssignmentsList, found.At, found.Own.FunctionSetAssignmentsListLink?.Href) is { Known: FunctionSetAssignmentsList assignments } fsa
            && !TreeLookup.IsWithout(fsa, assignments, link) ? (found.At, fsa, assignments) : null;
    }

    /// <summary>True: the assignment is dated by a clock that is about to be read, so nothing of it is looked at.</summary>
    protected bool IsClockToCome(Node list, FunctionSetAssignments assignment) =>
        AssignmentTimes.FindKey(config, state, list, assignment) is not null && IsToCome(FindLinked(NodeKind.AssignmentTime, list, assignment.TimeLink!.Href));

    // Found and not asked for yet, or not for all of its pages: what it holds will be known in a moment, and nothing may be taken to be gone until then.
    // What was asked for in vain holds nobody up.
    protected bool IsToCome(Node? node) => node is { Known: null, Missing: false } && !Schedules.IsTried(state, node.Key);

    /// <summary>What the link leads to; null: it leads nowhere that is known.</summary>
    protected virtual Node? FindLinked(NodeKind kind, Node from, string? href)
    {
        if (TreeLookup.FindLinkedKey(config, kind, from, href) is not { } key)
        {
            return null;
        }

        var node = TreeLookup.FindLinked(config, state, kind, from, href);
        keys.UnionWith([key, node?.Key ?? key]);
        Touched |= node is not null && changed?.Contains(node.Key) == true;
        return node;
    }
}
