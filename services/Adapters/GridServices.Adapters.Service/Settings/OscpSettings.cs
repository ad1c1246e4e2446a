using GridServices.Adapters.Lines;

namespace GridServices.Adapters.Service.Settings;

/// <summary>A flexibility provider that speaks OSCP 2.0.</summary>
internal sealed record OscpSettings
{
    /// <summary>Where it takes registrations; unset: it comes to us first.</summary>
    public string? RegisterUrl { get; init; }

    /// <summary>Lets <c>http://</c> be used to another machine: whoever is on the way may then loosen a limit.</summary>
    public bool AllowPlain { get; init; }

    /// <summary>A file whose first line is the token of the first registration.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Keeps the registration over restarts.</summary>
    public string? RegistrationFile { get; init; }

    public string? Listen { get; init; }

    /// <summary>The same as the flexibility provider reaches it.</summary>
    public string? Address { get; init; }

    public string? GroupId { get; init; }

    /// <summary>What "no limit" is told as, W.</summary>
    public long? MostW { get; init; }

    /// <summary>Types of forecasts that the flexibility provider has no use for, as messages name them.</summary>
    public IReadOnlyList<string> LeaveOutTypes { get; init; } = [];

    public int SharePercent { get; init; } = Share.Whole;
    public int ValidForSeconds { get; init; } = 3_600;
    public int ClockMarginSeconds { get; init; } = 2;
    public int MostBlocks { get; init; } = 96;
    public int HeartbeatSeconds { get; init; } = 30;
    public int EverySeconds { get; init; } = 300;
}
