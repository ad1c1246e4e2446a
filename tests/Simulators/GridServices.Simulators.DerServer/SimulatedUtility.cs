using System.Globalization;
using GridServices.Simulators.DerServer.Control;
using GridServices.Simulators.DerServer.Incoming;
using GridServices.Simulators.DerServer.Model;
using GridServices.Simulators.DerServer.Procedures;
using GridServices.Simulators.DerServer.Resources;
using NodaTime;

namespace GridServices.Simulators.DerServer;

/// <summary>
/// The utility: its devices, programs and controls, and what clients said. Tests and scripts drive it by these methods; clients reach it by
/// <see cref="Handle"/>. Free of HTTP and of the machine's clock. All members may be used from any thread.
/// </summary>
public sealed partial class SimulatedUtility(DerServerOptions options, IClock clock, SimLog log)
{
    private readonly Lock gate = new();
    private readonly SepXml xml = new(options.ExtensionNamespace);
    private readonly List<SimDevice> devices = [];
    private readonly List<SimProgram> programs = [];
    private readonly List<SimMup> mups = [];
    private readonly List<SimReading> readings = [];
    private readonly List<SimResponse> responses = [];
    private readonly List<SimSubscription> subscriptions = [];
    private readonly List<SimNotification> outgoing = [];

    /// <summary>mRIDs of all controls there ever were: a response may come after its control has left every list.</summary>
    private readonly HashSet<string> issued = new(StringComparer.OrdinalIgnoreCase);

    private SimRates rates = SimRates.All(options.PollRate);
    private int counter;

    public DerServerOptions Options => options;

    public SimLog Log => log;

    public Faults Faults { get; } = new();

    /// <summary>Sees every request; null = nobody.</summary>
    public IRequestObserver? Observer { get; set; }

    /// <summary>What is served as <c>/.well-known/csipaus</c>; null = 404.</summary>
    public WellKnown? WellKnown { get; set; } = options.IsCsipAus13 ? WellKnown.Plain : null;

    /// <summary>How far the utility's clock is ahead.</summary>
    public Duration ClockOffset { get; set; }

    /// <summary>quality of the Time resource.</summary>
    public byte TimeQuality { get; set; } = 4;

    /// <summary>In-band registration; without it POST /edev is 403.</summary>
    public bool AllowsInBand { get; set; } = options.AllowsInBand;

    /// <summary>PIN (five digits) given to devices that register in band; null = no RegistrationLink.</summary>
    public int? InBandPin { get; set; } = options.Pin;

    public Instant Now => clock.GetCurrentInstant() + ClockOffset;

    public SimRates Rates
    {
        get => rates;
        set
        {
            lock (gate)
            {
                var before = rates;
                rates = value;
                Announce(before);
            }
        }
    }

    public IReadOnlyList<SimDevice> Devices => Locked(() => devices.ToList());

    public IReadOnlyList<SimProgram> Programs => Locked(() => programs.ToList());

    public IReadOnlyList<SimMup> Mups => Locked(() => mups.ToList());

    public IReadOnlyList<SimReading> Readings => Locked(() => readings.ToList());

    public IReadOnlyList<SimResponse> Responses => Locked(() => responses.ToList());

    public IReadOnlyList<SimSubscription> Subscriptions => Locked(() => subscriptions.ToList());

    /// <summary>Registers a device out of band.</summary>
    /// <param name="lfdi">40 hex digits.</param>
    /// <param name="pin">Five digits, without check digit; null = no RegistrationLink.</param>
    /// <param name="owner">LFDI of the aggregator that may see it; null = the device itself.</param>
    /// <param name="number">Number; null = the next. 0 is the aggregator itself.</param>
    public SimDevice Register(string lfdi, int? pin = null, string? owner = null, int? number = null) =>
        Locked(() => Add(lfdi, pin is { } digits ? LFdiRules.Pin(digits) : null, owner, isInBand: false, number));

    public SimProgram AddProgram(byte primacy, int fsa = 1, string? description = null, IEnumerable<int>? forDevices = null) => Locked(() =>
    {
        var number = programs.Count == 0 ? 1 : programs.Max(p => p.Number) + 1;
        var program = new SimProgram
        {
            Number = number,
            MRid = NextMRid('2'),
            Primacy = primacy,
            Fsa = fsa,
            Description = description ?? $"Program {number}",
            Devices = forDevices?.ToHashSet(),

            // As real servers do: the resource is there to be subscribed to, and says nothing yet.
            Default = new SimDefault(NextMRid('1'), 0, SimModes.None, null),
        };
        var isNewFsa = programs.TrueForAll(p => p.Fsa != fsa);
        programs.Add(program);
        log.Write($"Program {number} with primacy {primacy} in FSA {fsa}");
        NotifyDevices(program, isNewFsa ? d => $"/edev/{d.Number}/fsa" : d => $"/edev/{d.Number}/fsa/{fsa}/derp");
        return program;
    });

    /// <summary>Takes a program away from all devices (P-02).</summary>
    public void RemoveProgram(SimProgram program) => Locked(() =>
    {
        programs.Remove(program);
        NotifyDevices(program, d => programs.Exists(p => p.Fsa == program.Fsa) ? $"/edev/{d.Number}/fsa/{program.Fsa}/derp" : $"/edev/{d.Number}/fsa");
        return 0;
    });

