using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Model;
using GridServices.Simulators.DerServer.Procedures;
using GridServices.Testing;
using NodaTime;
using Reading = GridServices.Contracts.Reading;

namespace GridServices.Ieee2030Dot5.Tests.Procedures;

/// <summary>The client's engine and the simulated utility in virtual time, with a site that does what the procedure's person is told to do.</summary>
internal sealed class ProcedureWorld
{
    public const string LFdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";
    public const long MaxW = 10_000;

    private static readonly Instant Begin = Instant.FromUtc(2027, 1, 15, 18, 0, 7);
    private static readonly Duration Latency = Duration.FromMilliseconds(20);
    private static readonly Duration Step = Duration.FromSeconds(5);

    private readonly FakeClock clock = new(Begin);
    private readonly List<EnginePublication> publications = [];
    private readonly List<string> notes = [];
    private ulong seed = 42;
    private Instant measuredAt = Instant.MinValue;

    public ProcedureWorld(SimDialect dialect, DerClientConfig config, Action<SimulatedUtility>? prepare = null, bool hasETags = false)
    {
        Config = config;
        Utility = new SimulatedUtility(
            new DerServerOptions { Dialect = dialect, Quiet = true, MaxExportW = MaxW, MaxImportW = MaxW, Pin = 11111, HasETags = hasETags }, clock, new SimLog(clock, quiet: true));
        prepare?.Invoke(Utility);
        Give(new DerInput.ConfigChanged(null));
    }

    public DerClientConfig Config { get; private set; }

    public SimulatedUtility Utility { get; }

    public DerClientState State { get; private set; } = DerClientState.Initial;

    public IReadOnlyList<EnginePublication> Publications => publications;

    public IReadOnlyList<string> Notes => notes;

    /// <summary>Active power of the DER, W, + = drawing; null = it is silent. Asked every ten seconds.</summary>
    public Func<long?> DerPower { get; set; } = () => -5_000;

    /// <summary>What a person does with the client just now; null = nothing.</summary>
    public Func<DerInput?> Person { get; set; } = () => null;

    /// <summary>True: no notification gets through.</summary>
    public bool IsDeaf { get; set; }

    public Instant Now => clock.GetCurrentInstant();

    /// <summary>Runs until the procedure has its verdict.</summary>
    public ProcedureVerdict? Play(ProcedureRun run, Duration atMost)
    {
        var end = Now + atMost;
        var requests = 0;
        while (run.Verdict is null && Now < end)
        {
            Measure();
            Notify();
            if (Person() is { } act)
            {
                Give(act);
            }

            switch (DerClient.Next(Config, State, Now))
            {
                case DerNext.SendRequest request:
                    Assert.True(++requests < 200_000, "the client does not come to rest");
                    Exchange(request);
                    break;
                case DerNext.WaitUntil { At: var at } when at <= Now:
                    Give(new DerInput.Tick());
                    break;
                case DerNext.WaitUntil { At: var at }:
                    clock.Advance(Instant.Min(at, Now + Step) - Now);
                    run.Tick();
                    break;
            }
        }

        return run.Verdict;
    }

    /// <summary>Lets time pass without a procedure.</summary>
    public void Pass(Duration span)
    {
        var end = Now + span;
        while (Now < end)
        {
            Measure();
            Notify();
            switch (DerClient.Next(Config, State, Now))
            {
                case DerNext.SendRequest request:
                    Exchange(request);
                    break;
                case DerNext.WaitUntil { At: var at } when at <= Now:
                    Give(new DerInput.Tick());
                    break;
                case DerNext.WaitUntil { At: var at }:
                    clock.Advance(Instant.Min(Instant.Min(at, end), Now + Step) - Now);
                    break;
            }
        }
    }

    /// <summary>The process dies and comes back with what was stored.</summary>
    public void Restart()
    {
        State = DerClientStateJson.Read(DerClientStateJson.Write(State));
        Give(new DerInput.Started());
    }

    /// <summary>A person puts another configuration.</summary>
    public void Reconfigure(Func<DerClientConfig, DerClientConfig> change)
    {
        var previous = Config;
        Config = change(previous);
        Give(new DerInput.ConfigChanged(previous));
    }

    private void Exchange(DerNext.SendRequest request)
    {
        var (path, query) = request.Href.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? (request.Href[..mark], request.Href[mark..]) : (request.Href, string.Empty);
        var reply = Utility.Handle(new SimRequest(request.Method, path) { Query = query, Accept = request.Accept, ContentType = request.ContentType, IfNoneMatch = request.IfNoneMatch, Body = request.Body, LFdi = Config.Lfdi });
        clock.Advance(Latency);
        Duration? retry = reply.RetryAfter is { } seconds ? Duration.FromSeconds(long.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)) : null;
        Give(new DerInput.ReplyReceived(request, reply.Status, new DerReplyHeaders(reply.ContentType, reply.Location, retry, reply.ETag), reply.Body));
    }

    private void Measure()
    {
        if (Now < measuredAt + Duration.FromSeconds(10))
        {
            return;
        }

        measuredAt = Now;
        var readings = new List<SiteReading> { new("site-1", new Reading { At = Now, NetPowerW = 1_000 + (DerPower() ?? 0), ReactivePowerVar = 100, VoltageV = 231 }) };
        if (DerPower() is { } power)
        {
            readings.Add(new("site-1", new Reading { At = Now, AssetId = "battery", NetPowerW = power, ReactivePowerVar = 50, VoltageV = 231, SocPercent = 60 }));
        }

        Give(new DerInput.ReadingsArrived(readings));
    }

    private void Notify()
    {
        foreach (var notification in Utility.TakeNotifications())
        {
            if (!IsDeaf)
            {
                Give(new DerInput.NotificationReceived(notification.Body));
            }

            Utility.NoteNotified(notification, IsDeaf ? 0 : 201);
        }
    }

    public void Give(DerInput input)
    {
        var step = DerClient.Apply(Config, State, input, Now, seed++);
        State = step.State;
        publications.AddRange(step.Publications);
        notes.AddRange(step.Notes.Select(n => $"{Now:HH:mm:ss} {n.Text}"));
    }
}
