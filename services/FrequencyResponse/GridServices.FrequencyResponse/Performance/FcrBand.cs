using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Curves;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>The band that continental FCR must stay in: what any permitted speed, dead band and over-fulfilment could give.</summary>
/// <remarks>
/// Full activation may take 30 s (Regulation (EU) 2017/1485, Annex V), so at every moment any response is in order that lies between the
/// responses to the frequencies of the last 30 s; ±10 mHz may count as nothing, and 120 % may be given (German degrees of freedom).
/// A band alone would be kept by nothing at all while the frequency swings, so that energy is held against it, each way: half of what is asked
/// for within half that time and all within the whole (Article 154(7)) is the least that is due.
/// One sample per <see cref="StepSeconds"/>; allocates nothing after its making.
/// </remarks>
public sealed class FcrBand
{
    public const double StepSeconds = 0.1;

    private readonly double[] _least;
    private readonly double[] _most;
    private readonly ResponseCurve _curve;
    private readonly double _nominal;
    private readonly double _deadband;
    private readonly double _over;
    private readonly double _share;
    private long _count;
    private double _due;
    private int _steps;
    private (double Due, double Given) _raise;
    private (double Due, double Given) _lower;

    public FcrBand(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        _curve = service.Curve ?? throw new ArgumentException("the band needs a curve", nameof(service));
        var full = service.FullActivationSeconds ?? 30;
        var window = (int)Math.Round(full / StepSeconds) + 1;
        _share = StepSeconds / full;
        (_least, _most) = (new double[window], new double[window]);
        _nominal = service.NominalHz;
        _deadband = service.Value(NumberNames.DeadbandUseHz) ?? 0;
        _over = service.Value(NumberNames.OverFulfilment) ?? 1;
    }

    /// <summary>Samples outside the band, and all.</summary>
    public long Outside { get; private set; }

    public long Samples => _count;

    /// <summary>Largest distance outside the band so far.</summary>
    public double WorstPu { get; private set; }

    /// <summary>Energy due and given in each direction, steps × share of the quantity.</summary>
    public (double Due, double Given) Raise => _raise;
    public (double Due, double Given) Lower => _lower;

    /// <summary>The next sample, one step after the one before; a response that is NaN was not measured at this instant and is not scored.</summary>
    public BoundedSample Add(double hz, double responsePu)
    {
        var pu = _curve.Evaluate(hz);
        var free = Math.Abs(hz - _nominal) <= _deadband;
        var least = free ? Math.Min(0, pu * _over) : Math.Min(pu, pu * _over);
        var most = free ? Math.Max(0, pu * _over) : Math.Max(pu, pu * _over);
        if (_count == 0)
        {
            Array.Fill(_least, least);
            Array.Fill(_most, most);
        }

        (_least[(int)(_count % _least.Length)], _most[(int)(_count % _most.Length)]) = (least, most);
        _count++;
        var (lower, upper) = (_least.Min(), _most.Max());
        var error = double.IsNaN(responsePu) ? 0 : Math.Max(0, Math.Max(lower - responsePu, responsePu - upper));
        Outside += error > 1e-9 ? 1 : 0;
        WorstPu = Math.Max(WorstPu, error);
        Deliver(free ? 0 : pu, responsePu, lower, upper);
        return new BoundedSample(lower, upper, error);
    }

    /// <summary>Begins a settlement period: counts anew, the window goes on.</summary>
    public void NewPeriod() => (Outside, WorstPu, _raise, _lower) = (0, 0, default, default);

    /// <summary>Forgets the window, as after a gap in the measurement.</summary>
    public void Restart() => (_count, _due, _steps) = (0, 0, 0);

    // What is due grows to what is asked for within the time for full activation, and falls with it at once.
    private void Deliver(double asked, double response, double lower, double upper)
    {
        var before = _due * asked > 0 ? _due : 0;
        _due = Math.Abs(before) < Math.Abs(asked) ? Math.CopySign(Math.Min(Math.Abs(before + (asked * _share)), Math.Abs(asked)), asked) : asked;
        _steps++;
        if (double.IsNaN(response))
        {
            return;
        }

        // A reading speaks for the steps since the one before it.
        _raise = (_raise.Due + (_steps * Math.Max(0, _due)), _raise.Given + (_steps * Math.Clamp(response, 0, Math.Max(0, upper))));
        _lower = (_lower.Due + (_steps * Math.Max(0, -_due)), _lower.Given + (_steps * Math.Clamp(-response, 0, Math.Max(0, -lower))));
        _steps = 0;
    }
}
