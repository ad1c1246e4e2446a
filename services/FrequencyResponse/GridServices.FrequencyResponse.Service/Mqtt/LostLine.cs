using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Mqtt;

/// <summary>Ceases what runs and can't be ceased any more by the operator, where the contract says so.</summary>
internal sealed partial class LostLine(MessageDesk desk, PoolHost fleet, Instructed instructed, LineStatus status, IClock clock, ILogger<LostLine> log)
{
    /// <exception cref="Hosting.StoreUnavailableException">To be tried again.</exception>
    public async Task TendAsync(CancellationToken ct)
    {
        if (status.AwaySince is not { } since)
        {
            return;
        }

        foreach (var told in desk.Told().Values.Where(t => t.Contract.Service.Kind == ServiceKind.Instruction && t.Contract.Settings.Mqtt is { WhenLost: WhenLost.Cease }))
        {
            var now = clock.GetCurrentInstant();
            if (now - since >= Duration.FromSeconds((double)told.Contract.Settings.Mqtt!.LostAfterSeconds))
            {
                await CeaseAsync(told, now, ct);
            }
        }
    }

    private async Task CeaseAsync(ToldContract told, Instant now, CancellationToken ct)
    {
        foreach (var entry in instructed.Of(told.Id).Entries.Where(e => e is { Plan.CeasedAt: null, Sequence: < long.MaxValue } && e.PhaseAt(now) == InstructionPhase.Running))
        {
            // The sequence that the operator's own cease would have: when that comes later it is the same again.
            await fleet.InstructAsync(told.Id, told.Rules, state => new InstructionCommand.Cease(entry.Id, state.Find(entry.Id)!.Sequence + 1), ct);
            LogCeased(log, entry.Id, told.Id.Key, status.AwaySince);
        }
    }

    [LoggerMessage(EventIds.LostLineCeased, LogLevel.Warning, "Instruction {Instruction} of contract {Contract} is ceased: the broker is away since {Since} and nobody else could")]
    private static partial void LogCeased(ILogger logger, string instruction, string contract, Instant? since);
}
