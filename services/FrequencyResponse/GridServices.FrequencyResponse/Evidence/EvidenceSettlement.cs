using GridServices.FrequencyResponse.Performance;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>What settling a log again found.</summary>
/// <param name="Periods">The slices that ended in it.</param>
/// <param name="Open">The running period as it stood at the end.</param>
/// <param name="Fault">The first broken record; null = the log is whole.</param>
public sealed record LogSettlement(IReadOnlyList<PeriodRecord> Periods, ComplianceNow Open, EvidenceFault? Fault);

/// <summary>Settles a contract from the log alone: the same turns through the same account, hence the same bits as while it ran.</summary>
public static class EvidenceSettlement
{
    /// <param name="segments">Segments in their order; a torn end of one is skipped.</param>
    /// <param name="account">A fresh account of the contract, made as the one that ran.</param>
    /// <param name="contract">Index of the contract in the pool's settings.</param>
    public static LogSettlement Compute(IEnumerable<ReadOnlyMemory<byte>> segments, ContractAccount account, int contract = 0)
    {
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentNullException.ThrowIfNull(account);
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
        var site = default(SiteConditions);
        while (reader.TryRead(out var record))
        {
            if (record.Kind == EvidenceKind.Conditions && EvidenceBodies.TryConditions(record.Body, out var told))
            {
                site = told;
            }
            else if (EvidenceTurn.Read(record) is { } turn && contract < turn.Services.Count
                && account.Add(new AccountTurn(turn.NowNanos, turn.WallUnixNanos, turn.WantedW, turn.ResponseW, turn.Reasons, turn.Services[contract], turn.BaselineW, site.Measured)) is { } ended)
            {
                periods.Add(ended);
            }
        }

        return reader.Fault;
    }
}
