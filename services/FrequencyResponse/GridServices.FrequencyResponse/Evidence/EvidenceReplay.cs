using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>What running a log again found.</summary>
/// <param name="Turns">Turns whose decision came out bit for bit as recorded.</param>
/// <param name="Difference">The first that did not, or why the run could not go on; null = all did.</param>
/// <param name="AtRecord">The record where it stopped; -1 = none.</param>
/// <param name="State">The controller's memory after the last turn.</param>
public sealed record ReplayVerdict(long Turns, string? Difference, long AtRecord, ControllerState State)
{
    public bool Identical => Difference is null;
}

/// <summary>Runs the controller again on the recorded inputs and compares every bit of every decision.</summary>
public static class EvidenceReplay
{
    /// <summary>One segment.</summary>
    /// <param name="config">The settings that held; the segment's settings record keeps them.</param>
    /// <param name="segment">Its bytes.</param>
    /// <param name="before">The memory at its begin: of the segment before; <c>default</c> for the first. A state record in the segment stands in its place.</param>
    public static ReplayVerdict Run(ControllerConfig config, ReadOnlySpan<byte> segment, ControllerState before = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        var reader = new EvidenceReader(segment);
        var run = new Runner(config, reader.Head, before);
        while (reader.TryRead(out var record))
        {
            if (run.Process(record) is { } difference)
            {
                return new ReplayVerdict(run.Turns, difference, record.Index, run.State);
            }
        }

        return reader.Fault is { Torn: false } or { Record: 0 }
            ? new ReplayVerdict(run.Turns, reader.Fault.Detail, reader.Fault.Record, run.State)
            : new ReplayVerdict(run.Turns, null, -1, run.State);
    }

    private sealed class Runner(ControllerConfig config, SegmentHead? head, ControllerState before)
    {
        private readonly byte[] _decision = new byte[EvidenceWriter.MaxTurnBytes];
        private ControllerState _state = before;

        public long Turns { get; private set; }

        public ControllerState State => _state;

        public string? Process(EvidenceRecord record)
        {
            switch (record.Kind)
            {
                case EvidenceKind.Conditions when EvidenceBodies.TryConditions(record.Body, out var site):
                    _state = _state.With(site);
                    return null;
                case EvidenceKind.State:
                    return RestoreState(record.Body);
                case EvidenceKind.Turn:
                    return Step(record.Body);
                case EvidenceKind.Lost:
                    return "turns were lost here; run on from the next state record";
                case EvidenceKind.Conditions:
                    return "the conditions can't be read";
                default:
                    return null;
            }
        }

        private string? RestoreState(ReadOnlySpan<byte> body)
        {
            if (head!.Build != SegmentHead.ThisBuild || body.Length != Unsafe.SizeOf<ControllerState>())
            {
                return $"the state was kept by build {head.Build}; run the log with that build, or from the first segment";
            }

            _state = MemoryMarshal.Read<ControllerState>(body);
            return null;
        }

        private string? Step(ReadOnlySpan<byte> body)
        {
            var reader = new LittleEndianReader(body);
            var (sample, now, wall) = EvidenceBodies.ReadMoment(ref reader);
            var recorded = reader.Rest();
            if (reader.Overrun)
            {
                return "the turn can't be read";
            }

            var step = FrequencyController.Step(config, in _state, in sample, now, Instant.FromUnixTimeTicks(0).PlusNanoseconds(wall));
            _state = step.State;
            var again = new LittleEndianWriter(_decision);
            EvidenceBodies.Decision(ref again, in step.Output, head!.Services);
            if (!recorded.SequenceEqual(_decision.AsSpan(0, again.Length)))
            {
                var power = new LittleEndianReader(recorded).Double();
                return string.Create(
                    CultureInfo.InvariantCulture, $"decided {power} W then and {step.Output.PowerW} W now, reasons now {step.Output.Reasons}");
            }

            Turns++;
            return null;
        }
    }
}
