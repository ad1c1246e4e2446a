using System.Net;
using System.Net.Sockets;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Setpoints;
using GridServices.FrequencyResponse.Service.Sources;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Benchmarks.FrequencyResponse;

/// <summary>The service's own hot path on loopback: UDP source, pool of one battery in ten chargers, UDP set-points into a socket that nobody reads.</summary>
internal sealed class HotPathRig : IDisposable
{
    private static readonly EntryId SourceId = new("default", "meter");
    private readonly Socket _sink = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _meter = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly AutoResetEvent _recorder = new(false);
    private readonly MonotonicClock _clock = new();
    private readonly UdpReader _reader;
    private readonly byte[] _frame = new byte[UdpSampleFrame.Size];
    private uint _sequence;

    public HotPathRig(int assets, int priority)
    {
        _sink.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _sink.ReceiveBufferSize = 1 << 12;
        var route = (IPEndPoint)_sink.LocalEndPoint!;
        var entries = Entries(assets, route);
        var spec = PoolFactory.Create("default", [.. entries.Contracts], entries, FrequencyCatalog.From(new CatalogOptions()), new ConfigFaults())
            ?? throw new InvalidOperationException("the pool could not be made");
        var book = new ReadingCache(_clock, SystemClock.Instance);
        var limits = new OtherLimits(SystemClock.Instance);
        limits.Set(new EntryId("default", spec.SiteId), HeldLimits.Nothing);
        var conditions = new PoolConditions(book, limits, new Signals(_clock), new Instructed(), _clock, SystemClock.Instance);
        var empty = AllocationPlan.Build([.. spec.Assets.Select(a => a.Capability)], new AssetTelemetry[assets], spec.Rules, _clock.Nanos);
        Pool = new Pool(spec, default, empty, new SetpointSender(spec.Assets, 5_000), _clock, SystemClock.Instance, _recorder);
        var (site, plan, _) = conditions.Compute(spec, PoolConditions.Start(new WriterLease(1, long.MaxValue)), new RestOfSite(), new Switching(assets));
        Pool.Set(site, plan);
        var table = new PoolTable();
        table.Set([Pool]);
        _reader = new UdpReader(SourceId, entries.Sources[SourceId], new SourceDependencies(table, _clock, new HotPathOptions { RealTimePriority = priority }, NullLogger.Instance));
        _reader.Start();
        _meter.Connect(IPEndPoint.Parse(_reader.Endpoint!));
    }

    public Pool Pool { get; }

    public string Priority => _reader.View().Priority;

    /// <summary>A sample as a meter sends it; allocates nothing.</summary>
    public void Send(double hz)
    {
        new UdpSampleFrame(1, _sequence++, hz, float.NaN, 1, SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks() * 100, SampleQuality.Good).Write(_frame);
        _meter.Send(_frame, SocketFlags.None);
    }

    public void Dispose()
    {
        _reader.Dispose();
        Pool.Dispose();
        _meter.Dispose();
        _sink.Dispose();
        _recorder.Dispose();
    }

    private static Entries Entries(int assets, IPEndPoint route)
    {
        var held = GridServices.FrequencyResponse.Service.Registry.Entries.None;
        var all = Enumerable.Range(0, assets).Select(i => KeyValuePair.Create(new EntryId("default", $"a{i:D5}"), Asset(i, route))).ToList();
        var contract = new ContractSettings
        {
            Service = "CE-FCR",
            SiteId = "site-1",
            QuantityW = assets * 1_000L,
            Windows = [new ArmingWindow(Instant.FromUtc(2026, 1, 1, 0, 0), null)],
            Assets = [.. all.Select(a => a.Key.Key)],
            Sources = ["meter"],
        };
        return held with
        {
            Assets = held.Assets.AddRange(all),
            Sources = held.Sources.Add(SourceId, new SourceSettings { Kind = SourceKind.Udp, Period = Duration.FromMilliseconds(20), Udp = new UdpListen { Port = 0 } }),
            Contracts = [new ContractEntry(new EntryId("default", "fcr"), contract)],
        };
    }

    private static AssetSettings Asset(int index, IPEndPoint route) => new()
    {
        SiteId = "site-1",
        Kind = index % 10 == 0 ? GridServices.FrequencyResponse.Service.Registry.AssetKind.Bess : GridServices.FrequencyResponse.Service.Registry.AssetKind.Ev,
        ChargeMaxW = index % 10 == 0 ? 20_000 : 22_080,
        DischargeMaxW = index % 10 == 0 ? 20_000 : 0,
        EnergyWh = index % 10 == 0 ? 40_000 : 0,
        SocPercent = index % 10 == 0 ? 50 : null,
        BaselineW = index % 10 == 0 ? 0 : 11_040,
        Steps = index % 10 == 0 ? null : new CurrentSteps(),
        LatencyMs = 200,
        RampWPerS = 50_000,
        Setpoint = new SetpointRoute { Host = route.Address.ToString(), Port = route.Port, Number = index },
    };
}