    /// <summary>Takes a whole function set assignment away.</summary>
    public void RemoveFsa(int fsa) => Locked(() =>
    {
        programs.RemoveAll(p => p.Fsa == fsa);
        devices.ForEach(d => Changed($"/edev/{d.Number}/fsa"));
        return 0;
    });

    public SimControl AddControl(
        SimProgram program, Instant start, Duration length, SimModes modes, int? randomizeStart = null, int? randomizeDuration = null, string? responseRequired = "03", string? mRid = null) =>
        Locked(() =>
        {
            // The wire knows whole seconds only.
            start = Instant.FromUnixTimeSeconds(start.ToUnixTimeSeconds());
            var control = new SimControl
            {
                Number = ++counter,
                MRid = mRid ?? NextMRid('3'),
                Description = $"control {counter}",
                Created = Now,
                Start = start,
                Length = length,
                Modes = modes,
                RandomizeStart = randomizeStart,
                RandomizeDuration = randomizeDuration,
                ResponseRequired = responseRequired,
            };

            // The server marks what the newer one overrides, as real ones do; a client must come to the same by its own rules.
            foreach (var older in program.Controls.Where(o => o.CancelledAt is null && o.SupersededAt is null && o.Start < control.End && control.Start < o.End && o.Modes.Overlaps(modes)))
            {
                older.SupersededAt = Instant.Max(control.Start, Now);
            }

            program.Controls.Add(control);
            issued.Add(control.MRid);
            log.Write(string.Create(CultureInfo.InvariantCulture, $"Program {program.Number}: {modes} from {start:HH:mm:ss} for {length.TotalSeconds} s"));
            NotifyControls(program);
            return control;
        });

    public void Cancel(SimProgram program, SimControl control, bool withRandomization = false) => Locked(() =>
    {
        (control.CancelledAt, control.CancelledWithRandomization) = (control.CancelledAt ?? Now, withRandomization);
        log.Write($"Program {program.Number}: cancels {control.Modes}");
        NotifyControls(program);
        return 0;
    });

    /// <summary>Takes a control off its list without a word, which is no cancellation.</summary>
    public void Drop(SimProgram program, SimControl control) => Locked(() =>
    {
        program.Controls.Remove(control);
        NotifyControls(program);
        return 0;
    });

    /// <summary>Sets the default of a program; null = it has none any more.</summary>
    public void SetDefault(SimProgram program, SimModes? modes, int? setGradW = null) => Locked(() =>
    {
        program.Default = modes is null ? null : new SimDefault(program.Default?.MRid ?? NextMRid('1'), (program.Default?.Version ?? 0) + 1, modes, setGradW);
        log.Write($"Program {program.Number}: by default {modes?.ToString() ?? "nothing"}{(setGradW is null ? "" : $", setGradW {setGradW}")}");
        NotifyDevices(program, d => $"/edev/{d.Number}/derp/{program.Number}/dderc");
        return 0;
    });

    /// <summary>Makes a curve of a program, or changes it, whatever refers to it.</summary>
    public void SetCurve(SimProgram program, int number, byte type, IReadOnlyList<SimPoint> points, int xMultiplier, int yMultiplier, byte yRefType, int? openLoopTms) => Locked(() =>
    {
        var held = program.Curves.Find(c => c.Number == number);
        program.Curves.RemoveAll(c => c.Number == number);
        program.Curves.Add(new SimCurve(number, held?.MRid ?? NextMRid('4'), (held?.Version ?? 0) + 1, Now, type, points, xMultiplier, yMultiplier, yRefType, openLoopTms));
        log.Write($"Program {program.Number}: curve {number} of type {type} with {points.Count} points");
        return 0;
    });

    /// <summary>Changes a device under the lock.</summary>
    public void Change(SimDevice device, Action<SimDevice> change) => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(change);
        change(device);
        device.Changed = Now;
        Changed("/edev");
        return 0;
    });

    private SimDevice Add(string lfdi, int? pin, string? owner, bool isInBand, int? number = null)
    {
        var device = new SimDevice
        {
            Number = number ?? Math.Max(0, devices.Select(d => d.Number).DefaultIfEmpty(0).Max()) + 1,
            LFdi = LFdiRules.IsLFdi(lfdi) ? lfdi : throw new SimException($"\"{lfdi}\" is no LFDI: 40 hex digits."),
            SFdi = LFdiRules.SFdi(lfdi),
            Pin = pin,
            Owner = owner,
            IsInBand = isInBand,
            Changed = Now,
            HasConnectionPoint = options.ExtensionNamespace is not null,
        };
        devices.Add(device);
        log.Write($"Device {device.Number} is {lfdi} ({(isInBand ? "in band" : "out of band")})");
        Changed("/edev");
        return device;
    }

    private string NextMRid(char kind) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}{clock.GetCurrentInstant().ToUnixTimeMilliseconds():X11}{++counter:X12}00012345");

    private T Locked<T>(Func<T> body)
    {
        lock (gate)
        {
            return body();
        }
    }
}
