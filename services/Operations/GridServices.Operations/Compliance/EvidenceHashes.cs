using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Compliance;

/// <summary>Hashes of exactly the data that a report rests on, in an order of their own, so that the same data always give the same hash.</summary>
internal static class EvidenceHashes
{
    public static ComplianceEvidence Compute(ComplianceInput input, Instant from, Instant until)
    {
        // A reading before the start may hold into it.
        var readings = input.Readings.Where(r => r.AssetId is null && r.At > from - input.Terms.ReadingHolds && r.At < until).OrderBy(r => r.At).ToValueList();
        var meter = input.Meter.Where(m => m.From < until && m.Until > from).OrderBy(m => m.From).ThenBy(m => m.Until).ToValueList();
        return new ComplianceEvidence
        {
            Messages = input.Event.Revisions.SelectMany(r => r.Messages).Distinct(StringComparer.Ordinal).ToValueList(),
            MeterHash = ComputeHash(meter),
            TelemetryHash = ComputeHash(readings),
            BaselineHash = ComputeHash(input.Baseline.Where(b => b.From < until && b.Until > from).OrderBy(b => b.From)),
            LimitsHash = ComputeHash(input.Limits.Where(l => l.From < until && l.Until > from).OrderBy(l => l.From)),
            ReceiptsHash = ComputeHash(input.Receipts.OrderBy(r => r.At).ThenBy(r => r.EnvelopeId).ThenBy(r => r.State)),
            Receipts = input.Receipts.Count,
            Readings = readings.Count,
            MeterIntervals = meter.Count,
        };
    }

    private static string ComputeHash<T>(IEnumerable<T> items) => CanonicalJson.Sha256(new Items<T>(items.ToValueList()));

    private sealed record Items<T>(ValueList<T> List);
}
