using GridServices.Ieee2030Dot5.Messages;
using Reading = GridServices.Ieee2030Dot5.Messages.Reading;

namespace GridServices.Ieee2030Dot5.Tests.Messages;

/// <summary>One resource of every kind the client reads or writes, with every element filled.</summary>
internal static partial class Specimens
{
    public const string LFdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";

    private static readonly ActivePower Power = new(-32768, 3);
    private static readonly Quantity Amount = new(4400, -1);
    private static readonly PowerFactor Factor = new(85, -2);

    public static IReadOnlyList<Resource> All { get; } =
    [
        new DeviceCapability
        {
            Href = "/dcap", PollRate = 300, DemandResponseProgramListLink = new("/dr", 1), DerProgramListLink = new("/derp", 2), MessagingProgramListLink = new("/msg"),
            ResponseSetListLink = new("/rsps", 0), TariffProfileListLink = new("/tp", 0), TimeLink = new("/tm"), UsagePointListLink = new("/upt", 0),
            EndDeviceListLink = new("/edev", 1), MirrorUsagePointListLink = new("/mup", 0), SelfDeviceLink = new("/sdev"),
        },
        new TimeResource
        {
            Href = "/tm", PollRate = 900, CurrentTime = 1_800_036_000, DstEndTime = 1, DstOffset = 3600, DstStartTime = 2, LocalTime = 3, Quality = 7, TzOffset = -43200,
        },
        Device,
        new EndDeviceList { Href = "/edev", Subscribable = 1, All = 4, Results = 1, PollRate = 60, Items = [Device] },
        new Registration { Href = "/rg", DateTimeRegistered = 5, Pin = 111115, PollRate = 900 },
        new ConnectionPoint { Href = "/cp", ConnectionPointId = "NMI 1234 <&>" },
        Assignments,
        new FunctionSetAssignmentsList { All = 1, Results = 1, PollRate = 300, Items = [Assignments] },
        new DerList { Href = "/der", All = 1, Results = 1, PollRate = 60, Items = [Der] },
        Der,
        Capability,
        Settings,
        Status,
        new DerAvailability
        {
            AvailabilityDuration = 3600, MaxChargeDuration = 60, ReadingTime = 7, ReserveChargePercent = 1000, ReservePercent = 10000, StatVarAvail = Amount, StatWAvail = Power,
        },
        Program,
        new DerProgramList { Href = "/derp", Subscribable = 1, All = 1, Results = 1, PollRate = 60, Items = [Program] },
        Control,
        new DerControlList { Href = "/derc", Subscribable = 1, All = 1, Results = 1, Items = [Control] },
        Default,
        Curve,
        new DerCurveList { All = 1, Results = 1, Items = [Curve] },
        new Response { Href = "/rsp/1", CreatedDateTime = 8, EndDeviceLFdi = LFdi, Status = 254, Subject = "AB" },
        new PriceResponse { CreatedDateTime = 8, EndDeviceLFdi = LFdi, Status = 1, Subject = "0123456789abcdef" },
        new DerControlResponse { CreatedDateTime = 8, EndDeviceLFdi = LFdi, Status = 1, Subject = "0123456789abcdef" },
        new ResponseSetList { All = 1, Results = 1, Items = [new ResponseSet { MRid = "AB", Description = "d", Version = 1, ResponseListLink = new("/r", 0) }] },
        MirrorPoint,
        new MirrorUsagePointList { Href = "/mup", All = 1, Results = 1, PollRate = 300, Items = [MirrorPoint] },
        Meter,
        new MirrorMeterReadingList { All = 1, Results = 1, Items = [Meter] },
        new LogEvent
        {
            Href = "/lel/1", CreatedDateTime = 9, Details = "over-voltage", ExtendedData = 4_294_967_295, FunctionSet = 11, LogEventCode = 2, LogEventId = 65535, LogEventPen = 40732, ProfileId = 2,
        },
        ReservationRequest,
        new FlowReservationRequestList { Href = "/frq", All = 1, Results = 1, PollRate = 60, Items = [ReservationRequest] },
        ReservationResponse,
        new FlowReservationResponseList { Href = "/frp", Subscribable = 1, All = 1, Results = 1, Items = [ReservationResponse] },
        new FlowReservationResponseResponse { CreatedDateTime = 8, EndDeviceLFdi = LFdi, Status = 1, Subject = "0123456789abcdef" },
        LoadProgram,
        new DemandResponseProgramList { Href = "/drp", Subscribable = 1, All = 1, Results = 1, PollRate = 60, Items = [LoadProgram] },
        LoadControl,
        new EndDeviceControlList { Href = "/edc", Subscribable = 1, All = 1, Results = 1, Items = [LoadControl] },
        new LoadShedAvailability { Href = "/lsl/1", AvailabilityDuration = 7200, DemandResponseProgramLink = new("/drp/1"), SheddablePercent = 2_500, SheddablePower = Power },
        new LoadShedAvailabilityList { Href = "/lsl", All = 1, Results = 1, Items = [new LoadShedAvailability { Href = "/lsl/1", SheddablePercent = 2_500 }] },
        new DrResponse { Href = "/rsp/2", CreatedDateTime = 8, EndDeviceLFdi = LFdi, Status = 8, Subject = "0123456789abcdef", OverrideDuration = 65_535 },
        Subscription,
        new SubscriptionList { All = 1, Results = 1, Items = [Subscription] },
        new Notification
        {
            SubscribedResource = "/derc", NewResourceUri = "/derc2", Status = 0, SubscriptionUri = "/sub/1",
            Resource = new DerControlList { Href = "/derc", All = 1, Results = 1, Items = [Control] },
        },
        new Sep2Error { ReasonCode = 1, Message = "no", MaxRetryDuration = 60 },
        new TariffProfileList
        {
            All = 1, Results = 1,
            Items =
            [
                new TariffProfile
                {
                    MRid = "AB", Currency = 36, PricePowerOfTenMultiplier = -6, Primacy = 1, RateCode = "T1", RateComponentListLink = new("/rc", 1), ServiceCategoryKind = 0,
                    CombinedTimeTariffIntervalListLink = new("/ctti", 3),
                },
            ],
        },
        new RateComponentList { All = 1, Results = 1, Items = [new RateComponent { MRid = "AB", ReadingTypeLink = new("/rt"), RoleFlags = 0, TimeTariffIntervalListLink = new("/tti", 2) }] },
        new TimeTariffIntervalList { All = 1, Results = 1, PollRate = 300, Items = [Prices] },
    ];

