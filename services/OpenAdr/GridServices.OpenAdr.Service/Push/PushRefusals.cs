using System.Collections.Concurrent;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>What the listener refused last.</summary>
/// <param name="Why">One safe line.</param>
/// <param name="At">When.</param>
internal sealed record PushRefusal(string Why, Instant At);

/// <summary>
/// Why the listener refused the caller or the message that came last, by the VTN that it may have been: what is told of one tenant's VTN is not told to another.
/// </summary>
internal sealed class PushRefusals
{
    private readonly ConcurrentDictionary<PushVtn, PushRefusal> _last = new();

    /// <summary>Null: nobody who may have been this VTN was refused since the start.</summary>
    public PushRefusal? Of(PushVtn vtn) => _last.GetValueOrDefault(vtn);

    public void Add(PushVtn vtn, string why, Instant at) => _last[vtn] = new PushRefusal(why, at);

    /// <summary>Forgets VTNs that no VEN has any more.</summary>
    public void Keep(IReadOnlyCollection<PushVtn> vtns)
    {
        foreach (var gone in _last.Keys.Except(vtns).ToList())
        {
            _last.TryRemove(gone, out _);
        }
    }
}
