using System.Collections.Frozen;
using System.Xml.Linq;
using GridServices.Simulators.DerServer.Resources;

namespace GridServices.Simulators.DerServer.Incoming;

/// <summary>
/// What may stand in the resources a client sends, and in which order: a sequence of the schema is a sequence, and a server that validates answers 400.
/// Written down from the standard's element names, independently of the client.
/// </summary>
internal static class SchemaOrder
{
    private const string Identified = "mRID description version";
    private const string EsSettings = "setESDelay setESHighFreq setESHighVolt setESLowFreq setESLowVolt setESRampTms setESRandomDelay";

    private static readonly FrozenDictionary<string, string[]> Children = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["EndDevice"] = "ConfigurationLink DERListLink deviceCategory DeviceInformationLink DeviceStatusLink FileStatusLink IPInterfaceListLink lFDI LoadShedAvailabilityListLink "
            + "LogEventListLink PowerStatusLink sFDI changedTime enabled FlowReservationRequestListLink FlowReservationResponseListLink FunctionSetAssignmentsListLink postRate "
            + "RegistrationLink SubscriptionListLink ConnectionPointLink",
        ["DERCapability"] = "modesSupported rtgAbnormalCategory rtgMaxA rtgMaxAh rtgMaxChargeRateVA rtgMaxChargeRateW rtgMaxDischargeRateVA rtgMaxDischargeRateW rtgMaxV rtgMaxVA "
            + "rtgMaxVar rtgMaxVarNeg rtgMaxW rtgMaxWh rtgMinPFOverExcited rtgMinPFUnderExcited rtgMinV rtgNormalCategory rtgOverExcitedPF rtgOverExcitedW rtgReactiveSusceptance "
            + "rtgUnderExcitedPF rtgUnderExcitedW rtgVNom type doeModesSupported vppModesSupported",
        ["DERSettings"] = $"modesEnabled {EsSettings} setGradW setMaxA setMaxAh setMaxChargeRateVA setMaxChargeRateW setMaxDischargeRateVA setMaxDischargeRateW setMaxV setMaxVA "
            + "setMaxVar setMaxVarNeg setMaxW setMaxWh setMinPFOverExcited setMinPFUnderExcited setMinV setSoftGradW setVNom setVRef setVRefOfs updatedTime doeModesEnabled vppModesEnabled setMinWh",
        ["DERStatus"] = "alarmStatus genConnectStatus inverterStatus localControlModeStatus manufacturerStatus operationalModeStatus readingTime stateOfChargeStatus storageModeStatus storConnectStatus",
        ["DERAvailability"] = "availabilityDuration maxChargeDuration readingTime reserveChargePercent reservePercent statVarAvail statWAvail",
        ["DERControlResponse"] = "createdDateTime endDeviceLFDI status subject",
        ["PriceResponse"] = "createdDateTime endDeviceLFDI status subject",
        ["Response"] = "createdDateTime endDeviceLFDI status subject",
        ["MirrorUsagePoint"] = $"{Identified} roleFlags serviceCategoryKind status deviceLFDI MirrorMeterReading postRate",
        ["MirrorMeterReading"] = $"{Identified} lastUpdateTime MirrorReadingSet nextUpdateTime Reading ReadingType",
        ["MirrorMeterReadingList"] = "MirrorMeterReading",
        ["MirrorReadingSet"] = $"{Identified} timePeriod Reading",
        ["Reading"] = "consumptionBlock qualityFlags timePeriod touTier value localID",
        ["ReadingType"] = "accumulationBehaviour calorificValue commodity conversionFactor dataQualifier flowDirection intervalLength kind maxNumberOfIntervals numberOfConsumptionBlocks "
            + "numberOfTouTiers phase powerOfTenMultiplier subIntervalLength supplyLimit tieredConsumptionBlocks uom",
        ["FlowReservationRequest"] = $"{Identified} creationTime durationRequested energyRequested intervalRequested powerRequested RequestStatus",
        ["FlowReservationResponseResponse"] = "createdDateTime endDeviceLFDI status subject",
        ["DrResponse"] = "createdDateTime endDeviceLFDI status subject ApplianceLoadReduction AppliedTargetReduction DutyCycle Offset overrideDuration SetPoint",
        ["LoadShedAvailability"] = "availabilityDuration DemandResponseProgramLink sheddablePercent sheddablePower",
        ["RequestStatus"] = "dateTime requestStatus",
        ["intervalRequested"] = "duration start",
        ["LogEvent"] = "createdDateTime details extendedData functionSet logEventCode logEventID logEventPEN profileID",
        ["Subscription"] = "subscribedResource Condition encoding level limit notificationURI",
        ["timePeriod"] = "duration start",
        ["ConnectionPoint"] = "connectionPointId",
    }.ToFrozenDictionary(p => p.Key, p => p.Value.Split(' '), StringComparer.Ordinal);

    private static readonly FrozenSet<string> Extensions = FrozenSet.Create(StringComparer.Ordinal,
        "ConnectionPoint", "connectionPointId", "ConnectionPointLink", "doeModesSupported", "vppModesSupported", "doeModesEnabled", "vppModesEnabled", "setMinWh");

    /// <summary>The first thing wrong, in words; null where the form is right.</summary>
    public static string? Complaint(XElement element, SepXml dialect)
    {
        var wanted = Extensions.Contains(element.Name.LocalName) ? dialect.Extension : SepXml.Base;
        if (element.Name.Namespace != wanted)
        {
            return $"{element.Name.LocalName} is in namespace '{element.Name.NamespaceName}' instead of '{wanted?.NamespaceName ?? "none: CSIP-AUS is off"}'";
        }

        return Children.TryGetValue(element.Name.LocalName, out var order) ? Sequence(element, order) ?? Below(element, dialect) : Below(element, dialect);
    }

    private static string? Below(XElement element, SepXml dialect) => element.Elements().Select(e => Complaint(e, dialect)).FirstOrDefault(c => c is not null);

    private static string? Sequence(XElement element, string[] order)
    {
        var last = -1;
        foreach (var child in element.Elements())
        {
            var at = Array.IndexOf(order, child.Name.LocalName);
            if (at < 0 || at < last)
            {
                return at < 0
                    ? $"{element.Name.LocalName} has no {child.Name.LocalName}"
                    : $"in {element.Name.LocalName}, {child.Name.LocalName} stands after {order[last]}";
            }

            last = at;
        }

        return null;
    }
}
