using GridServices.Contracts.Functions;

namespace GridServices.Contracts;

/// <summary>Autonomous functions as they are checked on reading: each kind has its own members, and no others.</summary>
internal static class FunctionRules
{
    public const int MaxFunctions = 32;
    private const int MaxKnots = 64;
    private const int Decimals = 6;
    private const decimal Widest = 1_000_000_000;

    /// <summary>IEEE 2030.5 sends hundredths of a second in 32 bits: 42,949,672.95 s at most.</summary>
    private const decimal LongestS = 100_000_000;

    private static readonly string[] Members =
    [
        "kind", "curve", "percentOf", "value", "overExcited", "openLoopS", "increasePercentPerS", "decreasePercentPerS", "pt1S", "vRefPercent", "autonomousVRefS",
        "droop", "enterService",
    ];

    public static IReadOnlyList<FunctionSetting>? Functions(ObjectReader segment)
    {
        var functions = segment.OptionalArray("functions", MaxFunctions, Function);
        if (functions is not null && !segment.Faults.Any && functions.GroupBy(f => f.Kind).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
        {
            segment.Fail(ErrorClass.DuplicateId, "functions", $"{EnumNames<FunctionKind>.GetName(twice.Key)} is set twice; a segment sets each function once");
        }

        return functions;
    }

    public static Ramp Ramp(ObjectReader o)
    {
        o.RefuseUnknown("seconds", "percentPerS", "softPercentPerS");
        return new Ramp { Seconds = Seconds(o, "seconds"), PercentPerS = Percent(o, "percentPerS"), SoftPercentPerS = Percent(o, "softPercentPerS") };
    }

    private static FunctionSetting Function(ObjectReader o)
    {
        o.RefuseUnknown(Members);
        var function = new FunctionSetting
        {
            Kind = o.Enum<FunctionKind>("kind"),
            Curve = o.OptionalArray("curve", MaxKnots, Knot),
            PercentOf = o.Has("percentOf") ? o.Enum<PercentBase>("percentOf") : null,
            Value = o.OptionalDecimal("value", -Widest, Widest, Decimals),
            OverExcited = o.OptionalBoolean("overExcited"),
            OpenLoopS = Seconds(o, "openLoopS"),
            IncreasePercentPerS = Percent(o, "increasePercentPerS"),
            DecreasePercentPerS = Percent(o, "decreasePercentPerS"),
            Pt1S = Seconds(o, "pt1S"),
            VRefPercent = Percent(o, "vRefPercent"),
            AutonomousVRefS = Seconds(o, "autonomousVRefS"),
            Droop = o.OptionalObject("droop", Droop),
            EnterService = o.OptionalObject("enterService", EnterService),
        };
        if (!o.Faults.Any && Fault(function) is var (error, member, detail))
        {
            o.Fail(error, member, detail);
        }

        return function;
    }

    /// <summary>What is wrong with a function as a whole; null: nothing.</summary>
    public static (ErrorClass Error, string Member, string Detail)? Fault(FunctionSetting f)
    {
        var name = EnumNames<FunctionKind>.GetName(f.Kind);
        var needed = Needed(f.Kind);
        foreach (var (member, there) in new[] { ("curve", f.Curve is not null), ("value", f.Value is not null), ("droop", f.Droop is not null), ("enterService", f.EnterService is not null) })
        {
            if (there != (member == needed))
            {
                return (ErrorClass.SchemaInvalid, member, there ? $"does not belong to {name}, which is set by {needed}" : $"required: {name} is set by it");
            }
        }

        return f switch
        {
            { Curve.Count: 0 } => (ErrorClass.SchemaInvalid, "curve", "a curve has at least one point"),
            { Curve: { } curve } when !Ascends(curve, IsRideThrough(f.Kind)) => (ErrorClass.SemanticOrder, "curve", "points must ascend in x"),
            { Kind: FunctionKind.FixedPowerFactorAbsorb or FunctionKind.FixedPowerFactorInject, OverExcited: null } =>
                (ErrorClass.SchemaInvalid, "overExcited", "required: says whether reactive power is supplied or absorbed"),
            { Kind: FunctionKind.FixedPowerFactorAbsorb or FunctionKind.FixedPowerFactorInject, Value: < 0 or > 1 } =>
                (ErrorClass.SemanticNumber, "value", "a power factor is within 0 to 1; overExcited says which way"),
            { Kind: FunctionKind.WattPowerFactor, Curve: { } factors } when factors.Any(k => k.Y is < 0 or > 1 || k.OverExcited is null) =>
                (ErrorClass.SemanticNumber, "curve", "each y is a power factor within 0 to 1, with overExcited"),
            { Droop: { SlopeOver: <= 0 } or { SlopeUnder: <= 0 } } => (ErrorClass.SemanticNumber, "droop", "slopes are greater than 0"),
            _ => null,
        };
    }

    private static string Needed(FunctionKind kind) => kind switch
    {
        FunctionKind.FixedPowerFactorAbsorb or FunctionKind.FixedPowerFactorInject or FunctionKind.FixedVar or FunctionKind.TargetVar => "value",
        FunctionKind.FrequencyDroop => "droop",
        FunctionKind.EnterService => "enterService",
        _ => "curve",
    };

    private static bool IsRideThrough(FunctionKind kind) => kind is >= FunctionKind.HighVoltageMayTrip and <= FunctionKind.LowFrequencyMustTrip;

    // A ride-through curve may step: two points at the same time.
    private static bool Ascends(IReadOnlyList<CurveKnot> curve, bool steps) => curve.Zip(curve.Skip(1)).All(p => p.Second.X > p.First.X || (steps && p.Second.X == p.First.X));

    private static CurveKnot Knot(ObjectReader o)
    {
        o.RefuseUnknown("x", "y", "overExcited");
        return new CurveKnot(o.Decimal("x", -Widest, Widest, Decimals), o.Decimal("y", -Widest, Widest, Decimals), o.OptionalBoolean("overExcited"));
    }

    private static FrequencyDroop Droop(ObjectReader o)
    {
        o.RefuseUnknown("deadbandOverHz", "deadbandUnderHz", "slopeOver", "slopeUnder");
        return new FrequencyDroop(
            o.Decimal("deadbandOverHz", 0, 100, Decimals), o.Decimal("deadbandUnderHz", 0, 100, Decimals), o.Decimal("slopeOver", 0, 10, Decimals), o.Decimal("slopeUnder", 0, 10, Decimals));
    }

    private static EnterService EnterService(ObjectReader o)
    {
        o.RefuseUnknown("delayS", "randomDelayS", "rampS", "lowVoltagePercent", "highVoltagePercent", "lowHz", "highHz");
        return new EnterService
        {
            DelayS = Seconds(o, "delayS"),
            RandomDelayS = Seconds(o, "randomDelayS"),
            RampS = Seconds(o, "rampS"),
            LowVoltagePercent = Percent(o, "lowVoltagePercent"),
            HighVoltagePercent = Percent(o, "highVoltagePercent"),
            LowHz = o.OptionalDecimal("lowHz", 0, 1000, Decimals),
            HighHz = o.OptionalDecimal("highHz", 0, 1000, Decimals),
        };
    }

    private static decimal? Seconds(ObjectReader o, string member) => o.OptionalDecimal(member, 0, LongestS, Decimals);

    private static decimal? Percent(ObjectReader o, string member) => o.OptionalDecimal(member, 0, 100_000, Decimals);
}
