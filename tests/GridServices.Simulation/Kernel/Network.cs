using NodaTime;

namespace GridServices.Simulation.Kernel;

/// <summary>Messages between processes: late, lost, repeated, in another order.</summary>
internal sealed class Network(World world)
{
    private readonly Dictionary<string, Instant> _cut = new(StringComparer.Ordinal);

    /// <summary>One request with one answer.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="to">Who answers, if it lives.</param>
    /// <param name="patience">How long the answer is waited for.</param>
    /// <param name="serve">What the other one does; null: it breaks the connection.</param>
    /// <param name="mayRepeat">True where a proxy may send the request twice.</param>
    /// <returns>The answer; null: there was none.</returns>
    public Task<TReply?> CallAsync<TReply>(Node from, Node to, Duration patience, Func<TReply?> serve, bool mayRepeat = false)
        where TReply : class
    {
        var lives = from.Lives();
        var done = new TaskCompletionSource<TReply?>();
        void End(TReply? reply)
        {
            if (!done.Task.IsCompleted && lives())
            {
                done.SetResult(reply);
            }
        }

        world.After(patience, () => End(null));
        if (IsCut(from) || IsCut(to) || world.Strikes(world.Faults.Loss))
        {
            return done.Task;
        }

        world.After(Delay(), () => Serve(to, serve, reply => Answer(from, to, reply, End)));
        if (mayRepeat && world.Strikes(world.Faults.Duplicate))
        {
            world.After(Delay() + Delay(), () => Serve(to, serve, _ => { }));
        }

        return done.Task;
    }

    /// <summary>Nobody reaches the process for a while, and it reaches nobody.</summary>
    public void Cut(Node node, Duration span)
    {
        world.Log(node, $"is cut off for {span.TotalSeconds:0} s");
        _cut[node.Name] = world.Now + span;
    }

    /// <summary>Whether what goes to or from the process is lost just now.</summary>
    public bool IsCut(Node node) => _cut.TryGetValue(node.Name, out var until) && world.Now < until;

    /// <summary>How long a message is on its way now.</summary>
    public Duration Delay() => world.Chance.Milliseconds(1, world.IsStorm ? world.Faults.SlowestMs : 50);

    private void Answer<TReply>(Node from, Node to, TReply? reply, Action<TReply?> end)
        where TReply : class
    {
        if (!IsCut(from) && !IsCut(to) && !world.Strikes(world.Faults.Loss))
        {
            world.After(Delay(), () => end(reply));
        }
    }

    private static void Serve<TReply>(Node to, Func<TReply?> serve, Action<TReply?> answer)
        where TReply : class
    {
        if (!to.IsUp)
        {
            answer(null);
            return;
        }

        to.Guarded(() => answer(serve()));
    }
}
