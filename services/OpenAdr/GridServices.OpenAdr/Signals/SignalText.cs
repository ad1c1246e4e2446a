using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>Signals in the words of the wire.</summary>
internal static class SignalText
{
    public static string TypeOf(SignalType type) => SignalXml.TypeText(type);

    /// <summary>Its unit with its element, such as <c>VA (powerApparent)</c>.</summary>
    public static string UnitOf(ItemBase unit) =>
        $"{(unit.Scale is { } scale and not SiScale.None ? ItemXml.ScaleText(scale) : string.Empty)}{SafeText.Short(unit.Units)} ({ItemXml.NameOf(unit.Kind)})";
}
