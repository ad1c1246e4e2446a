using System.Data.Common;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>Instructions of the grid operator: stored, then followed.</summary>
internal sealed partial class PoolHost
{
    private string? _instructions;

    /// <summary>Takes a message about an instruction: stored first, then followed, then answered. What is stored decides, whoever else stores.</summary>
    /// <param name="contract">Whose.</param>
    /// <param name="rules">Of the contract.</param>
    /// <param name="message">Gives the message, from what is known of the contract's instructions.</param>
    /// <param name="ct">Given up only before it is stored.</param>
    /// <param name="byOperator">False: this service says it itself, because nobody else could.</param>
    public async Task<InstructionOutcome> InstructAsync(EntryId contract, InstructionRules rules, Func<InstructionState, InstructionCommand> message, CancellationToken ct, bool byOperator = true)
    {
        await _changing.WaitAsync(ct);
        try
        {
            var now = dependencies.Clock.GetCurrentInstant();
            var outcome = await dependencies.Store.WriteAsync(tx => InstructAsync(tx, contract, rules, message, now), ct);
            dependencies.Instructed.Set(contract, outcome.State);

            // What a broker kept, and what is refused, is no word of now.
            if (byOperator && outcome.Answer is { Repeated: false, Refusal: null })
            {
                _stated[contract] = 0;
            }

            Refresh(p => p.Spec.Id.Tenant == contract.Tenant && p.Spec.Contracts.Any(c => c.Key == contract.Key));
            return outcome;
        }
        finally
        {
            _changing.Release();
        }
    }

    private static async Task<InstructionOutcome> InstructAsync(
        DbTransaction tx, EntryId contract, InstructionRules rules, Func<InstructionState, InstructionCommand> message, Instant now)
    {
        var held = await InstructionStore.ReadAsync(tx, contract, now);
        var outcome = InstructionProcessor.Process(rules, held, message(held), now);
        foreach (var entry in outcome.State.Entries.Where(e => !ReferenceEquals(held.Find(e.Id), e)))
        {
            await InstructionStore.SaveAsync(tx, contract, entry, now);
        }

        return outcome;
    }

    /// <summary>Loads what another process on the same database was instructed.</summary>
    private async Task RenewInstructionsAsync(CancellationToken ct)
    {
        await _changing.WaitAsync(ct);
        try
        {
            var version = await dependencies.Instructions.VersionAsync(ct);
            if (version != _instructions)
            {
                dependencies.Instructed.Replace(await dependencies.Instructions.LoadAsync(dependencies.Clock.GetCurrentInstant(), ct));
                _instructions = version;
            }
        }
        finally
        {
            _changing.Release();
        }
    }
}
