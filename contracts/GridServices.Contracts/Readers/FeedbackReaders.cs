namespace GridServices.Contracts;

/// <summary>Reads what controllers say of envelopes: one receipt or an array.</summary>
public static class ReceiptReader
{
    public static BatchOutcome<Receipt> Read(ReadOnlyMemory<byte> json, BodyLimits? limits = null) =>
        JsonBody.ReadMany(json, limits ?? BodyLimits.Default, Receipt);

    private static Receipt Receipt(ObjectReader o)
    {
        o.RefuseUnknown("envelopeId", "revision", "state", "at", "deficitW", "reason");
        var receipt = new Receipt
        {
            EnvelopeId = o.Guid("envelopeId"),
            Revision = o.Integer("revision", 1, ObjectReader.MaxInteger),
            State = o.Enum<ReceiptState>("state"),
            At = o.Instant("at"),
            DeficitW = o.OptionalInteger("deficitW", 0, ObjectReader.MaxInteger),
            Reason = o.OptionalText("reason", 1024),
        };
        if (receipt.DeficitW > 0 && receipt.State is not (ReceiptState.CannotComply or ReceiptState.Partial))
        {
            o.Fail(ErrorClass.SemanticStatus, "deficitW", "a deficit goes with state cannotComply or partial");
        }

        return receipt;
    }
}

/// <summary>Reads telemetry: one reading or an array.</summary>
public static class ReadingReader
{
    private const decimal MaxHertz = 1000;
    private const decimal MaxVolts = 1_000_000;
    private const int MaxDecimals = 16;

    private static readonly string[] Measured =
    [
        "netPowerW", "reactivePowerVar", "voltageV", "energyImportWh", "energyExportWh", "socPercent", "frequencyHz", "headroomUpW", "headroomDownW", "manualOverride",
        "alarms",
    ];

    public static BatchOutcome<Reading> Read(ReadOnlyMemory<byte> json, BodyLimits? limits = null) =>
        JsonBody.ReadMany(json, limits ?? BodyLimits.Default, Reading);

    private static Reading Reading(ObjectReader o)
    {
        o.RefuseUnknown(["at", "assetId", .. Measured]);
        if (!Array.Exists(Measured, o.Has))
        {
            o.Fail(ErrorClass.SchemaInvalid, null, $"says nothing; give at least one of {string.Join(", ", Measured)}");
        }

        return new Reading
        {
            At = o.Instant("at"),
            AssetId = o.OptionalIdentifier("assetId"),
            NetPowerW = o.OptionalInteger("netPowerW", -ObjectReader.MaxInteger, ObjectReader.MaxInteger),
            ReactivePowerVar = o.OptionalInteger("reactivePowerVar", -ObjectReader.MaxInteger, ObjectReader.MaxInteger),
            VoltageV = o.OptionalDecimal("voltageV", 0, MaxVolts, MaxDecimals),
            EnergyImportWh = o.OptionalInteger("energyImportWh", 0, ObjectReader.MaxInteger),
            EnergyExportWh = o.OptionalInteger("energyExportWh", 0, ObjectReader.MaxInteger),
            SocPercent = o.OptionalDecimal("socPercent", 0, 100, MaxDecimals),
            FrequencyHz = o.OptionalDecimal("frequencyHz", 0, MaxHertz, MaxDecimals),
            HeadroomUpW = o.OptionalInteger("headroomUpW", 0, ObjectReader.MaxInteger),
            HeadroomDownW = o.OptionalInteger("headroomDownW", 0, ObjectReader.MaxInteger),
            ManualOverride = o.OptionalBoolean("manualOverride"),
            Alarms = o.OptionalEnumSet<AlarmKind>("alarms"),
        };
    }
}

/// <summary>Reads what a publisher says of itself.</summary>
public static class PublisherHelloReader
{
    public static ReadOutcome<PublisherHello> Read(ReadOnlyMemory<byte> json, BodyLimits? limits = null) =>
        JsonBody.ReadSingle(json, limits ?? BodyLimits.Default, Hello);

    private static PublisherHello Hello(ObjectReader o)
    {
        o.RefuseUnknown("source", "restatedEpoch", "epoch", "head");
        return new PublisherHello
        {
            Source = o.Text("source", 256),
            RestatedEpoch = Epoch(o, "restatedEpoch"),
            Epoch = Epoch(o, "epoch"),
            Head = o.OptionalInteger("head", 0, ObjectReader.MaxInteger),
        };
    }

    private static string? Epoch(ObjectReader o, string member)
    {
        var epoch = o.OptionalText(member, 64);
        if (epoch is not null && !Cursor.IsEpoch(epoch))
        {
            o.Fail(ErrorClass.SemanticId, member, "is not an epoch; send back what the hub's answer says");
        }

        return epoch;
    }
}

/// <summary>Reads a publisher's report on how well it hears the utilities.</summary>
public static class UpstreamReportReader
{
    /// <summary>Most streams of a report, and most sites of a stream.</summary>
    public const int MaxStreams = 20_000;

    public static ReadOutcome<UpstreamReport> Read(ReadOnlyMemory<byte> json, BodyLimits? limits = null) =>
        JsonBody.ReadSingle(json, limits ?? BodyLimits.Default, Report);

    private static UpstreamReport Report(ObjectReader o)
    {
        o.RefuseUnknown("source", "validFor", "streams");
        return new UpstreamReport
        {
            Source = o.Text("source", 256),
            ValidFor = o.Duration("validFor", zeroAllowed: false),
            Streams = o.Array("streams", MaxStreams, Stream),
        };
    }

    private static UpstreamStream Stream(ObjectReader o)
    {
        o.RefuseUnknown("stream", "sites", "status", "since", "detail");
        return new UpstreamStream
        {
            Stream = o.Object("stream", NamedStream)!,
            Sites = o.IdentifierList("sites", MaxStreams),
            Status = o.Enum<UpstreamStatus>("status"),
            Since = o.Instant("since"),
            Detail = o.OptionalText("detail", 1024),
        };
    }

    private static StreamId NamedStream(ObjectReader o)
    {
        o.RefuseUnknown("service", "key");
        return EnvelopeRules.Stream(o);
    }
}
