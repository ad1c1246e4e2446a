using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Messages;

internal static partial class Specimens
{
    public static DemandResponseProgram LoadProgram => new()
    {
        Href = "/drp/1",
        Subscribable = 1,
        MRid = "AB12",
        Description = "summer",
        Version = 1,
        ActiveEndDeviceControlListLink = new("/drp/1/actedc", 0),
        AvailabilityUpdatePercentChangeThreshold = 1_000,
        AvailabilityUpdatePowerChangeThreshold = Power,
        EndDeviceControlListLink = new("/drp/1/edc", 1),
        Primacy = 3,
    };

    public static EndDeviceControl LoadControl => new()
    {
        Href = "/drp/1/edc/1",
        Subscribable = 1,
        ReplyTo = "/rsp",
        ResponseRequired = 7,
        MRid = "0123456789ABCDEF",
        Description = "evening",
        Version = 2,
        CreationTime = 1_800_000_000,
        EventStatus = new EventStatus { CurrentStatus = EventState.Active, DateTime = 1_800_000_001, PotentiallySuperseded = true, PotentiallySupersededTime = 3, Reason = "r" },
        Interval = new DateTimeInterval(1_800_000_000, 3_600),
        RandomizeDuration = -60,
        RandomizeStart = 60,
        ApplianceLoadReduction = 1,
        DeviceCategory = 0x4000,
        DrProgramMandatory = true,
        DutyCycle = 50,
        LoadShiftForward = true,
        Offset = new LoadOffset(20, 15, 2_500),
        OverrideDuration = 600,
        SetPoint = new TemperatureSetPoint(2_600, -100),
        TargetReduction = new TargetReduction(TargetReduction.Kilowatts, 65_535),
    };

    private static FlowReservationRequest ReservationRequest => new()
    {
        Href = "/frq/1",
        MRid = "AB",
        Description = "d",
        Version = 1,
        CreationTime = 4,
        DurationRequested = 65535,
        EnergyRequested = new(-(1L << 40), 0),
        IntervalRequested = new(1_800_000_000, 3600),
        PowerRequested = Power,
        RequestStatus = new(RequestStatus.Cancelled, 5),
    };

    private static FlowReservationResponse ReservationResponse => new()
    {
        Href = "/frp/1",
        Subscribable = 1,
        ReplyTo = "/rsp",
        ResponseRequired = 3,
        MRid = "CD",
        Description = "d",
        Version = 2,
        CreationTime = 4,
        EventStatus = new() { CurrentStatus = EventState.Scheduled },
        Interval = new(1_800_000_000, 3600),
        EnergyAvailable = new(-7000, 1),
        PowerAvailable = Power,
        Subject = "AB",
    };

    private static TimeTariffInterval Prices => new()
    {
        Href = "/tti/1",
        ReplyTo = "/rsp",
        ResponseRequired = 3,
        MRid = "AB",
        CreationTime = 1,
        EventStatus = new() { CurrentStatus = EventState.Scheduled },
        Interval = new(5, 6),
        TouTier = 0,
        ConsumptionTariffIntervalListLink = new("/cti", 1),
        RateComponentLink = new("/rc/1"),
        Summary = new() { All = 1, Results = 1, Items = [new ConsumptionTariffInterval { Href = "/cti/1", ConsumptionBlock = 1, Price = -1000001, StartValue = 0 }] },
    };
}
