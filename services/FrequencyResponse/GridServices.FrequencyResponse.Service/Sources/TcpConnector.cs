using System.Net.Sockets;

namespace GridServices.FrequencyResponse.Service.Sources;

/// <summary>Opens connections for threads that block.</summary>
internal static class TcpConnector
{
    /// <summary>A connection whose every call gives up after the timeout.</summary>
    /// <exception cref="SocketException">Nobody there in time.</exception>
    public static Socket Connect(string host, int port, int timeoutMs) =>
        Connect(new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, host, port, timeoutMs);

    /// <summary>The socket, connected; disposed where that fails.</summary>
    /// <exception cref="SocketException">Nobody there in time.</exception>
    public static Socket Connect(Socket socket, string host, int port, int timeoutMs)
    {
        using var deadline = new CancellationTokenSource(timeoutMs);
        try
        {
            (socket.ReceiveTimeout, socket.SendTimeout) = (timeoutMs, timeoutMs);
            socket.ConnectAsync(host, port, deadline.Token).AsTask().GetAwaiter().GetResult();
            return socket;
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
