using System.Threading.Channels;

namespace GridServices.Client;

/// <summary>Carries notices to the controller's handler on a task of its own: one that hangs or throws holds up nothing else.</summary>
internal sealed class Notices(Action<string> handler, Action faulted)
{
    private const int MostWaiting = 1_000;
    private readonly Channel<string> waiting = Channel.CreateBounded<string>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Add(string? notice)
    {
        if (notice is not null)
        {
            waiting.Writer.TryWrite(notice);
        }
    }

    public async Task RunAsync(CancellationToken ct)
    {
        await foreach (var notice in waiting.Reader.ReadAllAsync(ct))
        {
            try
            {
                handler(notice);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                faulted(); // there is nobody left to tell
            }
        }
    }
}
