namespace GridServices.Simulators.Grid.Traces;

/// <summary>Synthetic events, by name. Where a real event lent its shape, the key points are recalled from its report: shaped like it, not measured.</summary>
public static class Events
{
    /// <summary>Names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["calm", "step", "ramp", "sine", "dip", "rise", "gb-2019", "ce-split-nw", "ce-split-se", "loss", "frozen", "collapse", "demo"];

    /// <exception cref="SimException">No such event.</exception>
    public static GridTrace Named(string name, double nominalHz = 50) => name switch
    {
        "calm" => new CalmTrace(nominalHz),
        "step" => LinesTrace.Create("step of 400 mHz", (0, nominalHz), (10, nominalHz), (10, nominalHz - 0.4), (40, nominalHz - 0.4), (40, nominalHz), (60, nominalHz)),
        "ramp" => LinesTrace.Create("ramp of 0.24 Hz/s", (0, nominalHz), (10, nominalHz), (14, nominalHz - 0.96), (60, nominalHz - 0.96), (70, nominalHz)),
        "sine" => new SineTrace(nominalHz, 0.1, 40),
        "dip" => Dip(nominalHz, 10, 0.45),
        "rise" => Dip(nominalHz, 10, -0.35),
        "gb-2019" => LinesTrace.Create(
            "shaped like Great Britain, 9 August 2019",
            (0, 50), (33, 50), (34, 49.95), (58, 49.1), (78, 49.2), (102, 49.2), (109, 48.8), (130, 49.2), (200, 49.8), (282, 50), (300, 50)),
        "ce-split-nw" => LinesTrace.Create("shaped like the continental split of 8 January 2021, north-west", (0, 50.03), (20, 50.02), (35, 49.74), (60, 49.84), (600, 49.98)),
        "ce-split-se" => LinesTrace.Create("shaped like the continental split of 8 January 2021, south-east", (0, 50.03), (20, 50.02), (22, 50.6), (60, 50.3), (600, 50.05)),
        "loss" => Moods("the meter falls silent in a dip", MeterMood.Silent),
        "frozen" => Moods("the meter freezes in a dip", MeterMood.Frozen),
        "collapse" => new LinesTrace(
            "voltage collapse",
            (0, new GridMoment(50)), (20, new GridMoment(49.94)), (24, new GridMoment(48.556, 0.95)), (26, new GridMoment(47.476, 0.8)),
            (27, new GridMoment(47, 0.3)), (28, new GridMoment(40, 0.001)), (60, new GridMoment(40, 0.001))),
        "demo" => new DemoTrace(nominalHz),
        _ => throw new SimException($"--event {name}: there are {string.Join(", ", Names)}."),
    };

    /// <summary>A loss of infeed: down within four seconds, held by the response, back within a minute. A negative depth is a loss of load.</summary>
    internal static LinesTrace Dip(double nominalHz, double at, double depthHz) => LinesTrace.Create(
        depthHz > 0 ? $"dip of {1000 * depthHz:0} mHz" : $"rise of {-1000 * depthHz:0} mHz",
        (0, nominalHz), (at, nominalHz), (at + 2, nominalHz - (0.7 * depthHz)), (at + 4, nominalHz - depthHz), (at + 8, nominalHz - (0.8 * depthHz)),
        (at + 20, nominalHz - (0.6 * depthHz)), (at + 35, nominalHz - (0.2 * depthHz)), (at + 50, nominalHz));

    private static LinesTrace Moods(string name, MeterMood mood) => new(
        name,
        (0, new GridMoment(50)), (10, new GridMoment(50)), (14, new GridMoment(49.6)), (20, new GridMoment(49.62)),
        (20, new GridMoment(49.62, 1, mood)), (70, new GridMoment(49.62, 1, mood)), (70, new GridMoment(49.9)), (90, new GridMoment(50)));
}

/// <summary>An ordinary day: within about 30 mHz of nominal.</summary>
public sealed class CalmTrace(double nominalHz) : GridTrace
{
    public override string Name => "calm grid";

    public override GridMoment At(double seconds) => new(
        nominalHz + (0.012 * Math.Sin(seconds / 7.3)) + (0.009 * Math.Sin((seconds / 3.1) + 1)) + (0.006 * Math.Sin((seconds / 23.7) + 2)));
}

/// <summary>A calm grid with an event about every ninety seconds: twice a dip, then a rise.</summary>
public sealed class DemoTrace(double nominalHz) : GridTrace
{
    /// <summary>From one event to the next.</summary>
    public const double PeriodSeconds = 90;

    /// <summary>Second of each period at which its event begins.</summary>
    public const double EventSecond = 20;

    private static readonly double[] Depths = [0.42, 0.30, -0.32];
    private readonly CalmTrace _calm = new(nominalHz);
    private readonly LinesTrace[] _events = [.. Depths.Select(depth => Events.Dip(nominalHz, EventSecond, depth))];

    public override string Name => "calm grid with an event every 90 s";

    public override GridMoment At(double seconds)
    {
        var period = (int)Math.Floor(seconds / PeriodSeconds);
        var deviation = _events[((period % Depths.Length) + Depths.Length) % Depths.Length].At(seconds - (period * PeriodSeconds)).Hz - nominalHz;

        // In an event the small movements of an ordinary day would hide the plateau.
        var calm = _calm.At(seconds).Hz - nominalHz;
        return new GridMoment(nominalHz + deviation + (deviation == 0 ? calm : 0.2 * calm));
    }
}
