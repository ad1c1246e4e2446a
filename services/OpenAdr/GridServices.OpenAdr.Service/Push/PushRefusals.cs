using System.Collections.Concurrent;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>What the listener refused last.</summary>
/// <param name="Why">One safe line.</param>
/// <param name="At">When.</param>
internal sealed record PushRefusal(string Why, Instant At);

/// <summary>
/// Why the listener refused what came last: a caller, by the VTN that it may have been; a message, by the VEN that it may have been for. What is told of one
/// tenant's is not told to another.
/// </summary>
internal sealed class PushRefusals
{
    private readonly ConcurrentDictionary<PushVtn, PushRefusal> _callers = new();
    private readonly ConcurrentDictionary<EngineId, PushRefusal> _messages = new();

    /// <summary>Null: there was none since the start.</summary>
    public PushRefusal? FindLatest(EngineId ven, PushVtn vtn) =>
        (_callers.GetValueOrDefault(vtn), _messages.GetValueOrDefault(ven)) is ({ } caller, { } message) ? (caller.At > message.At ? caller : message)
        : _callers.GetValueOrDefault(vtn) ?? _messages.GetValueOrDefault(ven);

    public void Add(PushVtn vtn, string why, Instant at) => _callers[vtn] = new PushRefusal(why, at);

    public void Add(EngineId ven, string why, Instant at) => _messages[ven] = new PushRefusal(why, at);

    /// <summary>Forgets VTNs that no VEN has any more, and VENs that are gone.</summary>
    public void RetainOnly(IReadOnlySet<PushVtn> vtns, IReadOnlySet<EngineId> vens)
    {
        foreach (var gone in _callers.Keys.Where(vtn => !vtns.Contains(vtn)))
        {
            _callers.TryRemove(gone, out _);
        }

        foreach (var gone in _messages.Keys.Where(ven => !vens.Contains(ven)))
        {
            _messages.TryRemove(gone, out _);
        }
    }
}
