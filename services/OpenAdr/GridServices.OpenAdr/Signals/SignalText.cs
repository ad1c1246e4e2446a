using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>Signals in the words of the wire.</summary>
internal static class SignalText
{
    public static string FormatType(SignalType type) => SignalXml.TypeText(type);

    /// <summary>Its unit with its element, such as <c>VA (powerApparent)</c>.</summary>
    public static string FormatUnit(ItemBase unit) =>
        $"{(unit.Scale is { } scale and not SiScale.None ? ItemXml.ScaleText(scale) : string.Empty)}{SafeText.Short(unit.Units)} ({ItemXml.GetName(unit.Kind)})";
}
