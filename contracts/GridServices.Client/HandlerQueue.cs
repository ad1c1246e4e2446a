using System.Threading.Channels;

namespace GridServices.Client;

/// <summary>
/// Hands what happens to the controller's handler, in order, on a task of its own: one that hangs or throws holds up nothing else.
/// Of what a hanging handler does not take, the oldest is dropped.
/// </summary>
internal sealed class HandlerQueue<T>(Action<T> handler, Action<Exception> faulted)
{
    private const int MostWaiting = 1_000;
    private readonly Channel<T> waiting = Channel.CreateBounded<T>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Add(T item) => waiting.Writer.TryWrite(item);

    public async Task RunAsync(CancellationToken ct)
    {
        await foreach (var item in waiting.Reader.ReadAllAsync(ct))
        {
            try
            {
                handler(item);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                faulted(fault);
            }
        }
    }
}
