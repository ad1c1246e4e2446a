using System.Collections.Frozen;
using System.Globalization;
using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;

namespace GridServices.OpenAdr.Codec;

/// <summary>emix:itemBase: the quantity, its unit and its scale.</summary>
internal static class ItemXml
{
    private static readonly Terms<SiScale> Scales = new(
        ("p", SiScale.Pico), ("n", SiScale.Nano), ("micro", SiScale.Micro), ("m", SiScale.Milli), ("c", SiScale.Centi), ("d", SiScale.Deci),
        ("none", SiScale.None), ("k", SiScale.Kilo), ("M", SiScale.Mega), ("G", SiScale.Giga), ("T", SiScale.Tera));

    private static readonly FrozenDictionary<ItemKind, XName> Names = new Dictionary<ItemKind, XName>
    {
        [ItemKind.CustomUnit] = Oadr + "customUnit",
        [ItemKind.Current] = Oadr + "current",
        [ItemKind.Currency] = Oadr + "currency",
        [ItemKind.CurrencyPerKWh] = Oadr + "currencyPerKWh",
        [ItemKind.CurrencyPerKW] = Oadr + "currencyPerKW",
        [ItemKind.CurrencyPerThm] = Oadr + "currencyPerThm",
        [ItemKind.Frequency] = Oadr + "frequency",
        [ItemKind.Therm] = Oadr + "Therm",
        [ItemKind.Temperature] = Oadr + "temperature",
        [ItemKind.PulseCount] = Oadr + "pulseCount",
        [ItemKind.Voltage] = Power + "voltage",
        [ItemKind.EnergyApparent] = Power + "energyApparent",
        [ItemKind.EnergyReactive] = Power + "energyReactive",
        [ItemKind.EnergyReal] = Power + "energyReal",
        [ItemKind.PowerApparent] = Power + "powerApparent",
        [ItemKind.PowerReactive] = Power + "powerReactive",
        [ItemKind.PowerReal] = Power + "powerReal",
        [ItemKind.GreenButton] = Oadr + "oadrGBDataDescription",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, (XName Name, ItemKind Kind)> Kinds =
        Names.ToFrozenDictionary(p => p.Value.LocalName, p => (p.Value, p.Key), StringComparer.Ordinal);

    public static string ScaleText(SiScale scale) => Scales.Format(scale);

    public static string GetName(ItemKind kind) => Names[kind].LocalName;

    /// <summary>The item among the children, whatever its element is called.</summary>
    public static ItemBase? ReadOrNull(ReceivedElement parent)
    {
        ItemBase? item = null;
        foreach (var child in parent.Children)
        {
            if (Kinds.TryGetValue(child.Name, out var known) && child.Is(known.Name))
            {
                item = item is null ? Read(child, known.Kind) : throw child.Refuse(ErrorClass.SchemaInvalid, "one unit may stand here, not two");
            }
            else if (Kinds.ContainsKey(child.Name) || child.Children.Any(c => c.Name is "itemUnits" or "siScaleCode"))
            {
                // A unit that is stated and not understood must not be taken for the one that is agreed on where none is stated.
                throw child.Refuse(ErrorClass.Unit, $"'{child.Name}' of namespace {SafeText.Quote(child.Namespace)} is no unit that is understood here");
            }
        }

        return item;
    }

    public static XElement? WriteOrNull(ItemBase? item) => item is null ? null : item.Kind == ItemKind.GreenButton
        ? new XElement(Names[item.Kind], FeedXml.Write(item.GreenButtonFeed ?? string.Empty))
        : new XElement(Names[item.Kind],
            new XElement(Local(item.Kind, "itemDescription"), item.Description),
            new XElement(Local(item.Kind, "itemUnits"), item.Units),
            item.Scale is { } scale ? new XElement(Scale + "siScaleCode", Scales.Format(scale)) : null,
            item.PulseFactor is { } factor ? new XElement(Oadr + "pulseFactor", NumberText.Format(factor)) : null,
            item.PowerAttributes is { } a ? Write(a) : null);

    private static ItemBase Read(ReceivedElement e, ItemKind kind)
    {
        if (kind == ItemKind.GreenButton)
        {
            return new ItemBase { Kind = kind, GreenButtonFeed = FeedXml.Read(e) };
        }

        var isPower = kind is ItemKind.PowerReal or ItemKind.PowerApparent or ItemKind.PowerReactive;
        return new ItemBase
        {
            Kind = kind,
            Description = e.Text(Local(kind, "itemDescription")),
            Units = ReadUnits(e.Child(Local(kind, "itemUnits")), kind),
            Scale = kind == ItemKind.PulseCount ? null : e.Term(Scale + "siScaleCode", Scales, ErrorClass.Unit),
            PowerAttributes = isPower ? ReadAttributes(e.Child(Power + "powerAttributes")) : null,
            PulseFactor = kind == ItemKind.PulseCount ? e.Number(Oadr + "pulseFactor") : null,
        };
    }

    /// <summary>The element fixes its unit; another text there would be misread by the factor between the two.</summary>
    private static string ReadUnits(ReceivedElement e, ItemKind kind)
    {
        var text = e.Trimmed();
        var right = kind switch
        {
            ItemKind.CustomUnit => text.Length > 0,
            ItemKind.Currency or ItemKind.CurrencyPerKW or ItemKind.CurrencyPerKWh or ItemKind.CurrencyPerThm =>
                text.Length == 3 && text.All(char.IsAsciiLetterUpper),
            ItemKind.Temperature => text is "celsius" or "fahrenheit",
            ItemKind.PowerReal => text is "W" or "J/s",
            _ => string.Equals(text, Unit(kind), StringComparison.Ordinal),
        };
        return right ? text : throw e.Refuse(ErrorClass.Unit, $"{SafeText.Quote(text)} is not the unit of {e.Parent?.Name}");
    }

    private static string Unit(ItemKind kind) => kind switch
    {
        ItemKind.Current => "A",
        ItemKind.Frequency => "Hz",
        ItemKind.Therm => "thm",
        ItemKind.PulseCount => "count",
        ItemKind.Voltage => "V",
        ItemKind.EnergyApparent => "VAh",
        ItemKind.EnergyReactive => "VARh",
        ItemKind.EnergyReal => "Wh",
        ItemKind.PowerApparent => "VA",
        ItemKind.PowerReactive => "VAR",
        _ => "W",
    };

    private static XName Local(ItemKind kind, string name) => Names[kind].Namespace + name;

    private static PowerAttributes ReadAttributes(ReceivedElement e) =>
        new(e.Decimal(Power + "hertz"), e.Decimal(Power + "voltage"), e.Flag(Power + "ac"));

    private static XElement Write(PowerAttributes a) =>
        new(Power + "powerAttributes",
            new XElement(Power + "hertz", a.Hertz.ToString(CultureInfo.InvariantCulture)),
            new XElement(Power + "voltage", a.Voltage.ToString(CultureInfo.InvariantCulture)),
            new XElement(Power + "ac", a.Ac));
}
