using System.Collections.Frozen;
using GridServices.FrequencyResponse.Curves;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>The words that the catalog's tables are written in.</summary>
internal static class Row
{
    private const string AgeReason = "age of the sample is a share of the time to full response that the rule leaves";
    private const string SignalReason = "two signals may be lost on the way before the signal counts as lost";
    private const string StepReason = "a step well inside the rule's dead band or accuracy; coarser meters turn the curve into stairs";

    public static KeyValuePair<string, SourcedNumber> Primary(string name, double value, string source) => Create(name, value, Certainty.Primary, source);

    public static KeyValuePair<string, SourcedNumber> Secondary(string name, double value, string source) => Create(name, value, Certainty.Secondary, source);

    public static KeyValuePair<string, SourcedNumber> Recalled(string name, double value, string source) => Create(name, value, Certainty.Recalled, source);

    public static KeyValuePair<string, SourcedNumber> Design(string name, double value, string reason) => Create(name, value, Certainty.Design, reason);

    public static KeyValuePair<string, SourcedNumber> SampleAge(double seconds) => Design(NumberNames.SampleAgeLimitSeconds, seconds, AgeReason);

    public static KeyValuePair<string, SourcedNumber> Step(double hz) => Design(NumberNames.ResolutionHz, hz, StepReason);

    /// <summary>A service that is delivered by instruction.</summary>
    public static ServiceDefinition Instructed(string id, string name, double nominal, ResponseDirection direction, string note, params KeyValuePair<string, SourcedNumber>[] numbers) => new()
    {
        Id = id,
        Name = name,
        NominalHz = nominal,
        Direction = direction,
        Kind = ServiceKind.Instruction,
        Shape = new NoCurve("it is delivered by instruction, not by frequency"),
        Numbers = Numbers(numbers),
        Note = note,
    };

    /// <summary>A service that follows a signal sent every few seconds.</summary>
    public static ServiceDefinition Signalled(
        string id, string name, double nominal, ResponseDirection direction, double period, string source, string note, params KeyValuePair<string, SourcedNumber>[] more) => new()
        {
            Id = id,
            Name = name,
            NominalHz = nominal,
            Direction = direction,
            Kind = ServiceKind.Signal,
            Shape = new NoCurve("it follows the operator's signal, not the frequency"),
            Numbers = Numbers([Recalled(NumberNames.SignalPeriodSeconds, period, source), Design(NumberNames.SampleAgeLimitSeconds, Math.Max(10, 3 * period), SignalReason), .. more]),
            Note = note,
        };

    public static FrozenDictionary<string, SourcedNumber> Numbers(params IEnumerable<KeyValuePair<string, SourcedNumber>> rows) =>
        rows.ToFrozenDictionary(StringComparer.Ordinal);

    public static KnotShape Through(Certainty certainty, string source, params ReadOnlySpan<(double Hz, double Pu)> corners)
    {
        var knots = new Knot[corners.Length];
        for (var i = 0; i < corners.Length; i++)
        {
            knots[i] = new Knot(corners[i].Hz, corners[i].Pu);
        }

        return new KnotShape(knots.ToValueList(), certainty, source);
    }

    private static KeyValuePair<string, SourcedNumber> Create(string name, double value, Certainty certainty, string source) =>
        new(name, new SourcedNumber(value, certainty, source));
}
