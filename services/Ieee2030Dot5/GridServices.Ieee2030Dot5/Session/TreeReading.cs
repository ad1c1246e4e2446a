using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>Whether all that leads to what an EndDevice publishes was read since the process began: what is merely kept from before may be over.</summary>
public static class TreeReading
{
    /// <param name="config">With <see cref="DerClientConfig.Lfdi"/> filled in.</param>
    /// <param name="state">What is known of the server.</param>
    /// <param name="lfdi">Of the EndDevice.</param>
    /// <param name="streamKey">Of the stream that rests on it; null: whatever programs state.</param>
    /// <param name="isFresh">True: the word was said since the process began, so that of programs the stream's own alone has to be read.</param>
    /// <returns>Null: it was read to the end; else what is still to be read.</returns>
    public static string? FindUnreadReason(DerClientConfig config, DerClientState state, string lfdi, string? streamKey = null, bool isFresh = false)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        return new ReadingPath(config, state, lfdi, streamKey, isFresh).Steps()
            .Where(step => step.Node is null || !IsRead(state, step.Node, isFresh)).Select(step => step.Node is { } node ? $"{node.Kind} {node.Href}" : step.What).FirstOrDefault();
    }

    /// <summary>Whether the EndDevice has published something of that name.</summary>
    public static bool Publishes(DeviceState device, string streamKey)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Schedule.Published.Any(p => p.Key == streamKey) || device.LoadControl.Schedule.Published.Any(p => p.Key == streamKey) || device.Prices.Published.Any(p => p.Key == streamKey);
    }

    // A default that the server never had is as good as read; one that it had, and shows no more, stays in force and may be over: an order of now need not wait for it.
    private static bool IsRead(DerClientState state, Node node, bool isFresh) => state.Line.Readings.GetValueOrDefault(node.Key) is { } reading
        && (reading is { ReadAt: not null, IsRefused: false, LeavingSince: null } || (node is { Kind: NodeKind.DefaultControl, Missing: true } && (isFresh || node.Known is null)));
}
