using GridServices.Hosting.Configuration;
using NodaTime;

namespace GridServices.UtilityClients.Journal;

/// <summary>How long messages are kept, and how often what may wait is written.</summary>
public sealed record JournalOptions : ISettings
{
    public static string Section => "Journal";

    /// <summary>Messages kept per VEN or client.</summary>
    public int KeepRows { get; init; } = 20_000;

    /// <summary>Messages older than this many days leave the journal.</summary>
    public int KeepDays { get; init; } = 400;

    /// <summary>Size of the journal's messages altogether, of all VENs or clients, in megabytes (1,000,000 bytes); beyond it the oldest of the largest journals go, and nobody pays for another's flood.</summary>
    public int KeepMegabytes { get; init; } = 4_000;

    /// <summary>How often counts of polls and running averages go to disk, in seconds.</summary>
    public double WriteSeconds { get; init; } = 15;

    public Duration KeepFor => Duration.FromDays(KeepDays);

    public TimeSpan WriteInterval => TimeSpan.FromSeconds(WriteSeconds);

    public IEnumerable<string> Validate() =>
    [
        .. Bounds.Within("Journal:KeepRows", KeepRows, 100, int.MaxValue),
        .. Bounds.Within("Journal:KeepDays", KeepDays, 1, 36_500),
        .. Bounds.Within("Journal:KeepMegabytes", KeepMegabytes, 10, 10_000_000),
        .. Bounds.Within("Journal:WriteSeconds", WriteSeconds, 0.1, 3600),
    ];
}
