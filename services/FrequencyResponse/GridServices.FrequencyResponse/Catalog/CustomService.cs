using System.Collections.Frozen;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Curves;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>A service that a person defines: corners, a trigger, a droop with its own parameters, a signal, or instructions.</summary>
/// <remarks>
/// <code>
/// {"id":"FREQ-WATT-7","nominalHz":60,"curve":[[59.5,1],[59.9,0],[60.1,0],[60.5,-1]],"numbers":{"fullActivationSeconds":1}}
/// {"id":"RELAY-3","nominalHz":50,"triggerHz":49.6,"direction":"raise","numbers":{"durationSeconds":900}}
/// {"id":"PROG4-DROOP","nominalHz":60,"droop":{"kind":"ieee1547","deadbandUnderHz":0.03,"deadbandOverHz":0.03,"droopUnder":0.04,"droopOver":0.04}}
/// {"id":"AFRR-X","nominalHz":50,"kind":"signal","direction":"both","numbers":{"signalPeriodSeconds":4}}
/// {"id":"RESERVE-Y","nominalHz":50,"kind":"instruction","direction":"raise","numbers":{"fullActivationSeconds":60,"maxActivationSeconds":900,"recoverySeconds":180}}
/// </code>
/// opModFreqDroop of IEEE 2030.5 is kind <c>ieee1547</c>; opModFreqWatt is a curve.
/// </remarks>
public static class CustomService
{
    private const int MaxBytes = 64 * 1024;
    private const int MaxNumbers = 64;
    private const double Plausible = 5;
    private const string By = "stated by the operator";

    private static readonly string[] Shapes = ["curve", "triggerHz", "droop", "kind"];
    private static readonly string[] Known = ["id", "name", "nominalHz", "direction", "curve", "triggerHz", "droop", "kind", "numbers", "note"];

    /// <summary>Reads a definition; a fault names its JSON pointer.</summary>
    public static ReadOutcome<ServiceDefinition> Read(ReadOnlyMemory<byte> json) => CatalogJson.Open(json, MaxBytes, Definition);

    private static ServiceDefinition Definition(JsonMember root)
    {
        root.AsObject(Known);
        var id = root.Required("id", "a name of its own").Text();
        if (!Identifiers.IsSafe(id))
        {
            throw root.Fault(ErrorClass.SemanticId, "id", "an identifier has 1 to 128 of A-Z a-z 0-9 . _ : ~ - and begins with a letter, digit or _");
        }

        var nominal = root.Required("nominalHz", "50 or 60").Double(50, 60, "the nominal frequency");
        if (nominal is not (50 or 60))
        {
            throw root.Fault(ErrorClass.SemanticNumber, "nominalHz", "50 or 60");
        }

        var numbers = Numbers(root);
        var shape = Shape(root, nominal, numbers, out var direction);
        return new ServiceDefinition
        {
            Id = id,
            Name = ReadPlainText(root, "name") ?? id,
            NominalHz = nominal,
            Direction = direction,
            Kind = shape is NoCurve ? ReadKind(root) : shape is TriggerShape ? ServiceKind.Switched : ServiceKind.Continuous,
            Shape = shape,
            Settlement = shape is TriggerShape ? SettlementRule.StaticHold : SettlementRule.None,
            Numbers = numbers.ToFrozenDictionary(StringComparer.Ordinal),
            Note = ReadPlainText(root, "note"),
        }.Drawn();
    }

    private static ResponseShape Shape(JsonMember root, double nominal, Dictionary<string, SourcedNumber> numbers, out ResponseDirection direction)
    {
        if (Shapes.Count(root.Has) != 1)
        {
            throw root.Fault(ErrorClass.SchemaInvalid, null, "give one of curve, triggerHz, droop and kind");
        }

        if (root.Member("curve") is { } curve)
        {
            var knots = Falling(curve, curve.Corners(nominal - Plausible, nominal + Plausible, 2));
            var (raises, lowers) = (knots.Any(k => k.Pu > 0), knots.Any(k => k.Pu < 0));
            direction = raises && lowers ? ResponseDirection.Both : lowers ? ResponseDirection.Lower : ResponseDirection.Raise;
            return new KnotShape(knots.ToValueList(), Certainty.Configured, By);
        }

        if (root.Member("droop") is { } droop)
        {
            direction = ResponseDirection.Both;
            return Droop(droop, nominal, numbers);
        }

        if (root.Has("kind"))
        {
            direction = ReadDirection(root, numbers);
            return new NoCurve(ReadKind(root) == ServiceKind.Signal ? "it follows a signal, not the frequency" : "it is delivered by instruction, not by frequency");
        }

        direction = root.Member("direction")?.Text() switch
        {
            "raise" => ResponseDirection.Raise,
            "lower" => ResponseDirection.Lower,
            _ => throw root.Fault(ErrorClass.SchemaInvalid, "direction", "a trigger raises or lowers the frequency: write raise or lower"),
        };
        numbers[NumberNames.TriggerHz] = Stated(root.Member("triggerHz")!.Double(nominal - Plausible, nominal + Plausible, "the trigger in Hz"));
        return new TriggerShape();
    }

