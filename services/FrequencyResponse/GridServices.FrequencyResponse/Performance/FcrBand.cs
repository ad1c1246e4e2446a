using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Curves;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>The band that continental FCR must stay in: what any permitted speed, dead band and over-fulfilment could give.</summary>
/// <remarks>
/// Full activation may take 30 s (Regulation (EU) 2017/1485, Annex V), so at every moment any response is in order that lies between the
/// responses to the frequencies of the last 30 s; ±10 mHz may count as nothing, and 120 % may be given (German degrees of freedom).
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
    private long _count;

    public FcrBand(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        _curve = service.Curve ?? throw new ArgumentException("the band needs a curve", nameof(service));
        var window = (int)Math.Round((service.FullActivationSeconds ?? 30) / StepSeconds) + 1;
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
        return new BoundedSample(lower, upper, error);
    }

    /// <summary>Begins a settlement period: counts anew, the window goes on.</summary>
    public void NewPeriod() => (Outside, WorstPu) = (0, 0);

    /// <summary>Forgets the window, as after a gap in the measurement.</summary>
    public void Restart() => _count = 0;
}
