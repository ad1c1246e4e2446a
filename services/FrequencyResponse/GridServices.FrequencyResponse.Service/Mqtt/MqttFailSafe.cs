using System.Collections.Concurrent;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>Ceases what runs and can't be ceased any more by the operator, where the contract says so.</summary>
internal sealed partial class MqttFailSafe(MqttHandler handler, PoolHost host, Instructed instructed, MqttHealth status, IClock clock, ILogger<MqttFailSafe> log)
{
    private readonly ConcurrentDictionary<EntryId, byte> _unceased = new();

    /// <exception cref="StoreUnavailableException">To be tried again.</exception>
    public async Task CeaseLostAsync(CancellationToken ct)
    {
        foreach (var told in handler.GetContracts().Values.Where(t => t.Contract.Service.Kind == ServiceKind.Instruction && t.Contract.Settings.Mqtt is { WhenLost: WhenLost.Cease }))
        {
            var now = clock.GetCurrentInstant();
            if (status.FindSilence(told.Id) is { } lost && lost.For >= TimeSpan.FromSeconds((double)told.Contract.Settings.Mqtt!.LostAfterSeconds))
            {
                await TryCeaseAsync(told, lost.Since, now, ct);
            }
        }
    }

    private async Task TryCeaseAsync(MqttContract contract, Instant since, Instant now, CancellationToken ct)
    {
        try
        {
            await CeaseAsync(contract, since, now, ct);
            _unceased.TryRemove(contract.Id, out _);
        }
        catch (Exception fault) when (fault is not (StoreUnavailableException or OperationCanceledException or OutOfMemoryException))
        {
            // Others are ceased all the same; this one is tried again, and told once.
            if (_unceased.TryAdd(contract.Id, 0))
            {
                LogUnceased(log, contract.Id.Key, fault);
            }
        }
    }

    private async Task CeaseAsync(MqttContract contract, Instant since, Instant now, CancellationToken ct)
    {
        foreach (var entry in instructed.GetState(contract.Id).Entries.Where(e => e is { Plan.CeasedAt: null, Sequence: < long.MaxValue } && e.PhaseAt(now) == InstructionPhase.Running))
        {
            // The sequence that the operator's own cease would have: when that comes later it is the same again.
            await host.InstructAsync(contract.Id, contract.Rules, state => new InstructionCommand.Cease(entry.Id, (state.Find(entry.Id) ?? entry).Sequence + 1), ct, byOperator: false);
            LogCeased(log, entry.Id, contract.Id.Key, since);
        }
    }

    [LoggerMessage(EventIds.MqttFailSafeCeased, LogLevel.Warning,
        "Instruction {Instruction} of contract {Contract} is ceased: the broker is away or refuses our subscription since {Since}, and nobody else could")]
    private static partial void LogCeased(ILogger logger, string instruction, string contract, Instant since);

    [LoggerMessage(EventIds.MqttFailSafeUnceased, LogLevel.Error, "What runs of contract {Contract} can't be ceased while nobody else could; it is tried again")]
    private static partial void LogUnceased(ILogger logger, string contract, Exception fault);
}
