using System.Globalization;
using NodaTime;

namespace GridServices.Simulation.Checks;

/// <summary>A property that did not hold.</summary>
/// <param name="Property">P1 to P6, Opt, Chance, Life, or Fault.</param>
/// <param name="At">Since the run began.</param>
/// <param name="Text">What was seen.</param>
internal sealed record Violation(string Property, Duration At, string Text)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Property} at {At.TotalSeconds:0.000} s: {Text}");
}

/// <summary>Looks at everything from outside and knows the truth. The first violation ends the run.</summary>
internal sealed class Checker
{
    private static readonly Duration Every = Duration.FromSeconds(5);
    private readonly World _world;
    private readonly Dictionary<(string Event, long Number), string> _answers = [];

    public Checker(World world)
    {
        _world = world;
        Site = new SiteChecks(world);
        History = new HistoryChecks(world);
        Publishing = new PublishingChecks(world);
        Engines = new EngineChecks(world);
    }

    public Violation? Found { get; private set; }

    public SiteChecks Site { get; }

    public HistoryChecks History { get; }

    public PublishingChecks Publishing { get; }

    public EngineChecks Engines { get; }

    /// <summary>True once a publisher's store was put back: what it had drawn and answered may be drawn and answered anew.</summary>
    public bool WasServiceRestored { get; private set; }

    /// <summary>True once the hub's store was put back.</summary>
    public bool WasHubRestored { get; private set; }

    public void Begin() => _world.After(Every, Look);

    public void Fail(string property, string text)
    {
        if (Found is null)
        {
            Found = new Violation(property, _world.Elapsed, text);
            _world.Log("CHECK", Found.ToString());
        }
    }

    /// <summary>The simulation itself, or the product in it, threw.</summary>
    public void Broken(string text) => Fail("Fault", text);

    public void ServiceRestored() => WasServiceRestored = true;

    public void HubRestored() => WasHubRestored = true;

    /// <summary>The utility was answered about a version of an order: never twice differently.</summary>
    public void Answered(string order, long number, string answer)
    {
        if (!WasServiceRestored && _answers.TryGetValue((order, number), out var before) && before != answer)
        {
            Fail("Opt", $"{order}.{number} was answered {before} and then {answer}");
        }

        _answers[(order, number)] = answer;
    }

    public void End()
    {
        Publishing.End();
        History.Look();
    }

    private void Look()
    {
        History.Look();
        Publishing.Look();
        _world.After(Every, Look);
    }
}
