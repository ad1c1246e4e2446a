using GridServices.Contracts;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Events;

/// <summary>An event in one line, for people.</summary>
internal static class EventText
{
    public static string Describe(HeldEvent held)
    {
        var signals = string.Join(", ", held.Event.Signals.Select(s => SafeText.Short(s.SignalName)));
        var until = held.End() is { } end ? $"until {end}" : "until cancelled";
        var opt = held.Opt == OptType.OptIn ? "optIn" : "optOut";
        return $"{signals}, modification {held.Event.Descriptor.ModificationNumber}, from {held.Start()} {until}, {opt}";
    }

    /// <summary>OpenADR 2.0b rule 6: anything but "false" (absent and empty count as that) is a test.</summary>
    public static bool IsTest(this HeldEvent held) =>
        held.Event.Descriptor.TestEvent is { } text && text.Trim() is { Length: > 0 } said && !said.Equals("false", StringComparison.OrdinalIgnoreCase);
}
