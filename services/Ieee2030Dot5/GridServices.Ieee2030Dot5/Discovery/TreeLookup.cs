using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>Looks things up in what was read.</summary>
internal static class TreeLookup
{
    public static Node? First(DerClientState state, NodeKind kind) => state.Nodes.Values.FirstOrDefault(n => n.Kind == kind);

    public static DeviceCapability? Root(DerClientState state) => First(state, NodeKind.DeviceCapability)?.Known as DeviceCapability;

    /// <summary>The EndDevice of ours and the node it was read in: the list, or the address the server gave on registration.</summary>
    public static (EndDevice Own, Node At)? OwnDevice(DerClientState state, string lfdi)
    {
        if (First(state, NodeKind.EndDeviceList) is { } list && EndDevices.Listed(list, lfdi) is { } listed)
        {
            return (Assigned(state, listed), list);
        }

        return state.Devices.GetValueOrDefault(lfdi)?.Location is { } location
            && state.Nodes.GetValueOrDefault(Node.GetKey(NodeKind.EndDevice, location)) is { Known: EndDevice own } at
            ? (Assigned(state, own), at)
            : null;
    }

    /// <summary>
    /// What DeviceCapability itself links holds for a device without assignments (IEEE 2030.5-2018: both are a FunctionSetAssignmentsBase): the node of
    /// DeviceCapability, with that as its one assignment. Null: it links no programs and no tariffs.
    /// </summary>
    public static Node? Unassigned(DerClientState state) => First(state, NodeKind.DeviceCapability) is { Known: DeviceCapability dcap } root
        && (dcap.DerProgramListLink ?? dcap.DemandResponseProgramListLink ?? dcap.TariffProfileListLink) is not null
        ? root with
        {
            Known = new FunctionSetAssignmentsList
            {
                All = 1,
                Results = 1,
                Items = [Readable.From(new FunctionSetAssignments
                {
                    Href = root.Href,
                    DerProgramListLink = dcap.DerProgramListLink,
                    DemandResponseProgramListLink = dcap.DemandResponseProgramListLink,
                    TariffProfileListLink = dcap.TariffProfileListLink,
                })],
            },
        }
        : null;

    /// <summary>True: DeviceCapability stands for the assignments and links nothing of the kind, which says nothing about what a device was assigned to.</summary>
    public static bool IsWithout(Node fsa, FunctionSetAssignmentsList assignments, Func<FunctionSetAssignments, ListLink?> link) =>
        fsa.Kind == NodeKind.DeviceCapability && assignments.Readable.All(a => link(a) is null);

    private static EndDevice Assigned(DerClientState state, EndDevice own) =>
        own.FunctionSetAssignmentsListLink is null && Unassigned(state) is { } root ? own with { FunctionSetAssignmentsListLink = new ListLink(root.Href, 1) } : own;

    /// <summary>The key of the node that a link leads to, whether it is read or not; null: it leads nowhere.</summary>
    public static string? FindLinkedKey(DerClientConfig config, NodeKind kind, Node from, string? href) =>
        href is not null && Hrefs.TryPin(config.ServerUrl, from.Href, href, out var path, out _) ? Node.GetKey(kind, path) : null;

    /// <summary>The node a link leads to, if it is one we read.</summary>
    public static Node? FindLinked(DerClientConfig config, DerClientState state, NodeKind kind, Node from, string? href) =>
        href is not null && Hrefs.TryPin(config.ServerUrl, from.Href, href, out var path, out _)
            ? kind == NodeKind.AssignmentsList && path == state.Entry ? Unassigned(state) : state.Nodes.GetValueOrDefault(Node.GetKey(kind, path))
            : null;
}
