using System.Collections.Concurrent;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>How the line to the grid operator stands, of a contract that is told over MQTT.</summary>
/// <param name="Topic">The contract's.</param>
/// <param name="Connected">The broker is there and takes our subscription.</param>
/// <param name="AwaySince">Since when it is not; absent where it is, and where another instance holds the line.</param>
/// <param name="Problem">Why not, or what is wrong with the topic.</param>
/// <param name="Taken">Messages that were taken since the start, repeated ones included.</param>
/// <param name="Refused">Messages that were not followed since the start.</param>
/// <param name="LastRefusal">Why the last of them was not.</param>
/// <param name="LastAt">When the last message came.</param>
public sealed record MqttState(string Topic, bool Connected, Instant? AwaySince, string? Problem, long Taken, long Refused, string? LastRefusal, Instant? LastAt);

/// <summary>What is known of the line; written by it, read by whoever is asked.</summary>
internal sealed class MqttHealth(IClock clock, TimeProvider time)
{
    private readonly ConcurrentDictionary<EntryId, Heard> _heard = new();
    private readonly ConcurrentDictionary<EntryId, string> _topicFaults = new();
    private readonly ConcurrentDictionary<EntryId, Beginning> _unsubscribed = new();
    private volatile Standing _standing = new(false, null, null);

    public bool IsConnected => _standing.Connected;

    /// <summary>Since when the broker is away; null where it is there, or where the line is not ours to hold.</summary>
    public Instant? AwaySince => _standing.Away?.Since;

    /// <summary>Since when a contract hears nothing over the line: the broker is away, or refuses the subscription.</summary>
    public Instant? FindSilentSince(EntryId contract) => Begun(contract)?.Since;

    /// <summary>The same, and how long that is by a steady clock: one that is set back must not let run on what nobody can cease.</summary>
    public (Instant Since, TimeSpan For)? FindSilence(EntryId contract) => Begun(contract) is { } begun ? (begun.Since, time.GetElapsedTime(begun.At)) : null;

    /// <param name="contract">Whose topic.</param>
    /// <param name="taken">False: the broker refuses our subscription.</param>
    public void Subscribed(EntryId contract, bool taken)
    {
        if (taken)
        {
            _unsubscribed.TryRemove(contract, out _);
        }
        else
        {
            _unsubscribed.TryAdd(contract, BeginsNow());
        }
    }

    public void Connected() => _standing = new Standing(true, null, null);

    /// <summary>Another process commands and holds the line, or no contract needs one.</summary>
    public void Idle(string why)
    {
        _standing = new Standing(false, null, why);
        _unsubscribed.Clear();
    }

    /// <returns>False: that was known.</returns>
    public bool SetDisconnected(string problem)
    {
        var before = _standing;
        _standing = new Standing(false, before.Away ?? BeginsNow(), problem);
        return before.Away is null || before.Problem != problem;
    }

    /// <summary>The broker is there and refuses this contract's topic; null = it does not any more.</summary>
    /// <returns>True: a fault that was not known.</returns>
    public bool Topic(EntryId contract, string? fault)
    {
        if (fault is null)
        {
            _topicFaults.TryRemove(contract, out _);
            return false;
        }

        var before = _topicFaults.GetValueOrDefault(contract);
        _topicFaults[contract] = fault;
        return before != fault;
    }

    /// <param name="contract">Whose message.</param>
    /// <param name="refusal">Why it is not followed; null = it is.</param>
    public void RecordMessage(EntryId contract, string? refusal) => _heard.AddOrUpdate(
        contract,
        _ => new Heard(0, 0, null, default).With(refusal, clock.GetCurrentInstant()),
        (_, held) => held.With(refusal, clock.GetCurrentInstant()));

    public MqttState GetState(EntryId contract, MqttSettings settings)
    {
        var (standing, heard) = (_standing, _heard.GetValueOrDefault(contract));
        var fault = _topicFaults.GetValueOrDefault(contract);
        return new MqttState(
            settings.Topic, standing.Connected && fault is null, FindSilentSince(contract), standing.Problem ?? fault, heard?.Taken ?? 0, heard?.Refused ?? 0, heard?.LastRefusal, heard?.At);
    }

    private Beginning? Begun(EntryId contract)
    {
        var standing = _standing;
        return standing.Away ?? (standing.Connected && _unsubscribed.TryGetValue(contract, out var since) ? since : null);
    }

    private Beginning BeginsNow() => new(clock.GetCurrentInstant(), time.GetTimestamp());

    /// <summary>A moment on both clocks.</summary>
    private sealed record Beginning(Instant Since, long At);

    private sealed record Standing(bool Connected, Beginning? Away, string? Problem);

    private sealed record Heard(long Taken, long Refused, string? LastRefusal, Instant At)
    {
        public Heard With(string? refusal, Instant at) => refusal is null
            ? this with { Taken = Taken + 1, At = at }
            : this with { Refused = Refused + 1, LastRefusal = refusal, At = at };
    }
}
