using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>What the readings of a Green Button channel are (ESPI ReadingType). Only what is certain to be energy, or mean power, per interval is read.</summary>
internal sealed record GreenButtonType(IntervalUnit Unit, bool Reactive, decimal Factor, MeterChannel Channel, Duration? Step, bool IsRegister, string? Accumulation)
{
    public static GreenButtonType Parse(ReceivedElement type)
    {
        if (GreenButton.Text(type, "commodity") is { } commodity && commodity is not ("0" or "1" or "2"))
        {
            throw No(type, ErrorClass.SemanticCode, "commodity", commodity, "1 and 2 (electricity, secondary and primary metered) are");
        }

        var power = GreenButton.ReadInteger(type, "powerOfTenMultiplier", 0);
        if (power is < -12 or > 12)
        {
            throw new WireFormatException(ErrorClass.SemanticNumber, $"{type.Path}/powerOfTenMultiplier", "the multiplier is between -12 and 12");
        }

        var (unit, reactive) = GreenButton.Text(type, "uom") switch
        {
            "72" => (IntervalUnit.Kwh, false),
            "38" => (IntervalUnit.Kw, false),
            "73" => (IntervalUnit.Kwh, true),
            "63" => (IntervalUnit.Kw, true),
            var uom => throw No(type, ErrorClass.Unit, "uom", uom ?? "(none)", "72 (Wh), 38 (W), 73 (VArh) and 63 (VAr) are"),
        };
        Kind(type, unit);
        var accumulation = GreenButton.Text(type, "accumulationBehaviour");
        var scale = power < 0 ? 1 / ExactDecimal.Power((int)-power) : ExactDecimal.Power((int)power);
        return new GreenButtonType(
            unit, reactive, scale / 1000, Direction(type, reactive), GreenButton.ReadInteger(type, "intervalLength", 0) is > 0 and var seconds ? Duration.FromSeconds(seconds) : null,
            Register(type, accumulation, unit), accumulation);
    }

    /// <summary>ESPI AccumulationKind: 0 none and 4 deltaData are amounts of the interval; 1 bulkQuantity, 2 continuousCumulative, 3 cumulative and 9 summation are registers.</summary>
    private static bool Register(ReceivedElement type, string? accumulation, IntervalUnit unit) => (accumulation, unit) switch
    {
        (null or "0" or "4", _) => false,
        ("1" or "2" or "3" or "9", IntervalUnit.Kwh) => true,
        _ => throw No(type, ErrorClass.SemanticCode, "accumulationBehaviour", accumulation!, unit == IntervalUnit.Kwh
            ? "for energy 4 (deltaData) and the registers 1, 2, 3 and 9 are"
            : "for power 0 and 4 are: an instantaneous or cumulated demand is not the mean of its interval"),
    };

    /// <summary>ESPI MeasurementKind (12 energy, 8 demand, 37 power) and DataQualifierKind (0, 12 normal, 2 average): a maximum or minimum is no mean.</summary>
    private static void Kind(ReceivedElement type, IntervalUnit unit)
    {
        if (GreenButton.Text(type, "kind") is { } kind && !(kind == "0" || (unit == IntervalUnit.Kwh ? kind == "12" : kind is "8" or "37")))
        {
            throw No(type, ErrorClass.SemanticCode, "kind", kind, "with this uom " + (unit == IntervalUnit.Kwh ? "12 (energy) is" : "8 (demand) and 37 (power) are"));
        }

        if (GreenButton.Text(type, "dataQualifier") is { } qualifier && qualifier is not ("0" or "2" or "12"))
        {
            throw No(type, ErrorClass.SemanticCode, "dataQualifier", qualifier, "0, 2 (average) and 12 (normal) are");
        }
    }

    /// <summary>ESPI FlowDirectionKind: 1 forward, 19 reverse, 4 net. A total (20) adds import and export up; quadrant sums are not import.</summary>
    private static MeterChannel Direction(ReceivedElement type, bool reactive) => GreenButton.Text(type, "flowDirection") switch
    {
        null or "0" or "1" => MeterChannel.Import,
        "19" => MeterChannel.Export,
        "4" => MeterChannel.Net,
        _ when reactive => MeterChannel.Net,
        var other => throw No(type, ErrorClass.SemanticCode, "flowDirection", other, "1 (forward), 19 (reverse) and 4 (net) are"),
    };

    private static WireFormatException No(ReceivedElement type, ErrorClass error, string member, string written, string known) =>
        new(error, $"{type.Path}/{member}", $"{member} {SafeText.Quote(written, 20)} is not read; {known}");
}
