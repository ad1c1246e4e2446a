using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Performance;
using NodaTime;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>What settling a log again found.</summary>
/// <param name="Periods">The settlement periods that ended in it.</param>
/// <param name="Open">The running period as it stood at the end.</param>
/// <param name="Fault">The first broken record; null = the log is whole.</param>
public sealed record LogSettlement(IReadOnlyList<PeriodRecord> Periods, ComplianceNow Open, EvidenceFault? Fault);

/// <summary>Settles a contract from the log alone: the same turns through the same account, hence the same bits as while it ran.</summary>
public static class EvidenceSettlement
{
    /// <param name="segments">Segments in their order; a torn end of one is passed over.</param>
    /// <param name="service">Of the contract.</param>
    /// <param name="quantityW">Contracted, W.</param>
    /// <param name="contract">Index of the contract in the pool's settings.</param>
    /// <param name="period">Settlement period; null = that of the service.</param>
    public static LogSettlement Of(
        IEnumerable<ReadOnlyMemory<byte>> segments, ServiceDefinition service, double quantityW, int contract = 0, Duration? period = null)
    {
        ArgumentNullException.ThrowIfNull(segments);
        var account = new ContractAccount(service, quantityW, period);
        var periods = new List<PeriodRecord>();
        EvidenceFault? fault = null;
        foreach (var segment in segments)
        {
            fault = Read(segment.Span, account, contract, periods);
            if (fault is { Torn: false })
            {
                break;
            }
        }

        return new LogSettlement(periods, account.Compliance, fault);
    }

    private static EvidenceFault? Read(ReadOnlySpan<byte> segment, ContractAccount account, int contract, List<PeriodRecord> periods)
    {
        var reader = new EvidenceReader(segment);
        while (reader.TryRead(out var record))
        {
            if (EvidenceTurn.Of(record) is { } turn && contract < turn.Services.Count
                && account.Add(new AccountTurn(turn.NowNanos, turn.WallUnixNanos, turn.WantedW, turn.ResponseW, turn.Reasons, turn.Services[contract])) is { } ended)
            {
                periods.Add(ended);
            }
        }

        return reader.Fault;
    }
}
