using System.Net;
using System.Net.Sockets;

namespace GridServices.Testing;

/// <summary>
/// Ports for programs that have to be told theirs, e.g. because they come back on the same one after a kill. Ports are kept in
/// blocks of a hundred that belong to one test process until it ends, below the range from which the system draws ports itself.
/// </summary>
public static class TestPorts
{
    private const int BlockSize = 100;
    private const int First = 10_000;
    private const int End = 32_000;

    private static readonly Lock Gate = new();
    private static readonly List<FileStream> Held = [];
    private static int _next;
    private static int _end;

    /// <summary>One port, given to no other test.</summary>
    public static int Next()
    {
        lock (Gate)
        {
            while (true)
            {
                if (_next == _end)
                {
                    _next = TakeBlock();
                    _end = _next + BlockSize;
                }

                if (IsFree(_next++))
                {
                    return _next - 1;
                }
            }
        }
    }

    /// <summary>The first of a hundred ports, given to no other test.</summary>
    public static int Block()
    {
        lock (Gate)
        {
            return TakeBlock();
        }
    }

    private static int TakeBlock()
    {
        var locks = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"gridservices-test-ports-{Environment.UserName}"));
        for (var first = First; first < End; first += BlockSize)
        {
            if (TryHold(Path.Combine(locks.FullName, $"{first}")) is not { } held)
            {
                continue;
            }

            Held.Add(held);
            if (Enumerable.Range(first, BlockSize).All(IsFree))
            {
                return first;
            }
        }

        throw new InvalidOperationException($"No hundred ports of {First} to {End} are free on this machine.");
    }

    /// <summary>The system lets go of it when the process ends, however it ends.</summary>
    private static FileStream? TryHold(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
