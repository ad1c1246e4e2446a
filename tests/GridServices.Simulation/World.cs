using System.Globalization;
using GridServices.Simulation.Checks;
using GridServices.Simulation.Controllers;
using GridServices.Simulation.Hub;
using GridServices.Simulation.Kernel;
using GridServices.Simulation.Publishing;
using GridServices.Simulation.Utilities;
using NodaTime;

namespace GridServices.Simulation;

/// <summary>
/// One run: utilities, publishers on two nodes, hub and controller of one site on simulated time, network and disks. One seed decides everything.
/// <code>
///   Vtn ◀──▶ openadr-a, openadr-b ──▶ hub ══▶ controller
///              └── one disk ──┘        └ disk       └ disk
/// </code>
/// </summary>
internal sealed class World
{
    private static readonly Instant Begin = Instant.FromUtc(2027, 1, 15, 18, 0);
    private readonly Timetable _time = new(Begin);
    private readonly List<string>? _trace;

    public World(ulong seed, Variant variant, bool traced)
    {
        (Seed, Variant) = (seed, variant);
        _trace = traced ? [] : null;
        Chance = new RandomSource(seed);
        Faults = Faults.Draw(Chance);
        Network = new Network(this);
        Checks = new Checker(this);
        Vtn = new VtnModel(this);
        Hub = new HubNode(this);
        Controller = new ControllerNode(this);
        Publishers = new PublisherPair(this);
        Disturbances = new FaultInjector(this);
    }

    public const string SiteId = "site-1";

    public ulong Seed { get; }

    public Variant Variant { get; }

    public RandomSource Chance { get; }

    public Faults Faults { get; }

    public Network Network { get; }

    public Checker Checks { get; }

    public VtnModel Vtn { get; }

    public HubNode Hub { get; }

    public ControllerNode Controller { get; }

    public PublisherPair Publishers { get; }

    public FaultInjector Disturbances { get; }

    public IReadOnlyList<string> Trace => _trace ?? [];

    public Instant Now => _time.Now;

    public Duration Elapsed => _time.Elapsed;

    public bool IsStorm => Faults.IsStorm(Elapsed);

    /// <summary>Time since the run began, which no clock step touches.</summary>
    public Duration Steady => _time.Elapsed;

    public void After(Duration pause, Action action) => _time.After(pause, action);

    /// <summary>True where a storm is on and a fault of this rate strikes now.</summary>
    public bool Strikes(double rate) => rate > 0 && IsStorm && Chance.Happens(rate);

    public void Run(int storms)
    {
        foreach (var node in new Node[] { Vtn, Hub, Controller })
        {
            node.Begin();
        }

        Publishers.Begin();
        Disturbances.Begin();
        Checks.Begin();
        _time.RunUntil(Begin + Faults.Span(storms), () => Checks.Found is not null);
        Checks.End();
    }

    public void Log(Node who, string what) => Log(who.Name, what);

    public void Log(string who, string what) =>
        _trace?.Add(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,9:0.000} {(IsStorm ? '*' : ' ')} {who,-10} {what}"));
}
