using System.Text.Json;
using GridServices.Client;
using GridServices.Contracts;
using GridServices.Simulation.Kernel;
using NodaTime;

namespace GridServices.Simulation.Controllers;

/// <summary>The site's controller: the SDK's <see cref="FailsafeMachine"/> with a file of its own, in the order of <c>SiteSession</c>.</summary>
internal sealed class ControllerNode : Node
{
    public const long InitW = 5_000;
    public const long UnknownW = 11_000;
    private readonly FailsafeOptions _options;
    private SiteHolding? _holding;
    private SiteHolding? _written;
    private StreamReader? _reader;

    public ControllerNode(World world)
        : base(world, "controller")
    {
        _options = world.Variant == Variant.ControllerWithoutFailsafe ? new FailsafeOptions() : new FailsafeOptions { InitLimits = new Limits { ImportLimitW = InitW } };
    }

    /// <summary>The file that survives: the JSON of what is held; null: there is none yet.</summary>
    public byte[]? File { get; private set; }

    public SiteHolding Holding => _holding!;

    public Moment Moment => new(Wall, World.Steady);

    public SiteLimits Limits => FailsafeMachine.LimitsAt(FailsafeMachine.Tick(Holding, Moment), Moment);

    /// <summary>When the hub's last word about the site came; null: never in this life.</summary>
    public Duration? HeardAt { get; private set; }

    public bool NeedsSet => Holding.NeedsSet;

    /// <summary>The cursor to go on from; null: the hub is to state the whole set first.</summary>
    public Cursor? ResumeFrom => Holding is { Contacted: true, NeedsSet: false, Failsafes.IsEmpty: true, Cursor: { } cursor } ? cursor : null;

    public void Take(HubMessage message)
    {
        HeardAt = World.Steady;
        World.Checks.Site.Hears(message);
        Step(FailsafeMachine.Apply(Holding, message, Moment));
        World.Checks.Site.Look(this);
    }

    /// <summary>The set as a start would read it from the file.</summary>
    public HeldSet? ReadFile() => File is null ? null : JsonSerializer.Deserialize<HeldSet>(File, ContractJson.Options);

    public SiteHolding Restarted() => FailsafeMachine.Start(World.SiteId, ReadFile(), _options, Moment);

    protected override void Start()
    {
        (HeardAt, _written) = (null, null);
        _holding = Restarted();
        _reader = new StreamReader(this);
        World.Checks.Site.ControllerStarted(File is not null);
        Run(_reader.ListenAsync);
        Run(TickAsync);
    }

    protected override void Stopped() => _reader?.Leave();

    private async Task TickAsync()
    {
        while (true)
        {
            Step(FailsafeMachine.Tick(Holding, Moment));
            World.Checks.Site.Look(this);
            await Pause(Duration.FromSeconds(2));
        }
    }

    private void Step(SiteHolding next)
    {
        if (World.Variant == Variant.ControllerForgets)
        {
            next = next with { Set = next.Set with { Retained = [] } };
        }

        _holding = next;
        if (next.Contacted && (_written is null || !SaysSame(_written, next)))
        {
            MayDie("before-file");
            File = JsonSerializer.SerializeToUtf8Bytes(next.ToPersist(Moment), ContractJson.Options);
            _written = next;
            World.Checks.Site.Persisted(next.Set);
        }
    }

    private static bool SaysSame(SiteHolding written, SiteHolding state) =>
        ReferenceEquals(written.Set, state.Set) && written.Blank == state.Blank && written.Failsafes.Keys.ToHashSet().SetEquals(state.Failsafes.Keys)
        && written.LostUpstreams.Keys.ToHashSet().SetEquals(state.LostUpstreams.Keys);
}
