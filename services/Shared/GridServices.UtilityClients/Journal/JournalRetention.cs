using GridServices.Hosting;
using GridServices.UtilityClients.Engine;

namespace GridServices.UtilityClients.Journal;

/// <summary>Removes from the journal what is too old or too much.</summary>
internal sealed class JournalRetention(EngineHost host, EngineDependencies dependencies, JournalOptions options) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        await dependencies.Journal.DeleteOlderAsync(dependencies.Clock.GetCurrentInstant() - options.KeepFor, ct);
        foreach (var engine in host.All)
        {
            await dependencies.Journal.TrimAsync(engine.Id, options.KeepRows, ct);
        }

        await dependencies.Journal.TrimToSizeAsync(options.KeepMegabytes * 1_000_000L, ct);
    }
}
