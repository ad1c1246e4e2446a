using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Response;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>What a contract may state of how its service responds. Powers are shares of the quantity.</summary>
internal static class ResponseRules
{
    private const decimal Day = 86_400;

    /// <summary>Furthest trigger from nominal, Hz: beyond 5 Hz a sample counts as none.</summary>
    private const decimal Furthest = 4.99m;

    /// <param name="contract">As it was put.</param>
    /// <param name="service">What it sells.</param>
    /// <param name="storeWh">Energy of its assets that can be given back.</param>
    /// <param name="faults">Takes what is wrong.</param>
    public static void Check(ContractSettings contract, ServiceDefinition service, long storeWh, ConfigFaults faults)
    {
        Amounts(contract, service, faults);
        if (contract.Freedom is { } freedom)
        {
            Freedom(freedom, contract, service, storeWh, faults);
        }

        if (contract.Signal is { } signal)
        {
            Signal(signal, service, faults);
        }

        if (contract.Switched is { } switched)
        {
            Switched(switched, contract.Custom is not null, service, faults);
        }
    }

    private static void Amounts(ContractSettings contract, ServiceDefinition service, ConfigFaults faults)
    {
        faults.Between(contract.OverDelivery, 1, 2, "/overDelivery", "(a share of the quantity: 1 = the quantity and no more)");
        faults.Unless(contract.OverDelivery == 1 || service.Kind != ServiceKind.Switched, "/overDelivery",
            $"{service.Id} is switched: it gives the quantity or nothing; leave overDelivery out");
        faults.Unless(contract.OverDelivery == 1 || service.Kind != ServiceKind.Instruction, "/overDelivery",
            $"{service.Id} gives what is instructed, up to the quantity; leave overDelivery out");

        // Nordic FCR: the steps of a relay-type resource, at least seven each way.
        faults.Unless(contract.RelaySteps is 0 or (>= 7 and <= 1_000), "/relaySteps",
            "a relay-type resource has 7 to 1,000 equal steps each way; 0, or leave it out, for one that takes any watt", ErrorClass.SemanticNumber);
        if (contract.RelaySteps != 0)
        {
            faults.Unless(service.Kind == ServiceKind.Continuous, "/relaySteps", $"{service.Id} does not follow a curve by frequency; leave relaySteps out");
            faults.Unless(contract.OverDelivery == 1, "/overDelivery", "relays give all their steps and no more; leave overDelivery out, or relaySteps");
            faults.Unless(contract.Freedom is not { OverFulfilment: > 1 }, "/freedom/overFulfilment", "relays give all their steps and no more; write 1, or leave relaySteps out");
        }
    }

    private static void Signal(SignalSettings signal, ServiceDefinition service, ConfigFaults faults)
    {
        faults.Unless(service.Kind == ServiceKind.Signal, "/signal", $"{service.Id} does not follow a signal; leave signal out");
        Between(faults, signal.LostAfterSeconds, (decimal)(service.Value(NumberNames.SignalPeriodSeconds) ?? 0.1), 300, "/signal/lostAfterSeconds", "s (one period of the signal at least)");
        faults.Between(signal.HoldSeconds, 0, 900, "/signal/holdSeconds", "s");
        faults.Between(signal.RampSeconds, 0.1m, 900, "/signal/rampSeconds", "s");
    }

    private static void Freedom(FreedomSettings freedom, ContractSettings contract, ServiceDefinition service, long storeWh, ConfigFaults faults)
    {
        // A rule of German FCR: elsewhere a response that is held back is a breach.
        faults.Unless(service.Settlement == SettlementRule.FcrBand || (contract.Custom is not null && service.Kind == ServiceKind.Continuous), "/freedom",
            $"the degrees of freedom are a rule of CE-FCR; {service.Id} has none of them, leave freedom out");
        faults.Unless(storeWh > 0, "/freedom", "they restore a state of charge, and none of the assets has one: state energyWh and dischargeMaxW of a store, or leave freedom out");
        faults.Between(freedom.OverFulfilment, 1, 1.2m, "/freedom/overFulfilment", "(a share of the response)");
        faults.Between(freedom.DeadbandUseHz, 0, 0.010m, "/freedom/deadbandUseHz", "Hz");
        faults.Between(freedom.ActivationSeconds, 1, 30, "/freedom/activationSeconds", "s");
        faults.Between(freedom.TargetSocPercent, 0, 100, "/freedom/targetSocPercent", "%");
        faults.Between(freedom.BandSocPercent, 0, 50, "/freedom/bandSocPercent", "percentage points");
    }

