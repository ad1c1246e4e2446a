using Microsoft.Extensions.Configuration;
using NodaTime;

namespace GridServices.UtilityClients.Journal;

/// <summary>How long messages are kept, and how often what may wait is written. Configuration section <c>Journal</c>.</summary>
public sealed record JournalOptions
{
    /// <summary>Rows kept per engine.</summary>
    public int KeepRows { get; init; } = 20_000;

    public Duration KeepFor { get; init; } = Duration.FromDays(400);

    /// <summary>How often what may wait goes to disk.</summary>
    public TimeSpan WriteInterval { get; init; } = TimeSpan.FromSeconds(15);

    public Duration RetentionInterval { get; init; } = Duration.FromHours(1);

    public static JournalOptions From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Journal");
        return new JournalOptions
        {
            KeepRows = Math.Max(100, section.GetValue("KeepRows", 20_000)),
            KeepFor = Duration.FromDays(Math.Max(1, section.GetValue("KeepDays", 400))),
            WriteInterval = TimeSpan.FromSeconds(Math.Clamp(section.GetValue("WriteSeconds", 15.0), 0.1, 3600)),
        };
    }
}
