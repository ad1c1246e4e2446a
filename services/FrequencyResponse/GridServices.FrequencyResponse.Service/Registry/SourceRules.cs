using System.Net;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>When a source of samples can be used.</summary>
internal static class SourceRules
{
    public static IReadOnlyList<ConfigFault> Check(SourceSettings source)
    {
        var faults = new ConfigFaults();
        Span(faults, source.Period, 1, 60_000, "/period");
        Span(faults, source.Path, 0, 60_000, "/path");
        faults.Between(source.ResolutionHz, 0.000001m, 1, "/resolutionHz", "Hz");
        faults.Between(source.NominalVolts, 10, 1_000_000, "/nominalVolts", "V");
        Part(faults, source.Udp, source.Kind == SourceKind.Udp, "udp");
        Part(faults, source.Modbus, source.Kind == SourceKind.Modbus, "modbus");
        Part(faults, source.C37, source.Kind == SourceKind.C37, "c37");
        Udp(faults, source.Udp);
        Modbus(faults, source.Modbus);
        C37(faults, source.C37);
        return faults.All;
    }

    private static void Part(ConfigFaults faults, object? part, bool wanted, string name)
    {
        if (wanted != part is not null)
        {
            faults.Add($"/{name}", wanted ? $"kind {name} needs it" : $"has no meaning beside another kind; leave it out or write kind {name}");
        }
    }

    private static void Udp(ConfigFaults faults, UdpListen? udp)
    {
        if (udp is null)
        {
            return;
        }

        faults.Unless(IPAddress.TryParse(udp.Host, out _), "/udp/host", "must be an IP address to listen on");
        faults.Between(udp.Port, 0, 65_535, "/udp/port", "(0 = any free port)");
        faults.Between(udp.Number, 0, 65_535, "/udp/number", string.Empty);
        faults.Unless(udp.Peers.Count <= 64, "/udp/peers", "at most 64");
        for (var i = 0; i < udp.Peers.Count; i++)
        {
            faults.Unless(IPAddress.TryParse(udp.Peers[i], out _), $"/udp/peers/{i}", "must be an IP address");
        }

        // Whoever reaches the port moves the pool: frames carry no signature.
        var reachable = IPAddress.TryParse(udp.Host, out var host) && !IPAddress.IsLoopback(host);
        faults.Unless(!reachable || udp.Peers.Count > 0, "/udp/peers", "a port beyond this machine needs the addresses that frames may come from");
    }

    private static void Modbus(ConfigFaults faults, ModbusPoll? modbus)
    {
        if (modbus is null)
        {
            return;
        }

        Host(faults, modbus.Host, "/modbus/host");
        faults.Between(modbus.Port, 1, 65_535, "/modbus/port", "(TCP)");
        faults.Between(modbus.Unit, 0, 255, "/modbus/unit", string.Empty);
        Span(faults, modbus.Every, 5, 60_000, "/modbus/every");
        Span(faults, modbus.Timeout, 10, 60_000, "/modbus/timeout");
        Register(faults, modbus.Frequency, "/modbus/frequency");
        Register(faults, modbus.Voltage, "/modbus/voltage");
        faults.Unless(modbus.Frequency is not null || modbus.Voltage is null, "/modbus/frequency", "needed beside voltage; leave both out for SunSpec");
    }

    private static void Register(ConfigFaults faults, ModbusRegister? register, string pointer)
    {
        if (register is not null)
        {
            faults.Between(register.Address, 0, 65_534, pointer + "/address", string.Empty);
            faults.Unless(register.Scale > 0, pointer + "/scale", "must be above 0");
        }
    }

    private static void C37(ConfigFaults faults, C37Settings? c37)
    {
        if (c37 is null)
        {
            return;
        }

        Host(faults, c37.Host, "/c37/host");
        faults.Between(c37.Port, 1, 65_535, "/c37/port", string.Empty);
        faults.Between(c37.IdCode, 1, 65_534, "/c37/idCode", string.Empty);
        faults.Between(c37.PmuIdCode ?? 1, 1, 65_534, "/c37/pmuIdCode", string.Empty);
        faults.Between(c37.LocalPort, 0, 65_535, "/c37/localPort", string.Empty);
    }

    private static void Host(ConfigFaults faults, string host, string pointer) =>
        faults.Unless(Uri.CheckHostName(host) is not UriHostNameType.Unknown, pointer, "must be a host name or an IP address");

    private static void Span(ConfigFaults faults, Duration span, int leastMs, int mostMs, string pointer) =>
        faults.Unless(
            span >= Duration.FromMilliseconds(leastMs) && span <= Duration.FromMilliseconds(mostMs), pointer, $"must be between {leastMs} and {mostMs} ms, e.g. PT0.1S");
}
