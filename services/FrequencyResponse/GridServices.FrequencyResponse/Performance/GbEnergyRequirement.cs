namespace GridServices.FrequencyResponse.Performance;

/// <summary>The least state of energy at the start of each settlement period of a contracted service period (NESO Response Service Terms 6.11).</summary>
/// <remarks>
/// It begins at the contracted response energy volume, falls by what is delivered, and rises again by the energy recovery adjustment:
/// <code>
/// adjustment[k] = min(share × volume, max(0, volume − requirement[k−3] − adjustments[k−3 … k−1]))
/// requirement[k+1] = requirement[k] − delivered[k] + adjustment[k]
/// </code>
/// </remarks>
public sealed class GbEnergyRequirement
{
    private const int Lag = 3;
    private readonly List<double> _requirement;
    private readonly List<double> _adjustment = [];
    private readonly double _volume;
    private readonly double _share;

    /// <param name="volumeWh">Contracted power × duration, one direction.</param>
    /// <param name="recoveryShare">Share of the volume that is won back per period, 0.2.</param>
    public GbEnergyRequirement(double volumeWh, double recoveryShare = 0.2)
    {
        (_volume, _share) = (volumeWh, recoveryShare);
        _requirement = [volumeWh];
    }

    /// <summary>At the start of each period so far, and of the next.</summary>
    public IReadOnlyList<double> RequirementWh => _requirement;

    public double NowWh => _requirement[^1];

    /// <summary>A period has ended in which so much was delivered in this direction; gives the requirement of the next.</summary>
    public double EndPeriod(double deliveredWh)
    {
        var k = _adjustment.Count;
        var owed = 0.0;
        if (k >= Lag)
        {
            owed = _volume - _requirement[k - Lag];
            for (var i = k - Lag; i < k; i++)
            {
                owed -= _adjustment[i];
            }
        }

        _adjustment.Add(Math.Min(_share * _volume, Math.Max(0, owed)));
        _requirement.Add(_requirement[k] - deliveredWh + _adjustment[k]);
        return NowWh;
    }
}
