using NodaTime;

namespace GridServices.Simulation.Kernel;

/// <summary>A process: it has a clock of its own, may die at any named step, and begins again from what it finds on its disk.</summary>
internal abstract class Node(World world, string name)
{
    private int _life;

    public string Name { get; } = name;

    public World World { get; } = world;

    public bool IsUp { get; private set; }

    /// <summary>How far its clock is ahead; negative: behind.</summary>
    public Duration ClockAhead { get; private set; }

    /// <summary>What its clock shows.</summary>
    public Instant Wall => World.Now + ClockAhead;

    public void Begin()
    {
        IsUp = true;
        World.Log(this, "begins");
        Guarded(Start);
    }

    /// <summary>The process ends here; whatever it was about to do is not done.</summary>
    public void Die(string why)
    {
        if (!IsUp)
        {
            return;
        }

        _life++;
        IsUp = false;
        World.Log(this, $"dies: {why}");
        Stopped();
        World.After(World.Chance.Seconds(1, 40), Begin);
    }

    /// <summary>A step at which it may die.</summary>
    public void MayDie(string step)
    {
        if (World.Strikes(World.Faults.Death))
        {
            Die(step);
            throw new NodeDiedException();
        }
    }

    public void SetClock(Duration ahead)
    {
        World.Log(this, $"clock is set to {ahead.TotalSeconds:0} s ahead");
        ClockAhead = ahead;
    }

    /// <summary>Does it, unless the process has died meanwhile.</summary>
    public void Guarded(Action action)
    {
        try
        {
            if (IsUp)
            {
                action();
            }
        }
        catch (NodeDiedException)
        {
            // It is no more.
        }
    }

    /// <summary>Whether this life of the process still lasts.</summary>
    public Func<bool> Lives()
    {
        var life = _life;
        return () => IsUp && _life == life;
    }

    /// <summary>Ends after the pause; never where the process has died by then.</summary>
    public Task Pause(Duration pause)
    {
        var lives = Lives();
        var done = new TaskCompletionSource();
        World.After(pause, () =>
        {
            if (lives())
            {
                done.SetResult();
            }
        });
        return done.Task;
    }

    /// <summary>Runs a loop of the process until it dies.</summary>
    protected async void Run(Func<Task> loop)
    {
        try
        {
            await loop();
        }
        catch (NodeDiedException)
        {
            // It is no more.
        }
        catch (Exception fault)
        {
            World.Checks.Broken($"{Name} has a fault: {fault}");
        }
    }

    protected abstract void Start();

    /// <summary>The process is gone.</summary>
    protected virtual void Stopped()
    {
    }
}

/// <summary>The process that was at work has died.</summary>
internal sealed class NodeDiedException : Exception;
