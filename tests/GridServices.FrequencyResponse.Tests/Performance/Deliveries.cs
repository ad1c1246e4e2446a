using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Performance;

/// <summary>How a pool's readings come.</summary>
/// <param name="Assets">They take turns.</param>
/// <param name="Every">Seconds between two readings of one asset.</param>
/// <param name="Late">Seconds from the reading to its arrival, at the most.</param>
/// <param name="Behind">Seconds that the devices' clocks are behind.</param>
/// <param name="Turn">Seconds between two samples of the frequency.</param>
/// <param name="Silent">Nothing is told while something is due.</param>
/// <param name="Seed">Of what is random.</param>
internal sealed record Telling(int Assets, double Every, double Late, double Behind, double Turn, bool Silent, int Seed);

/// <summary>Runs an account through a period of five minutes in which something is due from 60 s on.</summary>
internal sealed class Deliveries
{
    public const double Begins = 60;
    public const double QuantityW = 1e6;

    /// <summary>From the grid to the power: within every rule's bounds.</summary>
    private const double Delay = 0.4;
    private const long Second = 1_000_000_000;
    public static readonly Duration Length = Duration.FromMinutes(5);
    public static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);
    private readonly ServiceDefinition _service;
    private readonly double _ends;
    private readonly List<(double Arrives, double At, int Asset, double Watts)> _readings = [];
    private readonly (double At, double Watts)?[] _latest;
    private int _next;

    /// <param name="service">By its name in the catalog.</param>
    /// <param name="how">Readings.</param>
    /// <param name="gain">Of what is asked for, the share that is given.</param>
    /// <param name="lasts">Seconds for which something is due.</param>
    public Deliveries(string service, Telling how, Func<double, double> gain, double lasts)
    {
        (_service, _ends, _latest) = (ServiceCatalog.BuiltIn.Find(service)!, Begins + lasts, new (double, double)?[how.Assets]);
        var random = new Random(how.Seed);
        for (var asset = 0; asset < how.Assets; asset++)
        {
            for (var at = how.Every * asset / how.Assets; at < 400; at += how.Every)
            {
                if (!how.Silent || at < Begins || at >= _ends)
                {
                    _readings.Add((at + (how.Late * random.NextDouble()), at - how.Behind, asset, gain(at) * AskedPu(at - Delay) * QuantityW / how.Assets));
                }
            }
        }

        _readings.Sort();
    }

    public ContractAccount Account(Duration slice) => new(_service, QuantityW, Length, slice);

    /// <summary>The turn at so many seconds; to be asked for in order.</summary>
    public AccountTurn Turn(double at)
    {
        for (; _next < _readings.Count && _readings[_next].Arrives <= at; _next++)
        {
            var (_, stamp, asset, watts) = _readings[_next];
            _latest[asset] = _latest[asset] is { } held && held.At > stamp ? held : (stamp, watts);
        }

        var asked = AskedPu(at);
        var measured = Array.TrueForAll(_latest, l => l is not null)
            ? new MeasuredPower(_latest.Sum(l => l!.Value.Watts), (long)(_latest.Min(l => l!.Value.At) * Second), MeterSource.Telemetry)
            : default;
        return new AccountTurn(
            (long)(at * Second), (Noon.ToUnixTimeTicks() * 100) + (long)(at * Second), asked * QuantityW, asked * QuantityW, ControlReasons.None,
            new ServiceOutput(asked, asked, asked * QuantityW, Hz(at), ServicePhase.Active, FailSafeRung.Valid, SampleFault.None, Procured: true),
            Measured: measured);
    }

    /// <summary>All records of the period.</summary>
    public List<PeriodRecord> Settle(double turn)
    {
        var account = Account(Length);
        var records = new List<PeriodRecord>();
        for (var i = 0; i * turn < 330 && records.Count == 0; i++)
        {
            if (account.Add(Turn(i * turn)) is { } ended)
            {
                records.Add(ended);
            }
        }

        return records;
    }

    private bool Due(double at) => at >= Begins && at < _ends;

    private double Hz(double at) => Due(at) ? _service.NominalHz - 0.5 : _service.NominalHz;

    private double AskedPu(double at) => !Due(at) ? 0 : _service.Curve is { } curve ? curve.Evaluate(Hz(at)) : 1;
}
