using NodaTime;

namespace GridServices.Simulation.Controllers;

/// <summary>What has arrived by one opening of the stream and was not read yet.</summary>
internal sealed class Arrivals(ControllerNode controller)
{
    private readonly Queue<byte[]?> _waiting = new();
    private TaskCompletionSource<byte[]?>? _asked;

    /// <summary>An event, or null: the stream has ended.</summary>
    public void Add(byte[]? bytes)
    {
        if (_asked is { Task.IsCompleted: false } asked)
        {
            asked.SetResult(bytes);
        }
        else
        {
            _waiting.Enqueue(bytes);
        }
    }

    /// <returns>The next one; null: the stream has ended, or was silent for too long.</returns>
    public Task<byte[]?> NextAsync(Duration patience)
    {
        if (_waiting.TryDequeue(out var bytes))
        {
            return Task.FromResult(bytes);
        }

        var (asked, lives) = (new TaskCompletionSource<byte[]?>(), controller.Lives());
        _asked = asked;
        controller.World.After(patience, () =>
        {
            if (!asked.Task.IsCompleted && lives())
            {
                asked.SetResult(null);
            }
        });
        return asked.Task;
    }
}
