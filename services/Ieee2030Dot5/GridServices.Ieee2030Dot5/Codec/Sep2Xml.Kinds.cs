using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>Which kind of resource is read and written where.</summary>
public static partial class Sep2Xml
{
    internal static XElement Element(Resource resource, Sep2Out o) => resource switch
    {
        DeviceCapability r => DeviceXml.Write(r),
        TimeResource r => DeviceXml.Write(r),
        EndDevice r => DeviceXml.Write(r, o),
        Registration r => DeviceXml.Write(r),
        ConnectionPoint r => DeviceXml.Write(r, o),
        FunctionSetAssignments r => DeviceXml.Write(r),
        Der r => DerXml.Write(r),
        DerCapability r => RatingsXml.Write(r, o),
        DerSettings r => SettingsXml.Write(r, o),
        DerStatus r => DerXml.Write(r),
        DerAvailability r => DerXml.Write(r),
        DerProgram r => ProgramXml.Write(r),
        DerCurve r => ProgramXml.Write(r),
        DerControl r => ControlXml.Write(r, o),
        DefaultDerControl r => ControlXml.Write(r, o),
        Response r => ResponseXml.Write(r),
        ResponseSet r => ResponseXml.Write(r),
        LogEvent r => ResponseXml.Write(r),
        FlowReservationRequest r => FlowReservationXml.Write(r),
        FlowReservationResponse r => FlowReservationXml.Write(r),
        DemandResponseProgram r => LoadControlXml.Write(r),
        EndDeviceControl r => LoadControlXml.Write(r),
        LoadShedAvailability r => LoadControlXml.Write(r),
        Sep2Error r => ResponseXml.Write(r),
        MirrorUsagePoint r => MeteringXml.Write(r),
        MirrorMeterReading r => MeteringXml.Write(r),
        ReadingType r => MeteringXml.Write(r),
        Subscription r => SubscriptionXml.Write(r),
        Notification r => SubscriptionXml.Write(r, o),
        TariffProfile r => PricingXml.Write(r, o),
        RateComponent r => PricingXml.Write(r),
        TimeTariffInterval r => PricingXml.Write(r, o),
        ConsumptionTariffInterval r => PricingXml.Write(r),
        OtherResource => throw new ArgumentException("a resource that was skipped can't be written", nameof(resource)),
        _ => ListElement(resource, o),
    };

    internal static object?[] ListContent<T>(ResourceList<T> list, Func<T, XElement> write)
        where T : Resource =>
    [
        Head(list), Attr("all", list.All), Attr("results", list.Results), Attr("pollRate", list.PollRate),
        list.Items.Select(i => write(i.Value ?? throw new ArgumentException("an item that could not be read can't be written", nameof(list)))),
    ];

    private static XElement ListElement(Resource list, Sep2Out o) => list switch
    {
        EndDeviceList r => List("EndDeviceList", r, o),
        FunctionSetAssignmentsList r => List("FunctionSetAssignmentsList", r, o),
        DerList r => List("DERList", r, o),
        DerProgramList r => List("DERProgramList", r, o),
        DerControlList r => List("DERControlList", r, o),
        DerCurveList r => List("DERCurveList", r, o),
        ResponseSetList r => List("ResponseSetList", r, o),
        MirrorUsagePointList r => List("MirrorUsagePointList", r, o),
        MirrorMeterReadingList r => List("MirrorMeterReadingList", r, o),
        LogEventList r => List("LogEventList", r, o),
        FlowReservationRequestList r => List("FlowReservationRequestList", r, o),
        FlowReservationResponseList r => List("FlowReservationResponseList", r, o),
        DemandResponseProgramList r => List("DemandResponseProgramList", r, o),
        EndDeviceControlList r => List("EndDeviceControlList", r, o),
        LoadShedAvailabilityList r => List("LoadShedAvailabilityList", r, o),
        SubscriptionList r => List("SubscriptionList", r, o),
        TariffProfileList r => List("TariffProfileList", r, o),
        RateComponentList r => List("RateComponentList", r, o),
        TimeTariffIntervalList r => List("TimeTariffIntervalList", r, o),
        ConsumptionTariffIntervalList r => List("ConsumptionTariffIntervalList", r, o),
        _ => throw new ArgumentException($"there is no element for {list.GetType().Name}", nameof(list)),
    };

    private static XElement List<T>(string name, ResourceList<T> list, Sep2Out o)
        where T : Resource => El(name, ListContent(list, item => Element(item, o)));

