using FsCheck;
using FsCheck.Fluent;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>A control of a random story, in seconds: when it is heard of, and what the server does to it later.</summary>
internal sealed record StoryControl(int Number, int Program, int Created, int HeardAt, int Start, int Duration, int ModesMask, int Amount, int FateAt, EventState Fate)
{
    public static readonly ControlMode[] All = [ControlMode.ImpLimW, ControlMode.ExpLimW, ControlMode.GenLimW];

    public string MRid => $"C{Number:00}";
    public int End => Start + Duration;
    public IEnumerable<ControlMode> Modes => All.Where((_, i) => (ModesMask & (1 << i)) != 0);

    public DerControl Control() => new()
    {
        MRid = MRid,
        CreationTime = Utility.At(Created).ToUnixTimeSeconds(),
        EventStatus = new EventStatus { CurrentStatus = EventState.Scheduled },
        Interval = new DateTimeInterval(Utility.At(Start).ToUnixTimeSeconds(), Duration),
        Base = Say.Limits(Has(0), Has(1), Has(2)),
        ReplyTo = "/rsp",
        ResponseRequired = 3,
    };

    private long? Has(int mode) => (ModesMask & (1 << mode)) != 0 ? Amount : null;
}

/// <summary>Programs, defaults and controls that come, go, overlap and are cancelled at random; one minute and a half long.</summary>
internal sealed record RandomStory(ResponseEdition Edition, int[] Primacies, int[] DefaultMasks, StoryControl[] Controls, int RemovedAt)
{
    public const int Length = 90;

    public override string ToString() =>
        $"{Edition}; primacies {string.Join(',', Primacies)}; defaults {string.Join(',', DefaultMasks)}; P2 removed at {RemovedAt}\n{string.Join('\n', Controls.AsEnumerable())}";

    public static Gen<RandomStory> Any =>
        from edition in Gen.Elements(ResponseEdition.Ieee2018, ResponseEdition.Ieee2023)
        from primacies in Gen.Choose(0, 2).ArrayOf(3)
        from defaults in Gen.Choose(0, 7).ArrayOf(3)
        from count in Gen.Choose(0, 9)
        from numbers in Gen.Choose(0, int.MaxValue - 1).ArrayOf(10 * count)
        from removed in Gen.Choose(1, 3 * Length)
        select new RandomStory(edition, primacies, defaults, [.. Enumerable.Range(0, count).Select(i => Make(i, numbers.AsSpan(i * 10, 10)))], removed);

    public static string Program(int number) => $"P{number}";

    /// <summary>Value of program's default for its modes.</summary>
    public static int DefaultAmount(int program) => 20_000 + program;

    private static StoryControl Make(int i, ReadOnlySpan<int> random)
    {
        var start = random[2] % 60;
        var heard = random[1] % 40;
        var fate = (random[7] % 6) switch { 0 => EventState.Cancelled, 1 => EventState.Superseded, _ => EventState.Scheduled };
        return new StoryControl(i, random[0] % 3, random[4] % 3, heard, Math.Max(start, heard - (random[8] % 5)), 6 + (random[3] % 30), random[5] % 8, 100 + i, heard + 1 + (random[6] % 50), fate);
    }
}