    public static EndDevice Device => new()
    {
        Href = "/edev/1",
        Subscribable = 1,
        DerListLink = new("/der", 1),
        DeviceCategory = 0x03FFFFFF,
        DeviceInformationLink = new("/di"),
        DeviceStatusLink = new("/ds"),
        LFdi = LFdi,
        LoadShedAvailabilityListLink = new("/lsl", 0),
        LogEventListLink = new("/lel", 0),
        SFdi = 167261211391,
        ChangedTime = 1_800_000_000,
        Enabled = true,
        FlowReservationRequestListLink = new("/frq"),
        FlowReservationResponseListLink = new("/frp"),
        FunctionSetAssignmentsListLink = new("/fsa", 0),
        PostRate = 60,
        RegistrationLink = new("/rg"),
        SubscriptionListLink = new("/sub", 0),
        ConnectionPointLink = new("/cp"),
    };

    public static DerControl Control => new()
    {
        Href = "/derc/1",
        Subscribable = 0,
        ReplyTo = "/rsp",
        ResponseRequired = 3,
        MRid = "0123456789abcdef",
        Description = "export",
        Version = 2,
        CreationTime = 1_800_000_000,
        EventStatus = new() { CurrentStatus = EventState.CancelledWithRandomization, DateTime = 4, PotentiallySuperseded = true, PotentiallySupersededTime = 5, Reason = "why" },
        Interval = new(1_800_000_060, 4_294_967_295),
        RandomizeDuration = -3600,
        RandomizeStart = 3600,
        Base = Modes,
        DeviceCategory = 0x800,
    };

