using System.Net;
using System.Net.Sockets;

namespace GridServices.UtilityClients.Listening;

/// <summary>Whether a listener of ours takes connections, tried from here.</summary>
public static class ListenerProbe
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(3);

    /// <summary>Null: it does; otherwise why not, and what to do.</summary>
    public static async Task<string?> ProblemAsync(ListenerStatus status, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(status);
        return status.Problem ?? await ConnectAsync(status.Address!, ct);
    }

    private static async Task<string?> ConnectAsync(IPEndPoint listener, CancellationToken ct)
    {
        var any = listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(ConnectTime);
        using var tcp = new TcpClient();
        try
        {
            await tcp.ConnectAsync(any ? IPAddress.Loopback : listener.Address, listener.Port, patience.Token);
            return null;
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return $"the listener at {listener} takes no connection";
        }
    }
}