    private static Dictionary<string, Func<ReceivedElement, Resource>> AllReaders() => new(StringComparer.Ordinal)
    {
        ["DeviceCapability"] = DeviceXml.ReadCapability,
        ["Time"] = DeviceXml.ReadTime,
        ["EndDevice"] = DeviceXml.ReadEndDevice,
        ["EndDeviceList"] = CreateListReader<EndDeviceList, EndDevice>("EndDevice", DeviceXml.ReadEndDevice),
        ["Registration"] = DeviceXml.ReadRegistration,
        ["ConnectionPoint"] = DeviceXml.ReadConnectionPoint,
        ["FunctionSetAssignments"] = DeviceXml.ReadAssignments,
        ["FunctionSetAssignmentsList"] = CreateListReader<FunctionSetAssignmentsList, FunctionSetAssignments>("FunctionSetAssignments", DeviceXml.ReadAssignments),
        ["DER"] = DerXml.Read,
        ["DERList"] = CreateListReader<DerList, Der>("DER", DerXml.Read),
        ["DERCapability"] = RatingsXml.Read,
        ["DERSettings"] = SettingsXml.Read,
        ["DERStatus"] = DerXml.ReadStatus,
        ["DERAvailability"] = DerXml.ReadAvailability,
        ["DERProgram"] = ProgramXml.Read,
        ["DERProgramList"] = CreateListReader<DerProgramList, DerProgram>("DERProgram", ProgramXml.Read),
        ["DERCurve"] = ProgramXml.ReadCurve,
        ["DERCurveList"] = CreateListReader<DerCurveList, DerCurve>("DERCurve", ProgramXml.ReadCurve),
        ["DERControl"] = ControlXml.Read,
        ["DERControlList"] = CreateListReader<DerControlList, DerControl>("DERControl", ControlXml.Read),
        ["DefaultDERControl"] = ControlXml.ReadDefault,
        ["Response"] = ResponseXml.Read,
        ["DERControlResponse"] = ResponseXml.ReadControlResponse,
        ["PriceResponse"] = ResponseXml.ReadPriceResponse,
        ["ResponseSet"] = ResponseXml.ReadSet,
        ["ResponseSetList"] = CreateListReader<ResponseSetList, ResponseSet>("ResponseSet", ResponseXml.ReadSet),
        ["LogEvent"] = ResponseXml.ReadLogEvent,
        ["LogEventList"] = CreateListReader<LogEventList, LogEvent>("LogEvent", ResponseXml.ReadLogEvent),
        ["FlowReservationRequest"] = FlowReservationXml.ReadRequest,
        ["FlowReservationRequestList"] = CreateListReader<FlowReservationRequestList, FlowReservationRequest>("FlowReservationRequest", FlowReservationXml.ReadRequest),
        ["FlowReservationResponse"] = FlowReservationXml.ReadResponse,
        ["FlowReservationResponseList"] = CreateListReader<FlowReservationResponseList, FlowReservationResponse>("FlowReservationResponse", FlowReservationXml.ReadResponse),
        ["FlowReservationResponseResponse"] = ResponseXml.ReadReservationResponse,
        ["DemandResponseProgram"] = LoadControlXml.ReadProgram,
        ["DemandResponseProgramList"] = CreateListReader<DemandResponseProgramList, DemandResponseProgram>("DemandResponseProgram", LoadControlXml.ReadProgram),
        ["EndDeviceControl"] = LoadControlXml.Read,
        ["EndDeviceControlList"] = CreateListReader<EndDeviceControlList, EndDeviceControl>("EndDeviceControl", LoadControlXml.Read),
        ["LoadShedAvailability"] = LoadControlXml.ReadAvailability,
        ["LoadShedAvailabilityList"] = CreateListReader<LoadShedAvailabilityList, LoadShedAvailability>("LoadShedAvailability", LoadControlXml.ReadAvailability),
        ["DrResponse"] = ResponseXml.ReadDrResponse,
        ["Error"] = ResponseXml.ReadError,
        ["MirrorUsagePoint"] = MeteringXml.ReadPoint,
        ["MirrorUsagePointList"] = CreateListReader<MirrorUsagePointList, MirrorUsagePoint>("MirrorUsagePoint", MeteringXml.ReadPoint),
        ["MirrorMeterReading"] = MeteringXml.ReadMeterReading,
        ["MirrorMeterReadingList"] = CreateListReader<MirrorMeterReadingList, MirrorMeterReading>("MirrorMeterReading", MeteringXml.ReadMeterReading),
        ["ReadingType"] = MeteringXml.ReadType,
        ["Subscription"] = SubscriptionXml.Read,
        ["SubscriptionList"] = CreateListReader<SubscriptionList, Subscription>("Subscription", SubscriptionXml.Read),
        ["Notification"] = SubscriptionXml.ReadNotification,
        ["TariffProfile"] = PricingXml.ReadProfile,
        ["TariffProfileList"] = CreateListReader<TariffProfileList, TariffProfile>("TariffProfile", PricingXml.ReadProfile),
        ["RateComponent"] = PricingXml.ReadComponent,
        ["RateComponentList"] = CreateListReader<RateComponentList, RateComponent>("RateComponent", PricingXml.ReadComponent),
        ["TimeTariffInterval"] = PricingXml.ReadInterval,
        ["TimeTariffIntervalList"] = CreateListReader<TimeTariffIntervalList, TimeTariffInterval>("TimeTariffInterval", PricingXml.ReadInterval),
        ["ConsumptionTariffInterval"] = PricingXml.ReadPrice,
        ["ConsumptionTariffIntervalList"] = PricingXml.ReadPrices,
    };

    private static Func<ReceivedElement, Resource> CreateListReader<TList, T>(string item, Func<ReceivedElement, T> read)
        where TList : ResourceList<T>, new()
        where T : Resource => e => ListXml.Read<TList, T>(e, item, read);
}
