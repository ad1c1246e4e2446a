using System.Threading.Channels;

namespace GridServices.Client;

/// <summary>
/// Hands what happens to the controller's handler, in order, on a task of its own: one that hangs or throws holds up nothing else.
/// Of what a hanging handler does not take, the oldest is dropped.
/// </summary>
internal sealed class HandlerQueue<T>
{
    private const int MostWaiting = 1_000;
    private readonly Channel<T> _waiting = Channel.CreateBounded<T>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Action<T> _handler;
    private readonly Action<Exception> _faulted;
    private readonly SerialRunner _runs;

    public HandlerQueue(Action<T> handler, Action<Exception> faulted)
    {
        (_handler, _faulted) = (handler, faulted);
        _runs = new SerialRunner(RunAsync);
    }

    public void Add(T item) => _waiting.Writer.TryWrite(item);

    /// <summary>Runs until cancelled.</summary>
    public Task Start(CancellationToken ct) => _runs.Start(ct);

    private async Task RunAsync(CancellationToken ct)
    {
        await foreach (var item in _waiting.Reader.ReadAllAsync(ct))
        {
            try
            {
                _handler(item);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                _faulted(fault);
            }
        }
    }
}
