using GridServices.FrequencyResponse.Frames;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>Where frequency samples come from, as a person PUTs it.</summary>
public sealed record SourceSettings
{
    public required SourceKind Kind { get; init; }

    /// <summary>Time between two new values of the meter itself, e.g. PT0.1S.</summary>
    public required Duration Period { get; init; }

    /// <summary>From the grid to the arrival here, measured: the meter's own window and the transport.</summary>
    public Duration Path { get; init; } = Duration.FromMilliseconds(100);

    /// <summary>Smallest step of its values, Hz.</summary>
    public decimal ResolutionHz { get; init; } = 0.001m;

    /// <summary>False: its stamps only order samples, their age is not believed.</summary>
    public bool StampsTrusted { get; init; } = true;

    /// <summary>Take samples marked as a test signal (prequalification).</summary>
    public bool AcceptSimulated { get; init; }

    public bool VoltageRequired { get; init; }

    /// <summary>Nominal phase voltage, V: what "share of nominal" is taken of, where the source gives volts.</summary>
    public decimal NominalVolts { get; init; } = 230m;

    /// <summary>With kind udp: a port that frames are received on.</summary>
    public UdpListen? Udp { get; init; }

    /// <summary>With kind modbus: a meter that is polled.</summary>
    public ModbusPoll? Modbus { get; init; }

    /// <summary>With kind c37: a PMU or PDC that streams IEEE C37.118.2 data frames.</summary>
    public C37Settings? C37 { get; init; }
}

/// <summary>Ways samples come in.</summary>
public enum SourceKind
{
    /// <summary>Our UDP sample frames.</summary>
    Udp,

    /// <summary>Modbus TCP, polled.</summary>
    Modbus,

    /// <summary>IEEE C37.118.2 over TCP or UDP.</summary>
    C37,

    /// <summary>POST /v1/samples; for low rates.</summary>
    Http,
}

/// <summary>Listens for UDP sample frames.</summary>
public sealed record UdpListen
{
    /// <summary>Address to bind; 127.0.0.1 unless told otherwise.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 = any free port; the state tells which.</summary>
    public required int Port { get; init; }

    /// <summary>The number that the sender's frames carry; frames with another are counted and dropped.</summary>
    public int Number { get; init; } = 1;

    /// <summary>IP addresses frames may come from; empty: any that reaches the port. Frames from others are counted and dropped.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];
}

/// <summary>A meter behind Modbus TCP.</summary>
public sealed record ModbusPoll
{
    public required string Host { get; init; }

    public int Port { get; init; } = 502;

    public int Unit { get; init; } = 1;

    /// <summary>Between two polls.</summary>
    public Duration Every { get; init; } = Duration.FromMilliseconds(100);

    /// <summary>A poll that takes longer brought nothing.</summary>
    public Duration Timeout { get; init; } = Duration.FromMilliseconds(400);

    /// <summary>Register of the frequency; absent: the SunSpec models are searched.</summary>
    public ModbusRegister? Frequency { get; init; }

    /// <summary>Register of a phase voltage.</summary>
    public ModbusRegister? Voltage { get; init; }

    /// <summary>Where SunSpec's models begin; absent: 40000, 50000 and 0 are tried.</summary>
    public int? SunSpecBase { get; init; }
}

/// <summary>A plain register.</summary>
public sealed record ModbusRegister
{
    /// <summary>As it goes on the wire, from 0.</summary>
    public required int Address { get; init; }

    public RegisterTable Table { get; init; }

    public RegisterKind Type { get; init; } = RegisterKind.UInt16;

    /// <summary>What one unit of the register is worth, e.g. 0.001 for mHz.</summary>
    public decimal Scale { get; init; } = 1m;

    /// <summary>True: the low word of a 32-bit value comes first.</summary>
    public bool LowWordFirst { get; init; }
}

/// <summary>Modbus functions 3 and 4.</summary>
public enum RegisterTable
{
    Holding,
    Input,
}

/// <summary>A PMU or PDC.</summary>
public sealed record C37Settings
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public C37Transport Transport { get; init; }

    /// <summary>IDCODE of the stream.</summary>
    public required int IdCode { get; init; }

    /// <summary>IDCODE of the PMU inside a PDC's stream; absent: the first.</summary>
    public int? PmuIdCode { get; init; }

    /// <summary>With udp: where to receive; 0 = any free port.</summary>
    public int LocalPort { get; init; }
}

/// <summary>What C37.118 frames travel on.</summary>
public enum C37Transport
{
    Tcp,
    Udp,
}
