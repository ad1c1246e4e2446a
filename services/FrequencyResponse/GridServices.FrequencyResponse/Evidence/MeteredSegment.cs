using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>Of a turn, what a metered file needs. Powers in W, + = injection.</summary>
/// <param name="WallUnixNanos">The wall clock of the turn.</param>
/// <param name="SampleHz">The frequency where a sample came with the turn; else NaN.</param>
/// <param name="CommandedW">What the pool was told.</param>
/// <param name="BaselineW">Power without response.</param>
/// <param name="ResponseW">This contract's response.</param>
/// <param name="Procured">Inside a contracted window.</param>
/// <param name="Available">Procured, and the service was up.</param>
/// <param name="Before">Why there are no turns just before this one; None where nothing is known.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MeteredTurn(
    long WallUnixNanos, double SampleHz, double CommandedW, double BaselineW, double ResponseW, bool Procured, bool Available, RowMarks Before);

/// <summary>A reading at its own instant. W, + = injection.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MeteredReading(long WallUnixNanos, double PowerW, MeterSource Source);

/// <summary>What a segment of the log holds for the metered file of one contract.</summary>
/// <param name="Turns">In their order.</param>
/// <param name="Readings">In the order in which they became known.</param>
/// <param name="After">Why it ends where it does; None where it was closed in order.</param>
public sealed record MeteredSegment(IReadOnlyList<MeteredTurn> Turns, IReadOnlyList<MeteredReading> Readings, RowMarks After)
{
    /// <param name="segment">Its bytes.</param>
    /// <param name="contract">Gives the contract's index from the settings (JSON) that hold in the segment; negative: it is not of that pool then.</param>
    public static MeteredSegment Read(ReadOnlySpan<byte> segment, Func<ReadOnlyMemory<byte>, int> contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        var (turns, readings) = (new List<MeteredTurn>(), new List<MeteredReading>());
        var (index, before, told, latest) = (-1, RowMarks.None, default(MeasuredPower), default(MeasuredPower));
        var reader = new EvidenceReader(segment);
        while (reader.TryRead(out var record))
        {
            if (record.Kind == EvidenceKind.Settings)
            {
                index = contract(record.Body.ToArray());
            }
            else if (record.Kind == EvidenceKind.Lost)
            {
                before = RowMarks.Lost;
            }
            else if (record.Kind == EvidenceKind.Conditions && EvidenceBodies.TryConditions(record.Body, out var site))
            {
                told = site.Measured;
            }
            else if (EvidenceTurn.Read(record) is { } turn)
            {
                // A reading is set at its own instant, which the turn's two clocks tell.
                if (told.Known && (!latest.Known || told.AtNanos > latest.AtNanos))
                {
                    readings.Add(new MeteredReading(turn.WallUnixNanos - (turn.NowNanos - told.AtNanos), told.PowerW, told.Source));
                    latest = told;
                }

                turns.Add(ToMeteredTurn(turn, index, before));
                before = RowMarks.None;
            }
        }

        return new MeteredSegment(turns, readings, reader.Fault is { Torn: false } ? RowMarks.Broken : before);
    }

    private static MeteredTurn ToMeteredTurn(EvidenceTurn turn, int contract, RowMarks before)
    {
        var service = contract >= 0 && contract < turn.Services.Count ? turn.Services[contract] : default;
        return new MeteredTurn(
            turn.WallUnixNanos, turn.Sample is not null && double.IsFinite(turn.FrequencyHz) ? turn.FrequencyHz : double.NaN, turn.PowerW, turn.BaselineW, service.ResponseW, service.Procured,
            service is { Procured: true, Rung: FailSafeRung.Valid or FailSafeRung.Hold }, before);
    }
}
