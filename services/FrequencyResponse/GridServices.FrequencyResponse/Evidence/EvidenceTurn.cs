using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>A turn as recorded, for export and for people. Powers in W, + = injection.</summary>
public sealed record EvidenceTurn
{
    /// <summary>The sample that the turn was given; null = none had come.</summary>
    public FrequencySample? Sample { get; init; }
    public long NowNanos { get; init; }
    public long WallUnixNanos { get; init; }
    public double PowerW { get; init; }
    public double BaselineW { get; init; }
    public double WantedW { get; init; }
    public double ResponseW { get; init; }
    public double ShortfallW { get; init; }
    public double EnergyWh { get; init; }

    /// <summary>The frequency that drove the decision; NaN = none was valid.</summary>
    public double FrequencyHz { get; init; }
    public ControlReasons Reasons { get; init; }
    public SampleFault SampleFaults { get; init; }
    public bool Dispatch { get; init; }
    public long LeaseToken { get; init; }

    /// <summary>When the next step was due without a sample.</summary>
    public long NextDueNanos { get; init; }

    /// <summary>Each contract's part, in the order of the settings.</summary>
    public IReadOnlyList<ServiceOutput> Services { get; init; } = [];

    /// <summary>Reads a turn's record; null for records of other kinds and for bodies that are too short.</summary>
    public static EvidenceTurn? Read(EvidenceRecord record)
    {
        if (record.Kind != EvidenceKind.Turn)
        {
            return null;
        }

        var reader = new LittleEndianReader(record.Body);
        var (sample, now, wall) = EvidenceBodies.ReadMoment(ref reader);
        var turn = new EvidenceTurn
        {
            Sample = sample,
            NowNanos = now,
            WallUnixNanos = wall,
            PowerW = reader.Double(),
            BaselineW = reader.Double(),
            WantedW = reader.Double(),
            ResponseW = reader.Double(),
            ShortfallW = reader.Double(),
            EnergyWh = reader.Double(),
            FrequencyHz = reader.Double(),
            Reasons = (ControlReasons)reader.UInt32(),
            SampleFaults = (SampleFault)reader.UInt16(),
            Dispatch = reader.Byte() == 1,
            LeaseToken = reader.Int64(),
            NextDueNanos = reader.Int64(),
            Services = EvidenceBodies.Services(ref reader),
        };
        return reader.Done ? turn : null;
    }
}
