using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Curves;
using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse.Response;

/// <summary>A contract made ready for the hot path.</summary>
internal sealed class ServiceSlot
{
    internal ServiceSlot(ServiceContract contract, int index, int sourceMask, long assetDelayNanos)
    {
        Index = index;
        SignalLost = contract.Service.Kind == ServiceKind.Signal ? contract.SignalLost : null;
        var service = contract.Service;
        Kind = service.Kind;
        Curve = service.Curve;
        NominalHz = service.NominalHz;
        Direction = service.Direction;
        QuantityW = contract.QuantityW;
        Windows = new ArmingWindows(contract.Windows);
        Shaping = contract.Shaping ?? ServiceDefaults.Shaping(service);
        Switched = Kind == ServiceKind.Switched ? contract.Switched ?? ServiceDefaults.Switched(service) : null;
        Freedom = contract.Freedom;
        RelaySteps = contract.RelaySteps;
        LargestPu = Freedom is null ? contract.OverDelivery : Math.Max(contract.OverDelivery, Freedom.OverFulfilment);
        AgeLimitNanos = ServiceDefaults.SampleAgeLimit(contract);
        SignalAgeNanos = (long)contract.SignalAgeLimit.TotalNanoseconds;
        SourceMask = sourceMask;
        ResolutionHz = service.ResolutionHz is { } finest ? finest * 1.01 : double.PositiveInfinity;
        AssetDelayNanos = assetDelayNanos;
        DurationSeconds = service.DurationSeconds ?? service.Value(NumberNames.EnduranceSeconds) ?? service.Value(NumberNames.LerMinimumSeconds) ?? 0;
        ReservedCapacity = service.ReservedCapacity ?? 0;
        RecoveryShare = service.RecoverySharePerPeriod ?? 0;
        NemFactor = service.Value(NumberNames.NemFactor) ?? 0;
    }

    /// <summary>Its place among the pool's contracts.</summary>
    internal int Index { get; }

    /// <summary>Null = as the pool.</summary>
    internal FailSafeRules? SignalLost { get; }

    internal ServiceKind Kind { get; }

    internal ResponseCurve? Curve { get; }

    internal double NominalHz { get; }

    internal ResponseDirection Direction { get; }

    internal double QuantityW { get; }

    internal ArmingWindows Windows { get; }

    internal Shaping Shaping { get; }

    internal SwitchedRules? Switched { get; }

    internal FreedomRules? Freedom { get; }

    internal int RelaySteps { get; }

    internal double LargestPu { get; }

    internal long AgeLimitNanos { get; }

    internal long SignalAgeNanos { get; }

    /// <summary>Bit i: source i is fine and fast enough.</summary>
    internal int SourceMask { get; }

    internal long AssetDelayNanos { get; }

    /// <summary>Coarsest step of a meter that may drive it, Hz; infinity = the service asks for none.</summary>
    internal double ResolutionHz { get; }

    /// <summary>How long full response must last.</summary>
    internal double DurationSeconds { get; }

    internal double ReservedCapacity { get; }

    internal double RecoveryShare { get; }

    internal double NemFactor { get; }

    internal bool Raises => Direction != ResponseDirection.Lower;

    internal bool Lowers => Direction != ResponseDirection.Raise;
}
