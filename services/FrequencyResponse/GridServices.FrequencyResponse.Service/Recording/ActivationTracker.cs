using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Service.HotPath;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>
/// When a contract's activations begin and end. A continuous service answers the smallest deviation; what is told of it are the stretches
/// that matter, so that no chatter at the dead band floods anybody:
/// <code>
/// idle ──|pu| ≥ 0.02, or a trigger──▶ activation ──|pu| &lt; 0.01 for 2 s, or disarmed──▶ idle
/// </code>
/// </summary>
internal sealed class ActivationTracker(string contract, ServiceKind kind)
{
    public const double BeginsPu = 0.02;
    public const double EndsPu = 0.01;
    public static readonly Duration QuietTime = Duration.FromSeconds(2);
    private const ControlReasons Cuts = ControlReasons.MeasurementLost | ControlReasons.Unavailable | ControlReasons.EnvelopeLimit | ControlReasons.Headroom
        | ControlReasons.Energy | ControlReasons.NotWriter | ControlReasons.DeviceDefault;

    private Activation? _running;
    private ControlReasons _reasons;
    private long _quietSince;
    private long _lastNanos;
    private double _lastW;

    /// <summary>The one that lasts, with what is known of it so far.</summary>
    public Activation? Running => _running;

    /// <summary>An activation that had not ended when the service did.</summary>
    public void Resume(Activation running) => _running = running;

    /// <returns>The activation that begins or ends with this turn; null where none does.</returns>
    public Activation? Process(in ServiceOutput service, in HotRecord record)
    {
        var responds = service.Phase is ServicePhase.Active or ServicePhase.Releasing or ServicePhase.RampingOut;
        var size = responds ? Math.Abs(service.Pu) : 0;
        var wall = Instant.FromUnixTimeTicks(record.WallNanos / NodaConstants.NanosecondsPerTick);
        if (_running is null)
        {
            return responds && (size >= BeginsPu || kind == ServiceKind.Switched) ? Begin(service, record, wall) : null;
        }

        Accrue(service, record);
        if (size >= EndsPu)
        {
            _quietSince = 0;
            return null;
        }

        _quietSince = _quietSince == 0 ? record.NowNanos : _quietSince;
        var over = service.Phase is ServicePhase.Disarmed or ServicePhase.Blocked
            || record.NowNanos - _quietSince >= QuietTime.ToInt64Nanoseconds();
        return over ? End(wall) : null;
    }

    private Activation Begin(in ServiceOutput service, in HotRecord record, Instant wall)
    {
        (_quietSince, _lastNanos, _lastW, _reasons) = (0, record.NowNanos, service.ResponseW, record.Output.Reasons & Cuts);
        _running = new Activation
        {
            Id = $"{contract}:{wall.ToUnixTimeMilliseconds()}",
            StartedAt = wall,
            StartHz = Known(service.FrequencyHz),
            LowestHz = Known(service.FrequencyHz),
            HighestHz = Known(service.FrequencyHz),
            PeakPu = service.Pu,
            RaisedWh = 0,
            LoweredWh = 0,
            Reasons = [],
            FirstSetpointMicroseconds = record is { HasSample: true, SentNanos: > 0 } ? (record.SentNanos - record.Sample.ReceivedNanos) / 1e3 : null,
        };
        return _running;
    }

    private void Accrue(in ServiceOutput service, in HotRecord record)
    {
        var hours = Math.Max(0, record.NowNanos - _lastNanos) / 3.6e12;
        _reasons |= record.Output.Reasons & Cuts;
        _running = _running! with
        {
            LowestHz = Known(service.FrequencyHz) is { } low && !(low >= _running.LowestHz) ? low : _running.LowestHz,
            HighestHz = Known(service.FrequencyHz) is { } high && !(high <= _running.HighestHz) ? high : _running.HighestHz,
            PeakPu = Math.Abs(service.Pu) > Math.Abs(_running.PeakPu) ? service.Pu : _running.PeakPu,
            RaisedWh = _running.RaisedWh + (Math.Max(0, _lastW) * hours),
            LoweredWh = _running.LoweredWh + (Math.Max(0, -_lastW) * hours),
        };
        (_lastNanos, _lastW) = (record.NowNanos, service.ResponseW);
    }

    private Activation End(Instant wall)
    {
        var ended = _running! with { EndedAt = wall, Reasons = ReasonNames.GetNames(_reasons) };
        _running = null;
        return ended;
    }

    /// <summary>A lost measurement is no frequency.</summary>
    private static double? Known(double hz) => double.IsFinite(hz) ? hz : null;
}

/// <summary>Flags as words.</summary>
internal static class ReasonNames
{
    public static IReadOnlyList<string> GetNames<T>(T flags)
        where T : struct, Enum => [.. Enum.GetValues<T>().Where(f => Convert.ToInt64(f) != 0 && flags.HasFlag(f)).Select(Contracts.EnumNames<T>.GetName)];

    public static T Parse<T>(IEnumerable<string> names)
        where T : struct, Enum => (T)Enum.ToObject(
            typeof(T), names.Sum(n => Contracts.EnumNames<T>.TryParse(n, out var flag) ? Convert.ToInt64(flag) : 0));
}
