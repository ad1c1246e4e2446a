using GridServices.Simulation.Kernel;
using NodaTime;

namespace GridServices.Simulation.Publishing;

/// <summary>A publisher's store, shared by its nodes. A commit takes place whole, not at all, or unknown to the writer; what was not committed is gone with the process.</summary>
internal sealed class ServiceDisk(World world)
{
    private static readonly Duration FlushedAfter = Duration.FromSeconds(3);
    private readonly List<ServiceData> _copies = [];
    private ServiceData _flushed = new();

    public ServiceData Data { get; private set; } = new();

    /// <summary>One transaction of a node.</summary>
    /// <exception cref="StoreAwayException">Not written, or not known to be.</exception>
    public void Write(Node writer, Func<ServiceData, ServiceData> change)
    {
        if (world.Strikes(world.Faults.StoreAway))
        {
            world.Log(writer, "the store refuses a commit");
            throw new StoreAwayException();
        }

        writer.MayDie("before-commit");
        var before = Data;
        var after = change(before);
        var isUnknown = world.Strikes(world.Faults.StoreUnknown);
        if (!isUnknown || world.Chance.Happens(0.5))
        {
            Keep(after);
            world.Checks.Publishing.Committed(before, after);
        }

        if (isUnknown)
        {
            world.Log(writer, $"a commit breaks off; it took place: {ReferenceEquals(Data, after)}");
            throw new StoreAwayException();
        }

        writer.MayDie("after-commit");
    }

    /// <summary>A copy is made, from which the store may be restored later.</summary>
    public void Copy()
    {
        _copies.Add(Data);
        if (_copies.Count > 3)
        {
            _copies.RemoveAt(0);
        }
    }

    /// <summary>A node died, and with it what its store had only said it had.</summary>
    public void AfterDeath()
    {
        if (world.Variant == Variant.StoreAcknowledgesEarly)
        {
            Data = _flushed;
        }
    }

    /// <summary>An older copy is put in place of the store, while no node runs.</summary>
    /// <returns>False where there is none.</returns>
    public bool Restore()
    {
        if (_copies.Count == 0)
        {
            return false;
        }

        Data = _copies[0];
        return true;
    }

    private void Keep(ServiceData after)
    {
        Data = after;
        world.After(FlushedAfter, () => _flushed = after);
    }
}
