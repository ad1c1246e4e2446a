using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Sources;

/// <summary>The registers of one meter, with the scale factors as they were read last.</summary>
internal sealed record MeterMap(RegisterMap Frequency, short FrequencyFactor, RegisterMap? Voltage, short VoltageFactor)
{
    private const int MostModels = 128;

    /// <summary>What SunSpec writes for a factor that is not implemented; a value without its factor is none.</summary>
    private const short Unknown = short.MinValue;

    /// <summary>Smallest step of the frequency, Hz.</summary>
    public double StepHz => Frequency.Resolution(FrequencyFactor);

    /// <returns>Null, and why, where the meter has no frequency that we find.</returns>
    public static MeterMap? Find(ModbusClient client, ModbusPoll settings, out string problem)
    {
        problem = string.Empty;
        if (settings.Frequency is { } plain)
        {
            return new MeterMap(ToRegisterMap(plain), 0, settings.Voltage is { } voltage ? ToRegisterMap(voltage) : null, 0);
        }

        var bases = settings.SunSpecBase is { } stated ? [(ushort)stated] : SunSpecFrequency.BaseAddresses;
        foreach (var start in bases)
        {
            if (Walk(client, start) is { } found)
            {
                return found;
            }
        }

        problem = $"no SunSpec model with a frequency at {string.Join(", ", bases)}; state the frequency's register";
        return null;
    }

    /// <summary>The same registers with the scale factors as they are now: a device may change them when it is set up anew. One that it refuses to tell stays.</summary>
    public MeterMap WithFactorsFrom(ModbusClient client) =>
        this with { FrequencyFactor = Factor(client, Frequency, FrequencyFactor), VoltageFactor = Factor(client, Voltage, VoltageFactor) };

    /// <summary>Frequency and voltage as one reading; NaN where the device has no value.</summary>
    public ModbusException Read(ModbusClient client, out double hz, out double volts)
    {
        (hz, volts) = (double.NaN, double.NaN);
        Span<ushort> registers = stackalloc ushort[2];
        var fault = client.Read(Frequency.Function, Frequency.Address, registers[..Frequency.Count]);
        if (fault != ModbusException.None)
        {
            return fault;
        }

        hz = Frequency.Decode(registers[..Frequency.Count], FrequencyFactor);
        if (Voltage is { } voltage && client.Read(voltage.Function, voltage.Address, registers[..voltage.Count]) == ModbusException.None)
        {
            volts = voltage.Decode(registers[..voltage.Count], VoltageFactor);
        }

        return ModbusException.None;
    }

    private static RegisterMap ToRegisterMap(ModbusRegister register) => new()
    {
        Address = (ushort)register.Address,
        Kind = register.Type,
        Function = register.Table == RegisterTable.Input ? ModbusFunction.ReadInput : ModbusFunction.ReadHolding,
        Scale = (double)register.Scale,
        LowWordFirst = register.LowWordFirst,
    };

    /// <summary>From "SunS" from model to model (id, length, content): of several frequencies the one in the finest steps.</summary>
    private static MeterMap? Walk(ModbusClient client, ushort start)
    {
        Span<ushort> head = stackalloc ushort[2];
        if (client.Read(ModbusFunction.ReadHolding, start, head) != ModbusException.None || (((uint)head[0] << 16) | head[1]) != SunSpecFrequency.Marker)
        {
            return null;
        }

        var at = start + 2;
        MeterMap? finest = null;
        for (var model = 0; model < MostModels && at < ushort.MaxValue - 2; model++)
        {
            if (client.Read(ModbusFunction.ReadHolding, (ushort)at, head) != ModbusException.None || head[0] == SunSpecFrequency.EndModel)
            {
                break;
            }

            if (SunSpecFrequency.Find(head[0], (ushort)at) is { } found)
            {
                var map = new MeterMap(found.Frequency, Factor(client, found.Frequency, Unknown), found.Voltage, Factor(client, found.Voltage, Unknown));
                finest = finest is null || map.StepHz < finest.StepHz ? map : finest;
            }

            at += 2 + head[1];
        }

        return finest;
    }

    private static short Factor(ModbusClient client, RegisterMap? map, short held)
    {
        Span<ushort> factor = stackalloc ushort[1];
        return map?.ScaleFactorAddress is not { } address ? (short)0
            : client.Read(map.Function, address, factor) == ModbusException.None ? unchecked((short)factor[0])
            : held;
    }
}
