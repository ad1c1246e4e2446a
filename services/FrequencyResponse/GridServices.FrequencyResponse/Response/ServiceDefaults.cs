using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Response;

/// <summary>How a service runs where the contract states nothing else.</summary>
public static class ServiceDefaults
{
    /// <summary>The middle of the delays that the GB performance rule scores with 0: shorter and longer ones are penalised.</summary>
    public const long GbDelayNanos = 350_000_000;

    public static Shaping Shaping(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        if (service.Settlement == SettlementRule.GbDynamic && service.InitiationSeconds <= 0.5)
        {
            return new Shaping { TotalDelayNanos = GbDelayNanos };
        }

        return service.Value(NumberNames.OpenLoopSeconds) is { } openLoop
            ? new Shaping { LagNanos = (long)(openLoop * 1e9 / Math.Log(10)) }
            : Response.Shaping.Immediate;
    }
}
