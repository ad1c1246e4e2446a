using System.Collections.Concurrent;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>
/// Why the listener refused the caller that came last, by the VTN that it may have been: what is told of one tenant's VTN is not told to another.
/// </summary>
internal sealed class PushRefusals
{
    private readonly ConcurrentDictionary<PushVtn, string> _last = new();

    /// <summary>Null: nobody who may have been this VTN was refused since the start.</summary>
    public string? Of(PushVtn vtn) => _last.GetValueOrDefault(vtn);

    public void Add(PushVtn vtn, string why) => _last[vtn] = why;

    /// <summary>Forgets VTNs that no VEN has any more.</summary>
    public void Keep(IReadOnlyCollection<PushVtn> vtns)
    {
        foreach (var gone in _last.Keys.Except(vtns).ToList())
        {
            _last.TryRemove(gone, out _);
        }
    }
}
