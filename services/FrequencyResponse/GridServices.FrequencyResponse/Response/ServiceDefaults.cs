using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Response;

/// <summary>How a service runs where the contract states nothing else.</summary>
public static class ServiceDefaults
{
    /// <summary>The middle of the delays that the GB performance rule scores with 0: shorter and longer ones are penalised.</summary>
    public const long GbDelayNanos = 350_000_000;

    /// <summary>GB DC and DM wait for the scorer's window, IEEE 1547 lags by its open-loop time, everything else is given as fast as can be.</summary>
    public static Shaping Shaping(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        if (service.Settlement == SettlementRule.GbDynamic && service.InitiationSeconds <= 0.5)
        {
            return new Shaping { TotalDelayNanos = GbDelayNanos };
        }

        if (service.Kind == ServiceKind.Instruction)
        {
            var rate = service.RampSeconds > 0 ? 1 / service.RampSeconds : double.PositiveInfinity;
            return new Shaping { RampPuPerS = rate, RampOutPuPerS = rate };
        }

        return service.Value(NumberNames.OpenLoopSeconds) is { } openLoop
            ? new Shaping { LagNanos = Nanos.FromSeconds(openLoop / Math.Log(10)) }
            : Response.Shaping.Immediate;
    }

    /// <summary>The life of a switched service by its own numbers; null where they name no trigger.</summary>
    /// <remarks>Nordic FFR takes the short support and lets go at the fastest rate that goes with it.</remarks>
    public static SwitchedRules? Switched(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        if (service.TriggerHz is not { } trigger)
        {
            return null;
        }

        var high = service.Direction == ResponseDirection.Lower;
        if (service.Value(NumberNames.ShortSupportSeconds) is { } support)
        {
            return new SwitchedRules
            {
                TriggerHz = trigger,
                High = high,
                SupportNanos = Nanos.FromSeconds(support),
                ReleasePuPerS = service.Value(NumberNames.MaxReleasePerSecond) ?? 0.2,
                RearmNanos = Nanos.FromSeconds(service.Value(NumberNames.RearmSeconds) ?? 0),
            };
        }

        // A contingency service without a stated duration is held until the frequency is normal again (AEMO: 49.85..50.15), ten minutes at most.
        return service.DurationSeconds is { } duration
            ? new SwitchedRules { TriggerHz = trigger, High = high, SupportNanos = Nanos.FromSeconds(duration) }
            : new SwitchedRules
            {
                TriggerHz = trigger,
                High = high,
                SupportNanos = Nanos.FromSeconds(service.FullActivationSeconds ?? 6),
                LongestSupportNanos = 600 * Nanos.PerSecond,
                ReleaseHz = high ? service.NominalHz + 0.15 : service.NominalHz - 0.15,
            };
    }

    /// <summary>What is instructed does not go by the frequency; it is shown with it.</summary>
    internal static long SampleAgeLimit(ServiceContract contract) =>
        contract.SampleAgeLimit is { } stated
            ? (long)stated.TotalNanoseconds
            : Nanos.FromSeconds(contract.Service.SampleAgeLimitSeconds ?? (contract.Service.Kind == ServiceKind.Instruction ? 10 : 0.5));
}
