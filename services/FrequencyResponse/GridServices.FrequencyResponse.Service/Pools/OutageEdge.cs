using GridServices.FrequencyResponse.Outages;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>When what is left of any contract changes next. An edge that could not be followed stays due: it is not lost, and tried again.</summary>
internal sealed class OutageEdge
{
    private Instant? _next;

    public bool IsDue(Instant now) => _next <= now;

    /// <summary>Follows what holds at an instant, and waits for the edge after it.</summary>
    /// <param name="entries">With what is declared.</param>
    /// <param name="now">When.</param>
    /// <param name="follow">False: not all of it could be followed.</param>
    public void Follow(Entries entries, Instant now, Func<bool> follow)
    {
        _next = now;
        if (follow())
        {
            _next = entries.Outages.Values.SelectMany(o => o).Select(o => DeclaredOutages.NextChange(o.Stretches, now)).Min();
        }
    }
}
