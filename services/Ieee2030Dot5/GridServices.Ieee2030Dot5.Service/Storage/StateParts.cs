using System.Collections.Immutable;
using System.Text;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;

namespace GridServices.Ieee2030Dot5.Service.Storage;

/// <summary>
/// A client's state in parts: each EndDevice, each resource, and the rest. What a message changes is written, and not the fleet. Times and counters of the
/// line are left out but for those that a start goes on from.
/// </summary>
internal static class StateParts
{
    private const string Device = "device ";
    private const string Resource = "node ";

    /// <summary>The state without its parts.</summary>
    public static DerClientState WithoutParts(DerClientState state) => state with
    {
        Nodes = DerClientState.Initial.Nodes,
        Devices = DerClientState.Initial.Devices,
        Line = new DerLine { Requests = state.Line.Requests, LostSince = state.Line.LostSince, LostBy = state.Line.LostBy },
    };

    /// <summary>The parts to be written, and those that are there no more.</summary>
    /// <param name="before">As on disk; null: nothing is.</param>
    /// <param name="after">As it is to be.</param>
    public static PartChanges Between(DerClientState? before, DerClientState after)
    {
        var changes = new PartChanges([], []);
        Compare(changes, Device, before?.Devices, after.Devices);
        Compare(changes, Resource, before?.Nodes, after.Nodes);
        return changes;
    }

    /// <summary>The whole state again.</summary>
    /// <exception cref="System.Text.Json.JsonException">A part is not of this version.</exception>
    public static DerClientState Join(DerClientState rest, IEnumerable<StatePart> parts)
    {
        var (devices, nodes) = (rest.Devices.ToBuilder(), rest.Nodes.ToBuilder());
        foreach (var part in parts)
        {
            var json = Encoding.UTF8.GetBytes(part.State);
            if (part.Part.StartsWith(Device, StringComparison.Ordinal))
            {
                devices[part.Part[Device.Length..]] = StateJson.Read<DeviceState>(json);
            }
            else
            {
                nodes[part.Part[Resource.Length..]] = StateJson.Read<Node>(json);
            }
        }

        return rest with { Devices = devices.ToImmutable(), Nodes = nodes.ToImmutable() };
    }

    private static void Compare<T>(PartChanges changes, string kind, ImmutableSortedDictionary<string, T>? before, ImmutableSortedDictionary<string, T> after)
        where T : class
    {
        if (ReferenceEquals(before, after))
        {
            return;
        }

        foreach (var (key, value) in after)
        {
            if (before is null || !before.TryGetValue(key, out var was) || (!ReferenceEquals(was, value) && !was.Equals(value)))
            {
                changes.Written.Add(new StatePart { Part = kind + key, State = Encoding.UTF8.GetString(StateJson.Write(value)) });
            }
        }

        changes.Gone.AddRange((before?.Keys ?? []).Where(k => !after.ContainsKey(k)).Select(k => kind + k));
    }
}

/// <summary>What of a state's parts is to be written.</summary>
/// <param name="Written">New or changed.</param>
/// <param name="Gone">Names of those that are there no more.</param>
internal sealed record PartChanges(List<StatePart> Written, List<string> Gone);

/// <summary>A part on disk.</summary>
internal sealed class StatePart
{
    /// <summary>What it is, by name.</summary>
    public string Part { get; set; } = string.Empty;

    /// <summary>JSON.</summary>
    public string State { get; set; } = string.Empty;
}
