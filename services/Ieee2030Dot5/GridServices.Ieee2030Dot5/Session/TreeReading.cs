using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>Whether all that leads to the controls of an EndDevice, and these, were read since the process began: what is merely kept from before may be over.</summary>
public static class TreeReading
{
    /// <param name="config">With <see cref="DerClientConfig.Lfdi"/> filled in.</param>
    /// <param name="state">What is known of the server.</param>
    /// <param name="lfdi">Of the EndDevice.</param>
    /// <returns>Null: it was read to the end; else what is still to be read.</returns>
    public static string? WhyUnread(DerClientConfig config, DerClientState state, string lfdi)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        return Path(config, state, lfdi).Where(step => step.Node is null || !IsRead(state, step.Node)).Select(step => step.Node is { } node ? $"{node.Kind} {node.Href}" : step.What).FirstOrDefault();
    }

    private static IEnumerable<(string What, Node? Node)> Path(DerClientConfig config, DerClientState state, string lfdi)
    {
        yield return ("DeviceCapability", TreeLookup.First(state, NodeKind.DeviceCapability));
        if (TreeLookup.OwnDevice(state, lfdi) is not { } found)
        {
            yield return ($"EndDevice {lfdi}", null);
            yield break;
        }

        yield return ("EndDeviceList", found.At);
        var assignments = Behind(NodeKind.AssignmentsList, found.At, found.Own.FunctionSetAssignmentsListLink?.Href);
        yield return ("FunctionSetAssignmentsList", assignments);
        foreach (var link in ((assignments?.Known as FunctionSetAssignmentsList)?.Readable ?? []).Select(a => a.DerProgramListLink).OfType<ListLink>())
        {
            var list = Behind(NodeKind.ProgramList, assignments!, link.Href);
            yield return (link.Href, list);
            foreach (var href in ((list?.Known as DerProgramList)?.Readable ?? []).SelectMany(HrefsOf))
            {
                yield return (href.Href, Behind(href.Kind, list!, href.Href));
            }
        }

        Node? Behind(NodeKind kind, Node from, string? href) => TreeLookup.Behind(config, state, kind, from, href);
    }

    private static IEnumerable<(NodeKind Kind, string Href)> HrefsOf(DerProgram program)
    {
        if ((program.DerControlListLink ?? program.ActiveDerControlListLink)?.Href is { } controls)
        {
            yield return (NodeKind.ControlList, controls);
        }

        if (program.DefaultDerControlLink?.Href is { } standing)
        {
            yield return (NodeKind.DefaultControl, standing);
        }
    }

    // A default that the server never had is as good as read; one that it had, and shows no more, stays in force and may be over.
    private static bool IsRead(DerClientState state, Node node) => state.Line.Readings.GetValueOrDefault(node.Key) is { } reading
        && (reading is { ReadAt: not null, IsRefused: false, LeavingSince: null } || node is { Kind: NodeKind.DefaultControl, Missing: true, Known: null });
}