    public static MirrorMeterReading Meter => new()
    {
        MRid = "CD",
        Description = "Real Power",
        Version = 1,
        LastUpdateTime = 10,
        NextUpdateTime = 11,
        ReadingSets =
        [
            new() { MRid = "EF", Description = "set", Version = 1, TimePeriod = new(1_800_000_000, 300), Readings = [new() { Value = -140737488355328, LocalId = 1, QualityFlags = 1 }] },
        ],
        Reading = new Reading { Value = 140737488355327, TimePeriod = new(0, 0), QualityFlags = 3, ConsumptionBlock = 1, TouTier = 2, LocalId = 0xFFFF },
        ReadingType = new()
        {
            AccumulationBehaviour = 12,
            Commodity = 1,
            DataQualifier = 2,
            FlowDirection = 19,
            IntervalLength = 300,
            Kind = 37,
            Phase = 129,
            PowerOfTenMultiplier = -3,
            SubIntervalLength = 60,
            Uom = 38,
        },
    };

    public static MirrorUsagePoint MirrorPoint => new()
    {
        Href = "/mup/1",
        MRid = "AB",
        Description = "Site",
        Version = 1,
        RoleFlags = 0x49,
        ServiceCategoryKind = 0,
        Status = 1,
        DeviceLFdi = LFdi,
        MeterReadings = [Meter],
        PostRate = 300,
    };

    public static Subscription Subscription => new()
    {
        Href = "/sub/1",
        SubscribedResource = "/derc",
        Condition = new(0, -1, 1),
        Encoding = 0,
        Level = "+S1",
        Limit = 255,
        NotificationUri = "https://client.example/n",
    };

    private static FunctionSetAssignments Assignments => new()
    {
        Href = "/fsa/1",
        Subscribable = 1,
        DemandResponseProgramListLink = new("/dr"),
        DerProgramListLink = new("/derp", 1),
        TimeLink = new("/tm"),
        MRid = "AB",
        Description = "FSA",
        Version = 1,
    };

    private static Der Der => new()
    {
        Href = "/der/1",
        AssociatedDerProgramListLink = new("/derp", 1),
        AssociatedUsagePointLink = new("/upt"),
        CurrentDerProgramLink = new("/derp/1"),
        DerAvailabilityLink = new("/dera"),
        DerCapabilityLink = new("/dercap"),
        DerSettingsLink = new("/derg"),
        DerStatusLink = new("/ders"),
    };

    private static DerProgram Program => new()
    {
        Href = "/derp/1",
        Subscribable = 1,
        MRid = "AB",
        Description = "p",
        Version = 1,
        ActiveDerControlListLink = new("/actderc", 1),
        DefaultDerControlLink = new("/dderc"),
        DerControlListLink = new("/derc", 12),
        DerCurveListLink = new("/dc", 0),
        Primacy = 255,
    };

    private static DerControlBase Modes => new()
    {
        OpModConnect = true,
        OpModEnergize = false,
        OpModFixedPFAbsorbW = new(95, true, -2),
        OpModFixedPFInjectW = new(95, false, -2),
        OpModFixedVar = new(1, -10000),
        OpModFixedW = -7500,
        OpModFreqDroop = new(60, 60, 50, 40, 500),
        OpModMaxLimW = 10000,
        OpModTargetVar = new(-5, 2),
        OpModTargetW = Power,
        RampTms = 500,
        Curves = [new("opModFreqWatt", "/dc/1"), new("opModVoltVar", "/dc/2")],
        OpModImpLimW = new(0, 0),
        OpModExpLimW = new(5000, 0),
        OpModGenLimW = new(50, 2),
        OpModLoadLimW = new(5, 3),
        OpModStorageTargetW = new(-20, 2),
    };

    private static DefaultDerControl Default => new()
    {
        Href = "/dderc",
        Subscribable = 1,
        MRid = "AB",
        Description = "d",
        Version = 4,
        Base = Modes,
        SetEsDelay = 1,
        SetEsHighFreq = 2,
        SetEsHighVolt = -3,
        SetEsLowFreq = 4,
        SetEsLowVolt = -5,
        SetEsRampTms = 6,
        SetEsRandomDelay = 7,
        SetGradW = 27,
        SetSoftGradW = 8,
    };

    private static DerCurve Curve => new()
    {
        Href = "/dc/1",
        MRid = "AB",
        AutonomousVRefEnable = false,
        AutonomousVRefTimeConstant = 1,
        CreationTime = 2,
        CurveType = 11,
        Points = [new(99, 50, null), new(103, -50, true)],
        OpenLoopTms = 500,
        RampDecTms = 600,
        RampIncTms = 600,
        RampPt1Tms = 10,
        VRef = 100,
        XMultiplier = 0,
        YMultiplier = 0,
        YRefType = 3,
    };
}
