using System.Threading.Channels;

namespace GridServices.Client;

/// <summary>
/// Hands what happens to the controller's handler, in order, on a task of its own: one that hangs or throws holds up nothing else.
/// Of what a hanging handler does not take, the oldest is dropped.
/// </summary>
internal sealed class HandlerQueue<T>
{
    private const int MostWaiting = 1_000;
    private readonly Channel<T> waiting = Channel.CreateBounded<T>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Action<T> handler;
    private readonly Action<Exception> faulted;
    private readonly InTurn runs;

    public HandlerQueue(Action<T> handler, Action<Exception> faulted)
    {
        (this.handler, this.faulted) = (handler, faulted);
        runs = new InTurn(RunAsync);
    }

    public void Add(T item) => waiting.Writer.TryWrite(item);

    /// <summary>Runs until cancelled.</summary>
    public Task Start(CancellationToken ct) => runs.Start(ct);

    private async Task RunAsync(CancellationToken ct)
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
