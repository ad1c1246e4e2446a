using System.Text.Json.Serialization;

namespace GridServices.Contracts.Functions;

/// <summary>
/// An autonomous function that the equipment at a target is to carry out by itself while a segment lasts: by its own measurement of voltage, frequency or
/// power, without anybody asking again. A setting, not a limit: it loosens none. Sources: IEEE 2030.5-2018 DERControlBase and DERCurve, IEEE 1547-2018.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FunctionSetting
{
    public required FunctionKind Kind { get; init; }

    /// <summary>
    /// Of curve functions: ascending in x (ride-through: in seconds, not descending), linear between points, held beyond the ends. 1 to 64 points.
    /// </summary>
    public IReadOnlyList<CurveKnot>? Curve { get; init => field = EqualList.From(value); }

    /// <summary>What 100 % of the curve's y, or of <see cref="Value"/>, is; null: the kind's own.</summary>
    public PercentBase? PercentOf { get; init; }

    /// <summary>
    /// Of fixed functions: power factor 0 to 1 (<c>fixedPowerFactor…</c>), % of <see cref="PercentOf"/> (<c>fixedVar</c>), var (<c>targetVar</c>);
    /// reactive power is positive where it is supplied (over-excited).
    /// </summary>
    public decimal? Value { get; init; }

    /// <summary>Of fixed power factors: true = reactive power is supplied, false = absorbed.</summary>
    public bool? OverExcited { get; init; }

    /// <summary>Seconds in which the output reaches 90 % of a change; null: the equipment's own.</summary>
    public decimal? OpenLoopS { get; init; }

    /// <summary>Fastest rise, % of rated power a second; 0 = none stated by the curve.</summary>
    public decimal? IncreasePercentPerS { get; init; }

    /// <summary>Fastest fall, % of rated power a second; 0 = none stated by the curve.</summary>
    public decimal? DecreasePercentPerS { get; init; }

    /// <summary>Time constant of a first-order low-pass, seconds.</summary>
    public decimal? Pt1S { get; init; }

    /// <summary>Of <c>voltVar</c>: the reference voltage, % of nominal.</summary>
    public decimal? VRefPercent { get; init; }

    /// <summary>Of <c>voltVar</c>: seconds in which the reference follows the voltage; null: it does not.</summary>
    public decimal? AutonomousVRefS { get; init; }

    /// <summary>Of <c>frequencyDroop</c>.</summary>
    public FrequencyDroop? Droop { get; init; }

    /// <summary>Of <c>enterService</c>.</summary>
    public EnterService? EnterService { get; init; }
}
