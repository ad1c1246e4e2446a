using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using GridServices.Simulators.DerServer.Resources;

namespace GridServices.Simulators.DerServer.Model;

/// <summary>What a control says: numbers by element name. Powers in watts, opModFixedW, opModFixedVar and opModMaxLimW in per cent, rampTms
/// in seconds, booleans as 1 and 0; power factors positive where over-excited; of modes with a curve the number of the curve.</summary>
public sealed record SimModes(IReadOnlyDictionary<string, decimal> Values)
{
    private static readonly string[] Flags = ["opModConnect", "opModEnergize"];
    private static readonly string[] Percents = ["opModFixedW", "opModMaxLimW"];
    private static readonly string[] Extensions = ["opModImpLimW", "opModExpLimW", "opModGenLimW", "opModLoadLimW", "opModStorageTargetW"];

    private static readonly string[] Factors = ["opModFixedPFAbsorbW", "opModFixedPFInjectW"];

    private static readonly string[] CurvesBeforeLimit =
    [
        "opModFreqWatt", "opModHFRTMayTrip", "opModHFRTMustTrip", "opModHVRTMayTrip", "opModHVRTMomentaryCessation", "opModHVRTMustTrip",
        "opModLFRTMayTrip", "opModLFRTMustTrip", "opModLVRTMayTrip", "opModLVRTMomentaryCessation", "opModLVRTMustTrip",
    ];

    private static readonly string[] CurvesAfterTarget = ["opModVoltVar", "opModVoltWatt", "opModWattPF", "opModWattVar"];

    private static readonly FrozenSet<string> Known = FrozenSet.Create(StringComparer.Ordinal,
        [.. Flags, .. Factors, "opModFixedVar", .. Percents, .. CurvesBeforeLimit, "opModTargetVar", "opModTargetW", .. CurvesAfterTarget, "rampTms", .. Extensions]);

    /// <summary>Power of ten of the powers; null = the least that fits.</summary>
    public int? Multiplier { get; init; }

    public static SimModes None { get; } = new(FrozenDictionary<string, decimal>.Empty);

    public static SimModes Create(params (string Mode, decimal Value)[] modes) => new(modes.ToDictionary(m => m.Mode, m => m.Value, StringComparer.Ordinal));

    /// <summary>Reads <c>{"opModExpLimW": 5000, "opModConnect": false, "multiplier": 1}</c>.</summary>
    /// <exception cref="SimException">A mode is unknown or no number.</exception>
    public static SimModes Read(JsonElement json)
    {
        var values = new Dictionary<string, decimal>(StringComparer.Ordinal);
        int? multiplier = null;
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name is "multiplier")
            {
                multiplier = property.Value.GetInt32();
                continue;
            }

            values[property.Name] = !Known.Contains(property.Name) ? throw new SimException($"\"{property.Name}\" is no mode; there are {string.Join(", ", Known.Order(StringComparer.Ordinal))}.")
                : property.Value.ValueKind switch
                {
                    JsonValueKind.True => 1,
                    JsonValueKind.False => 0,
                    JsonValueKind.Number => property.Value.GetDecimal(),
                    _ => throw new SimException($"\"{property.Name}\" wants a number or a truth value."),
                };
        }

        return new SimModes(values) { Multiplier = multiplier };
    }

    /// <summary>True where both say something about one mode.</summary>
    public bool Overlaps(SimModes other) => Values.Keys.Any(other.Values.ContainsKey);

    /// <summary>DERControlBase, in the order of the schema.</summary>
    /// <param name="xml">The dialect.</param>
    /// <param name="program">Address of the program, under which its curves are.</param>
    public XElement Xml(SepXml xml, string program) =>
        SepXml.El("DERControlBase",
            Value("opModConnect", v => v != 0),
            Value("opModEnergize", v => v != 0),
            Factors.Where(Values.ContainsKey).Select(f => Factor(f, Values[f])),
            Values.TryGetValue("opModFixedVar", out var fixedVar) ? SepXml.El("opModFixedVar", SepXml.El("refType", 2), SepXml.El("value", (int)decimal.Round(fixedVar * 100))) : null,
            Value("opModFixedW", v => (int)decimal.Round(v * 100)),
            Curves(CurvesBeforeLimit, program),
            Value("opModMaxLimW", v => (int)decimal.Round(v * 100)),
            Values.TryGetValue("opModTargetVar", out var reactive) ? SepXml.El("opModTargetVar", Power(reactive)) : null,
            Values.TryGetValue("opModTargetW", out var target) ? SepXml.El("opModTargetW", Power(target)) : null,
            Curves(CurvesAfterTarget, program),
            Value("rampTms", v => (int)decimal.Round(v * 100)),
            Extensions.Where(Values.ContainsKey).Select(e => xml.Ext(e, Power(Values[e]))));

    public override string ToString() => Values.Count == 0
        ? "nothing"
        : string.Join(", ", Values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key} {(Flags.Contains(v.Key, StringComparer.Ordinal) ? v.Value != 0 : v.Value)}")));

    private IEnumerable<XElement> Curves(string[] modes, string program) => modes.Where(Values.ContainsKey)
        .Select(m => SepXml.El(m, SepXml.At("href", string.Create(CultureInfo.InvariantCulture, $"{program}/dc/{Values[m]:0}"))));

    private static XElement Factor(string name, decimal factor) =>
        SepXml.El(name, SepXml.El("displacement", (int)decimal.Round(Math.Abs(factor) * 1000)), SepXml.El("excitation", factor < 0), SepXml.El("multiplier", -3));

    private XElement? Value(string name, Func<decimal, object> text) => Values.TryGetValue(name, out var value) ? SepXml.El(name, text(value)) : null;

    private object[] Power(decimal watts)
    {
        var multiplier = Multiplier ?? 0;
        var value = watts;
        for (var i = 0; i < multiplier; i++)
        {
            value /= 10;
        }

        for (; Multiplier is null && Math.Abs(value) > short.MaxValue; multiplier++)
        {
            value /= 10;
        }

        return [SepXml.El("multiplier", multiplier), SepXml.El("value", (long)decimal.Round(value))];
    }
}
