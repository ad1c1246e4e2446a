using GridServices.Adapters.Lines;
using GridServices.Adapters.Mqtt;
using GridServices.Adapters.Service.Mqtt;

namespace GridServices.Adapters.Service.Settings;

/// <summary>To whom an adapter speaks.</summary>
internal enum AdapterKind
{
    /// <summary>Retained numbers and relays over MQTT.</summary>
    Mqtt,

    /// <summary>EVerest's external energy limits over MQTT.</summary>
    Everest,

    /// <summary>Registers that PLCs read from us.</summary>
    Modbus,

    /// <summary>Charging profiles by OCPP, through a charge-station system.</summary>
    Ocpp,

    /// <summary>Forecasts of capacity by OSCP, for a flexibility provider.</summary>
    Oscp,
}

/// <summary>The section <c>Adapters:NAME</c>, as its user wrote it.</summary>
internal sealed record AdapterSettings
{
    public AdapterKind? Kind { get; init; }

    /// <summary>The hub's address.</summary>
    public string? Hub { get; init; }

    /// <summary>Lets <c>http://</c> be used to another machine: whoever is on the way may then read the token and say "no limit".</summary>
    public bool AllowPlainHub { get; init; }

    /// <summary>A file whose first line is a token of role controller.</summary>
    public string? TokenFile { get; init; }

    public string? Site { get; init; }

    /// <summary>Keeps what was last stated over restarts; unset: nothing is kept.</summary>
    public string? StateFile { get; init; }

    /// <summary>Silence of the hub after which what nobody states is no longer taken for unlimited, and streams without a rule of their own fall safe.</summary>
    public int StaleAfterSeconds { get; init; } = 120;

    public FailsafeSettings? Failsafe { get; init; }

    /// <summary>See <see cref="SiteRules.PhaseVolts"/>; unset: the lowest of any net.</summary>
    public decimal? PhaseVolts { get; init; }

    /// <summary>See <see cref="SiteRules.Phases"/>.</summary>
    public int Phases { get; init; } = 1;

    /// <summary>Parts of the site that the peer is bound to as well, e.g. pv/inv1.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>Parts whose limits somebody else keeps.</summary>
    public IReadOnlyList<string> PartsOfOthers { get; init; } = [];

    /// <summary>See <see cref="SiteRules.PowerFactor"/>.</summary>
    public decimal PowerFactor { get; init; } = 0.9m;

    /// <summary>By so much a limit is told before it begins; not of kinds Everest, Ocpp and Oscp, which have a margin of their own.</summary>
    public int LeadMs { get; init; } = 1_000;

    public BrokerSettings? Broker { get; init; }

    // Kind Mqtt
    public string? BaseTopic { get; init; }
    public int EverySeconds { get; init; } = 30;
    public IReadOnlyList<TopicSettings> Topics { get; init; } = [];
    public IReadOnlyList<ContactSettings> Contacts { get; init; } = [];

    public EverestSettings? Everest { get; init; }
    public ModbusSettings? Modbus { get; init; }
    public OcppSettings? Ocpp { get; init; }
    public OscpSettings? Oscp { get; init; }
}

/// <summary>What holds where nobody knows, W.</summary>
internal sealed record FailsafeSettings
{
    public long? ImportLimitW { get; init; }
    public long? ExportLimitW { get; init; }
}

/// <summary>See <see cref="ScalarTopic"/>.</summary>
internal sealed record TopicSettings
{
    public string? Topic { get; init; }
    public Quantity? Quantity { get; init; }
    public PowerUnit Unit { get; init; }
    public bool ZeroMeansUnlimited { get; init; }
    public long LeastW { get; init; } = 1;
    public NoLimitWord NoLimit { get; init; }
    public long? MostW { get; init; }
    public int SharePercent { get; init; } = Share.Whole;
}

/// <summary>A box of relays; see <see cref="Contacts.ContactBox"/>.</summary>
internal sealed record ContactSettings
{
    public Quantity? Quantity { get; init; }
    public long? FullW { get; init; }
    public int SharePercent { get; init; } = Share.Whole;
    public IReadOnlyList<StageSettings> Stages { get; init; } = [];

    /// <summary>The stage without a topic, in which no relay is on; unset: the highest.</summary>
    public int? AtRestPercent { get; init; }
    public string On { get; init; } = "ON";
    public string Off { get; init; } = "OFF";
}

internal sealed record StageSettings
{
    public int? Percent { get; init; }
    public string? Topic { get; init; }
}

/// <summary>See <see cref="Everest.EverestPeer"/>.</summary>
internal sealed record EverestSettings
{
    public string? Module { get; init; }
    public int SharePercent { get; init; } = Share.Whole;
    public int ValidForSeconds { get; init; } = 900;
    public int ClockMarginSeconds { get; init; } = 2;
    public int EverySeconds { get; init; } = 10;
    public int CheckMs { get; init; } = 2_000;
}

/// <summary>Where PLCs come to.</summary>
internal sealed record ModbusSettings
{
    public string? Listen { get; init; }

    /// <summary>What "no limit" reads as, W: the connection's own greatest power.</summary>
    public long? MostW { get; init; }

    public int MostConnections { get; init; } = 16;
}
