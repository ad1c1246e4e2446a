using GridServices.Hosting;
using GridServices.UtilityClients.Engine;

namespace GridServices.UtilityClients.Journal;

/// <summary>Removes from the journal what is too old or too much.</summary>
internal sealed class JournalRetention(EngineHost host, EngineDependencies with, JournalOptions options) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        await with.Journal.ForgetAsync(with.Clock.GetCurrentInstant() - options.KeepFor, ct);
        foreach (var engine in host.All)
        {
            await with.Journal.TrimAsync(engine.Id, options.KeepRows, ct);
        }

        await with.Journal.TrimToSizeAsync(options.KeepMegabytes * 1_000_000L, ct);
    }
}
