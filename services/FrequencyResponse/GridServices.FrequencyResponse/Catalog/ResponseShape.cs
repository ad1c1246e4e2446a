using GridServices.FrequencyResponse.Curves;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>How the response curve follows from the numbers of a service.</summary>
public abstract record ResponseShape
{
    internal abstract ResponseCurve? Draw(ServiceDefinition service);

    private protected static double Needed(ServiceDefinition service, string name) =>
        service.Value(name) ?? throw new ArgumentException($"{service.Id} needs {name}", nameof(name));
}

/// <summary>Corners stated by the rule; beyond the ends the end value is held.</summary>
public sealed record KnotShape(ValueList<Knot> Knots, Certainty Certainty, string Source) : ResponseShape
{
    internal override ResponseCurve Draw(ServiceDefinition service) => ResponseCurve.Through([.. Knots]);
}

/// <summary>All or nothing at <c>triggerHz</c>; exactly at the trigger it responds.</summary>
public sealed record TriggerShape : ResponseShape
{
    internal override ResponseCurve Draw(ServiceDefinition service)
    {
        var trigger = Needed(service, NumberNames.TriggerHz);
        return service.Direction == ResponseDirection.Lower ? ResponseCurve.TriggerHigh(trigger) : ResponseCurve.TriggerLow(trigger);
    }
}

/// <summary>The droop formulas; they differ in the denominator, so they are named apart.</summary>
public enum DroopKind
{
    /// <summary>Change = deviation beyond the dead band ÷ (nominal × droop).</summary>
    Plain,

    /// <summary>BAL-001-TRE: change = deviation beyond the dead band ÷ (nominal × droop − dead band): full response at the droop's own deviation.</summary>
    LessDeadband,

    /// <summary>IEEE 1547 and IEEE 2030.5 opModFreqDroop: as plain, for under and over frequency apart, around the power before the disturbance.</summary>
    Ieee1547,
}

/// <summary>A droop, unclamped: headroom is the allocation's matter.</summary>
public sealed record DroopShape(DroopKind Kind) : ResponseShape
{
    internal override ResponseCurve Draw(ServiceDefinition service)
    {
        var nominal = service.NominalHz;
        if (Kind == DroopKind.Ieee1547)
        {
            // IEEE 1547-2018 frequency-droop: the denominator does not subtract the dead band.
            return ResponseCurve.Droop(
                nominal - Needed(service, NumberNames.DeadbandUnderHz),
                nominal + Needed(service, NumberNames.DeadbandOverHz),
                1 / (nominal * Needed(service, NumberNames.DroopUnder)),
                1 / (nominal * Needed(service, NumberNames.DroopOver)));
        }

        var deadband = Needed(service, NumberNames.DeadbandHz);
        var span = nominal * Needed(service, NumberNames.Droop);
        var slope = 1 / (Kind == DroopKind.LessDeadband ? span - deadband : span);
        return ResponseCurve.Droop(
            nominal - deadband, nominal + deadband,
            service.Direction == ResponseDirection.Lower ? 0 : slope,
            service.Direction == ResponseDirection.Raise ? 0 : slope);
    }
}

/// <summary>No curve by frequency: the service follows a signal, or its rule is one of time and energy.</summary>
/// <param name="Reason">Said to whoever asks for a point of the curve.</param>
public sealed record NoCurve(string Reason) : ResponseShape
{
    internal override ResponseCurve? Draw(ServiceDefinition service) => null;
}