    private static void Switched(SwitchedSettings switched, bool isCustom, ServiceDefinition service, ConfigFaults faults)
    {
        if (service.Kind != ServiceKind.Switched)
        {
            faults.Add("/switched", $"{service.Id} has no trigger, it follows {(service.Kind switch { ServiceKind.Signal => "a signal", ServiceKind.Instruction => "instructions", _ => "its curve" })}; leave switched out");
            return;
        }

        var own = ServiceDefaults.Switched(service);
        faults.Unless(own is not null || switched.TriggerHz is not null, "/switched/triggerHz", $"{service.Id} names no trigger; state it in Hz", ErrorClass.SemanticNumber);
        faults.Unless(own is not null || switched.SupportSeconds is not null, "/switched/supportSeconds", $"{service.Id} names no support; state it in s", ErrorClass.SemanticNumber);
        if (isCustom && switched.TriggerHz is { } stated && (double)stated != service.TriggerHz)
        {
            faults.Add(ErrorClass.Conflict, "/switched/triggerHz", $"custom.triggerHz says {service.TriggerHz}; leave it out here");
        }

        Times(switched, isCustom ? null : service, own, faults);
        if ((switched.TriggerHz ?? (decimal?)own?.TriggerHz) is { } trigger)
        {
            Levels(switched, service, trigger, faults);
        }
    }

    /// <param name="switched">As stated.</param>
    /// <param name="market">A service of the catalog, whose support and release must be kept; null = one's own.</param>
    /// <param name="own">The service's life by its own numbers.</param>
    /// <param name="faults">Takes what is wrong.</param>
    private static void Times(SwitchedSettings switched, ServiceDefinition? market, SwitchedRules? own, ConfigFaults faults)
    {
        var least = market is null || own is null ? 0.1m : own.SupportNanos / 1_000_000_000m;
        var support = switched.SupportSeconds ?? (own is null ? least : own.SupportNanos / 1_000_000_000m);
        Between(faults, switched.SupportSeconds, least, Day, "/switched/supportSeconds", market is null ? "s" : $"s ({market.Id} is held for {least} s at least)");
        Between(faults, switched.LongestSupportSeconds, support, Day, "/switched/longestSupportSeconds", "s (the support at least)");
        Between(faults, switched.RearmSeconds, 0, Day, "/switched/rearmSeconds", "s");
        faults.Unless(switched.LongestSupportSeconds is null || switched.ReleaseHz is not null || own is { ReleaseHz: not double.NaN }, "/switched/longestSupportSeconds",
            "goes with releaseHz: without it the support ends after supportSeconds; state releaseHz, or leave it out");
        var fastest = (decimal)(market?.Value(NumberNames.MaxReleasePerSecond) ?? 1_000);
        Between(faults, switched.ReleasePuPerSecond, 0.001m, fastest, "/switched/releasePuPerSecond", "of the quantity per second");
    }

    /// <summary>What lets go or re-arms lies between the trigger and nominal, or nothing would ever be let go, or would trigger anew at once.</summary>
    private static void Levels(SwitchedSettings switched, ServiceDefinition service, decimal trigger, ConfigFaults faults)
    {
        var nominal = (decimal)service.NominalHz;
        var (lowest, highest) = service.Direction == ResponseDirection.Lower ? (nominal + 0.01m, nominal + Furthest) : (nominal - Furthest, nominal - 0.01m);
        Between(faults, switched.TriggerHz, lowest, highest, "/switched/triggerHz", $"Hz: {service.Id} {(service.Direction == ResponseDirection.Lower ? "lowers" : "raises")} the frequency");
        var (from, to) = service.Direction == ResponseDirection.Lower ? (nominal, trigger - 0.001m) : (trigger + 0.001m, nominal);
        Between(faults, switched.ReleaseHz, from, to, "/switched/releaseHz", "Hz: between the trigger and nominal");
        Between(faults, switched.RearmHz, from, to, "/switched/rearmHz", "Hz: between the trigger and nominal");
    }

    private static void Between(ConfigFaults faults, decimal? value, decimal least, decimal most, string pointer, string unit)
    {
        if (value is { } stated)
        {
            faults.Between(stated, least, most, pointer, unit);
        }
    }
}
