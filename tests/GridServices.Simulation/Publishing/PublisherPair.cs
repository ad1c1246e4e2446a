using GridServices.Hosting.Hub;
using GridServices.OpenAdr;

namespace GridServices.Simulation.Publishing;

/// <summary>A publishing service on two nodes with one store. Each start of its engine has a higher number; the node that started it last holds the relay's turn.</summary>
internal sealed class PublisherPair
{
    private readonly World _world;
    private readonly PublisherNode _a;
    private readonly PublisherNode _b;
    private long _starts;

    public PublisherPair(World world)
    {
        _world = world;
        Disk = new ServiceDisk(world);
        (_a, _b) = (new PublisherNode(world, "openadr-a", this), new PublisherNode(world, "openadr-b", this));
        Active = _a;
    }

    public PublisherName Name { get; } = new("/gridservices/openadr/1");

    public ServiceDisk Disk { get; }

    /// <summary>Where the engine was placed last.</summary>
    public PublisherNode Active { get; private set; }

    public IReadOnlyList<PublisherNode> Nodes => [_a, _b];

    public void Begin()
    {
        _a.Begin();
        _b.Begin();
    }

    public PublisherNode Other(PublisherNode node) => node == _a ? _b : _a;

    /// <summary>Starts the engine on another node, while it may still run where it was.</summary>
    public void MoveTo(PublisherNode node)
    {
        if (node.IsUp && Active != node)
        {
            _world.Log(node, "takes the engine over");
            Active = node;
            node.StartEngine();
        }
    }

    public IEngineRun NewEngine(PublisherNode node) =>
        new EngineRun<VenState, VenInput>(node, Disk, Name, new VenProtocolModel(_world.Vtn, _world.Variant), ++_starts);

    /// <summary>All nodes stop and an older copy takes the store's place.</summary>
    public void Restore()
    {
        _a.Die("its store is put back");
        _b.Die("its store is put back");
        if (Disk.Restore())
        {
            _world.Log("openadr", $"an older copy of the store is put back, {Disk.Data.Outbox.Count} rows wait in it");
            _world.Checks.ServiceRestored();
        }
    }
}
