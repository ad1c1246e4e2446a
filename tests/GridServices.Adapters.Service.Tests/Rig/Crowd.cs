using System.Net;
using System.Net.Sockets;

namespace GridServices.Adapters.Service.Tests.Rig;

/// <summary>A crowd that connects, asks for something and stays.</summary>
internal static class Crowd
{
    /// <summary>How many were answered before one was turned away without a word; all, where none was.</summary>
    public static async Task<int> AnsweredAsync(int port, int atMost)
    {
        List<TcpClient> clients = [];
        try
        {
            while (clients.Count < atMost)
            {
                clients.Add(new TcpClient());
                await clients[^1].ConnectAsync(IPAddress.Loopback, port);
                if (!await IsAnsweredAsync(clients[^1].GetStream()))
                {
                    return clients.Count - 1;
                }
            }

            return atMost;
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    private static async Task<bool> IsAnsweredAsync(NetworkStream stream)
    {
        try
        {
            await stream.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
            return await stream.ReadAsync(new byte[1]) == 1;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