    private static ServiceKind ReadKind(JsonMember root) => root.Member("kind")?.Text() switch
    {
        "signal" => ServiceKind.Signal,
        "instruction" => ServiceKind.Instruction,
        _ => throw root.Fault(ErrorClass.SemanticCode, "kind", "signal or instruction; a service by frequency states curve, triggerHz or droop instead"),
    };

    /// <summary>A signal or an instruction: which way it may go, and what its numbers must leave possible.</summary>
    private static ResponseDirection ReadDirection(JsonMember root, Dictionary<string, SourcedNumber> numbers)
    {
        if (ReadKind(root) == ServiceKind.Signal && numbers.TryGetValue(NumberNames.SignalPeriodSeconds, out var period) && period.Value is < 0.1 or > 60)
        {
            throw root.Fault(ErrorClass.SemanticNumber, "numbers/signalPeriodSeconds", "0.1 to 60 s");
        }

        if (numbers.TryGetValue(NumberNames.MinActivationSeconds, out var least) && numbers.TryGetValue(NumberNames.MaxActivationSeconds, out var most) && least.Value > most.Value)
        {
            throw root.Fault(ErrorClass.SemanticNumber, "numbers/minActivationSeconds", "must not be longer than maxActivationSeconds");
        }

        if (numbers.TryGetValue(NumberNames.RampSeconds, out var ramp) && numbers.TryGetValue(NumberNames.FullActivationSeconds, out var full) && ramp.Value > full.Value)
        {
            throw root.Fault(ErrorClass.SemanticNumber, "numbers/rampSeconds", "must not be longer than fullActivationSeconds: the whole quantity would come too late");
        }

        return root.Member("direction")?.Text() switch
        {
            "raise" => ResponseDirection.Raise,
            "lower" => ResponseDirection.Lower,
            "both" => ResponseDirection.Both,
            _ => throw root.Fault(ErrorClass.SchemaInvalid, "direction", "raise, lower or both"),
        };
    }

    private static DroopShape Droop(JsonMember droop, double nominal, Dictionary<string, SourcedNumber> numbers)
    {
        var kind = droop.Required("kind", "plain, lessDeadband or ieee1547").Text() switch
        {
            "plain" => DroopKind.Plain,
            "lessDeadband" => DroopKind.LessDeadband,
            "ieee1547" => DroopKind.Ieee1547,
            _ => throw droop.Fault(ErrorClass.SemanticCode, "kind", "plain, lessDeadband (BAL-001-TRE) or ieee1547 (also IEEE 2030.5 opModFreqDroop)"),
        };
        string[] wanted = kind == DroopKind.Ieee1547
            ? [NumberNames.DeadbandUnderHz, NumberNames.DeadbandOverHz, NumberNames.DroopUnder, NumberNames.DroopOver]
            : [NumberNames.DeadbandHz, NumberNames.Droop];
        droop.AsObject(["kind", .. wanted]);
        foreach (var name in wanted)
        {
            var isDroop = name.StartsWith(NumberNames.Droop, StringComparison.Ordinal);
            numbers[name] = Stated(droop.Required(name, isDroop ? "share of nominal" : "Hz from nominal").Double(
                isDroop ? 0.001 : 0, isDroop ? 1 : Plausible, isDroop ? "share of nominal for full power" : "half-width of the dead band in Hz"));
        }

        // BAL-001-TRE divides by nominal × droop − dead band: without a remainder there is no line.
        return kind == DroopKind.LessDeadband && nominal * numbers[NumberNames.Droop].Value <= numbers[NumberNames.DeadbandHz].Value
            ? throw droop.Fault(ErrorClass.SemanticNumber, NumberNames.DeadbandHz, "the dead band must be narrower than nominal × droop")
            : new DroopShape(kind);
    }

    /// <summary>A response that rises with the frequency would push it away: a sign mistake, refused.</summary>
    private static Knot[] Falling(JsonMember curve, Knot[] knots)
    {
        for (var i = 1; i < knots.Length; i++)
        {
            if (knots[i].Pu > knots[i - 1].Pu)
            {
                throw new WireFormatException(
                    ErrorClass.SemanticOrder, $"{curve.Pointer}/{i}", "the response rises with the frequency, which would push it further away; + raises the frequency, check the signs");
            }
        }

        return knots;
    }

    private static Dictionary<string, SourcedNumber> Numbers(JsonMember root)
    {
        var numbers = new Dictionary<string, SourcedNumber>(StringComparer.Ordinal);
        foreach (var (name, value) in root.Member("numbers")?.Members(1, MaxNumbers) ?? [])
        {
            numbers[name] = NumberNames.All.Contains(name)
                ? Stated(value.Double(0, 1e12, name))
                : throw new WireFormatException(ErrorClass.SemanticCode, value.Pointer, $"no such number; known are {string.Join(", ", NumberNames.All.Order(StringComparer.Ordinal))}");
        }

        return numbers;
    }

    private static string? ReadPlainText(JsonMember root, string member)
    {
        var text = root.Member(member)?.Text();
        return text is null || Identifiers.IsPlainText(text, 256)
            ? text
            : throw root.Fault(ErrorClass.SemanticText, member, "1 to 256 characters, none of them a control character");
    }

    private static SourcedNumber Stated(double value) => new(value, Certainty.Configured, By);
}
