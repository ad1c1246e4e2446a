using GridServices.EnvelopeHub.History;
using GridServices.Simulation.Publishing;

namespace GridServices.Simulation.Hub;

/// <summary>The hub's store and the marker beside it.</summary>
internal sealed class HubDisk(World world)
{
    private readonly List<(HubData Data, HistoryMarker? Marker)> _copies = [];

    public HubData Data { get; private set; } = new();

    public HistoryMarker? Marker { get; set; }

    /// <summary>One transaction.</summary>
    /// <exception cref="StoreAwayException">Not written, or not known to be.</exception>
    public void Write(Func<HubData, HubData> change)
    {
        if (world.Strikes(world.Faults.StoreAway))
        {
            world.Log(world.Hub, "the store refuses a commit");
            throw new StoreAwayException();
        }

        world.Hub.MayDie("before-commit");
        var after = change(Data);
        var isUnknown = world.Strikes(world.Faults.StoreUnknown);
        if (!isUnknown || world.Chance.Happens(0.5))
        {
            world.Checks.History.Committed(Data, after);
            Data = after;
        }

        if (isUnknown)
        {
            world.Log(world.Hub, "a commit breaks off");
            throw new StoreAwayException();
        }

        world.Hub.MayDie("after-commit");
    }

    /// <summary>At a start, when nothing else is written: until it succeeds.</summary>
    public void WriteAtStart(Func<HubData, HubData> change) => Data = change(Data);

    /// <summary>A copy is made, from which the store may be restored later.</summary>
    public void Copy()
    {
        _copies.Add((Data, Marker));
        if (_copies.Count > 3)
        {
            _copies.RemoveAt(0);
        }
    }

    /// <summary>An older copy takes the store's place, with or without the marker of that time.</summary>
    public bool Restore(bool withMarker)
    {
        if (_copies.Count == 0)
        {
            return false;
        }

        (Data, var marker) = _copies[0];
        Marker = withMarker ? marker : Marker;
        _copies.Clear();
        return true;
    }
}
