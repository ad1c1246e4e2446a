using GridServices.Hosting.Publishing;
using GridServices.Simulation.Kernel;
using NodaTime;

namespace GridServices.Simulation.Publishing;

/// <summary>One process of a publishing service: an engine where it was placed here, and the relay, the hellos and the reports where this node holds their turn.</summary>
internal sealed class PublisherNode(World world, string name, PublisherPair pair) : Node(world, name)
{
    private static readonly RelayOptions Options = new();
    private static readonly Duration LookAgain = Duration.FromTimeSpan(Options.LookAgain);
    private IEngineRun? _engine;
    private HubTalk? _talk;

    /// <summary>Of this start of the process.</summary>
    public string RunId { get; private set; } = string.Empty;

    /// <summary>Begins an engine here, with a number of its own.</summary>
    public void StartEngine()
    {
        if (!IsUp)
        {
            return;
        }

        _engine?.End();
        var engine = pair.NewEngine(this);
        _engine = engine;
        Run(engine.RunAsync);
    }

    public void WakeRelay() => _talk?.Wake();

    protected override void Start()
    {
        RunId = $"{Name}-{World.Chance.Draw():x}";
        _engine = null;
        _talk = new HubTalk(this, pair, () => _engine, Options);
        if (pair.Active == this)
        {
            StartEngine();
        }

        Run(_talk.RelayAsync);
        Run(_talk.HelloAsync);
        Run(_talk.ReportAsync);
    }

    protected override void Stopped()
    {
        pair.Disk.AfterDeath();
        if (pair.Active == this && World.Chance.Happens(0.5))
        {
            World.After(LookAgain, () => pair.MoveTo(pair.Other(this)));
        }
    }
}
