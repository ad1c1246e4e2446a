using System.Collections.Frozen;
using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;

namespace GridServices.OpenAdr.Codec;

/// <summary>Signals and baselines of an event, and their intervals.</summary>
internal static class SignalXml
{
    private static readonly FrozenSet<string> Names = SignalNames.All.Append("simple").ToFrozenSet(StringComparer.Ordinal);

    private static readonly Terms<SignalType> Types = new(
        ("delta", SignalType.Delta), ("level", SignalType.Level), ("multiplier", SignalType.Multiplier), ("price", SignalType.Price),
        ("priceMultiplier", SignalType.PriceMultiplier), ("priceRelative", SignalType.PriceRelative), ("setpoint", SignalType.Setpoint),
        ("x-loadControlCapacity", SignalType.LoadControlCapacity), ("x-loadControlLevelOffset", SignalType.LoadControlLevelOffset),
        ("x-loadControlPercentOffset", SignalType.LoadControlPercentOffset), ("x-loadControlSetpoint", SignalType.LoadControlSetpoint));

    public static string TypeText(SignalType type) => Types.Format(type);

    public static EventSignal Read(ReceivedElement e) => new()
    {
        // OpenADR 2.0b rule 109: what is not supported is answered 460, names outside the schema too.
        SignalName = Canonical(e.OpenTerm(Ei + "signalName", Names, ErrorClass.UnsupportedSignal)),
        SignalType = e.Term(Ei + "signalType", Types, ErrorClass.UnsupportedSignal),
        SignalId = e.Id(Ei + "signalID"),
        Intervals = e.Child(Strm + "intervals").Some(Ei + "interval", ReadInterval),
        Target = TargetXml.ReadOrNull(e.ChildOrNull(Ei + "eiTarget")),
        ItemBase = ItemXml.ReadOrNull(e),
        CurrentValue = ReadCurrentValue(e),
    };

    // It informs only; one that can't be read costs nothing.
    private static double? ReadCurrentValue(ReceivedElement e)
    {
        try
        {
            return e.FilledOrNull(Ei + "currentValue")?.Child(Ei + "payloadFloat").Number(Ei + "value");
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    public static XElement Write(EventSignal s) =>
        new(Ei + "eiEventSignal",
            new XElement(Strm + "intervals", s.Intervals.Select(Write)),
            TargetXml.WriteOrNull(Ei + "eiTarget", s.Target),
            new XElement(Ei + "signalName", s.SignalName),
            new XElement(Ei + "signalType", Types.Format(s.SignalType)),
            new XElement(Ei + "signalID", s.SignalId),
            ItemXml.WriteOrNull(s.ItemBase),
            s.CurrentValue is { } value ? new XElement(Ei + "currentValue", Float(value)) : null);

    public static EventBaseline ReadBaseline(ReceivedElement e) => new()
    {
        Start = e.Start(),
        Duration = e.Definite(Xcal + "duration"),
        Intervals = e.Child(Strm + "intervals").Some(Ei + "interval", ReadInterval),
        BaselineId = e.Id(Ei + "baselineID"),
        ResourceIds = e.Any(Ei + "resourceID", r => r.AsId()),
        BaselineName = e.Text(Ei + "baselineName"),
        ItemBase = ItemXml.ReadOrNull(e),
    };

    public static XElement Write(EventBaseline b) =>
        new(Ei + "eiEventBaseline",
            CalendarXml.Start(b.Start),
            CalendarXml.Duration(Xcal + "duration", b.Duration),
            new XElement(Strm + "intervals", b.Intervals.Select(Write)),
            new XElement(Ei + "baselineID", b.BaselineId),
            b.ResourceIds.Select(r => new XElement(Ei + "resourceID", r)),
            new XElement(Ei + "baselineName", b.BaselineName),
            ItemXml.WriteOrNull(b.ItemBase));

    public static XElement Float(double value) => new(Ei + "payloadFloat", new XElement(Ei + "value", NumberText.Format(value)));

    private static string Canonical(string name) => string.Equals(name, "simple", StringComparison.Ordinal) ? SignalNames.Simple : name;

    // The schema allows several payloads in an interval, the profile gives a meaning to one.
    private static SignalInterval ReadInterval(ReceivedElement e) =>
        new(e.StartOrNull(),
            e.DefiniteOrNull(Xcal + "duration"),
            e.UidOrNull(),
            e.Child(Ei + "signalPayload").Child(Ei + "payloadFloat").Number(Ei + "value"));

    private static XElement Write(SignalInterval i) =>
        new(Ei + "interval",
            CalendarXml.StartOrNull(i.Start),
            CalendarXml.DurationOrNull(Xcal + "duration", i.Duration),
            CalendarXml.UidOrNull(i.Uid),
            new XElement(Ei + "signalPayload", Float(i.Value)));
}
