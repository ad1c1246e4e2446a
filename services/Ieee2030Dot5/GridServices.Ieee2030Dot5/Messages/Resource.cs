using System.Text.Json.Serialization;

namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>Anything a 2030.5 server has an address for. Immutable; equal by content. Hrefs are as sent: neither resolved nor trusted.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "$resource")]
[JsonDerivedType(typeof(DeviceCapability), nameof(DeviceCapability))]
[JsonDerivedType(typeof(TimeResource), "Time")]
[JsonDerivedType(typeof(EndDevice), nameof(EndDevice))]
[JsonDerivedType(typeof(EndDeviceList), nameof(EndDeviceList))]
[JsonDerivedType(typeof(Registration), nameof(Registration))]
[JsonDerivedType(typeof(ConnectionPoint), nameof(ConnectionPoint))]
[JsonDerivedType(typeof(FunctionSetAssignments), nameof(FunctionSetAssignments))]
[JsonDerivedType(typeof(FunctionSetAssignmentsList), nameof(FunctionSetAssignmentsList))]
[JsonDerivedType(typeof(Der), "DER")]
[JsonDerivedType(typeof(DerList), "DERList")]
[JsonDerivedType(typeof(DerCapability), "DERCapability")]
[JsonDerivedType(typeof(DerSettings), "DERSettings")]
[JsonDerivedType(typeof(DerStatus), "DERStatus")]
[JsonDerivedType(typeof(DerAvailability), "DERAvailability")]
[JsonDerivedType(typeof(DerProgram), "DERProgram")]
[JsonDerivedType(typeof(DerProgramList), "DERProgramList")]
[JsonDerivedType(typeof(DerControl), "DERControl")]
[JsonDerivedType(typeof(DerControlList), "DERControlList")]
[JsonDerivedType(typeof(DefaultDerControl), "DefaultDERControl")]
[JsonDerivedType(typeof(DerCurve), "DERCurve")]
[JsonDerivedType(typeof(DerCurveList), "DERCurveList")]
[JsonDerivedType(typeof(Response), nameof(Response))]
[JsonDerivedType(typeof(DerControlResponse), "DERControlResponse")]
[JsonDerivedType(typeof(PriceResponse), nameof(PriceResponse))]
[JsonDerivedType(typeof(ResponseSet), nameof(ResponseSet))]
[JsonDerivedType(typeof(ResponseSetList), nameof(ResponseSetList))]
[JsonDerivedType(typeof(MirrorUsagePoint), nameof(MirrorUsagePoint))]
[JsonDerivedType(typeof(MirrorUsagePointList), nameof(MirrorUsagePointList))]
[JsonDerivedType(typeof(MirrorMeterReading), nameof(MirrorMeterReading))]
[JsonDerivedType(typeof(MirrorMeterReadingList), nameof(MirrorMeterReadingList))]
[JsonDerivedType(typeof(ReadingType), nameof(ReadingType))]
[JsonDerivedType(typeof(LogEvent), nameof(LogEvent))]
[JsonDerivedType(typeof(LogEventList), nameof(LogEventList))]
[JsonDerivedType(typeof(FlowReservationRequest), nameof(FlowReservationRequest))]
[JsonDerivedType(typeof(FlowReservationRequestList), nameof(FlowReservationRequestList))]
[JsonDerivedType(typeof(FlowReservationResponse), nameof(FlowReservationResponse))]
[JsonDerivedType(typeof(FlowReservationResponseList), nameof(FlowReservationResponseList))]
[JsonDerivedType(typeof(FlowReservationResponseResponse), nameof(FlowReservationResponseResponse))]
[JsonDerivedType(typeof(DemandResponseProgram), nameof(DemandResponseProgram))]
[JsonDerivedType(typeof(DemandResponseProgramList), nameof(DemandResponseProgramList))]
[JsonDerivedType(typeof(EndDeviceControl), nameof(EndDeviceControl))]
[JsonDerivedType(typeof(EndDeviceControlList), nameof(EndDeviceControlList))]
[JsonDerivedType(typeof(LoadShedAvailability), nameof(LoadShedAvailability))]
[JsonDerivedType(typeof(LoadShedAvailabilityList), nameof(LoadShedAvailabilityList))]
[JsonDerivedType(typeof(DrResponse), nameof(DrResponse))]
[JsonDerivedType(typeof(Subscription), nameof(Subscription))]
[JsonDerivedType(typeof(SubscriptionList), nameof(SubscriptionList))]
[JsonDerivedType(typeof(Notification), nameof(Notification))]
[JsonDerivedType(typeof(TariffProfile), nameof(TariffProfile))]
[JsonDerivedType(typeof(TariffProfileList), nameof(TariffProfileList))]
[JsonDerivedType(typeof(RateComponent), nameof(RateComponent))]
[JsonDerivedType(typeof(RateComponentList), nameof(RateComponentList))]
[JsonDerivedType(typeof(TimeTariffInterval), nameof(TimeTariffInterval))]
[JsonDerivedType(typeof(TimeTariffIntervalList), nameof(TimeTariffIntervalList))]
[JsonDerivedType(typeof(ConsumptionTariffInterval), nameof(ConsumptionTariffInterval))]
[JsonDerivedType(typeof(ConsumptionTariffIntervalList), nameof(ConsumptionTariffIntervalList))]
[JsonDerivedType(typeof(Sep2Error), "Error")]
[JsonDerivedType(typeof(OtherResource), "Other")]
public abstract record Resource
{
    /// <summary>Address on the server, as sent; null where none was sent.</summary>
    public string? Href { get; init; }

    /// <summary>0 no, 1 yes, 2 and 3 with conditions; null where not said, which means no.</summary>
    public byte? Subscribable { get; init; }
}

/// <summary>A resource the standard names and this client has no use for; it was read and is left alone.</summary>
public sealed record OtherResource : Resource
{
    /// <summary>Local element name.</summary>
    public required string Name { get; init; }
}

/// <summary>A link to one resource.</summary>
/// <param name="Href">As sent.</param>
public sealed record Link(string Href);

/// <summary>A link to a list.</summary>
/// <param name="Href">As sent.</param>
/// <param name="All">How many items the server says it has; a hint, never a size to allocate. Null where not legible.</param>
public sealed record ListLink(string Href, int? All = null);

/// <summary>An error as the server explains it in the body of a 4xx or 5xx answer.</summary>
public sealed record Sep2Error : Resource
{
    /// <summary>0 invalid request format, 1 invalid request values, 2 resource limit reached, 3 conditional subscription not supported, 4 maximum request frequency exceeded.</summary>
    public long ReasonCode { get; init; }

    public string? Message { get; init; }

    /// <summary>Seconds after which the request may be tried again.</summary>
    public long? MaxRetryDuration { get; init; }
}
