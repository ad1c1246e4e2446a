using GridServices.Local.Feed;
using NodaTime;

namespace GridServices.Local;

/// <summary>Looks at the services each second or so and hands on how things are; what is news is decided by the terminal.</summary>
internal sealed class Views(ServiceApi api, Topology topology, Terminal terminal, SiteNames names)
{
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(5);
    /// <summary>Looks until cancelled; a look that fails is tried again.</summary>
    public Task RunAsync(CancellationToken cancel)
    {
        List<Task> looks =
        [
            PollAsync("openadr", Often, OpenAdrAsync, cancel),
            PollAsync("ieee2030-5", Often, DerAsync, cancel),
            PollAsync("tariffs", Seldom, DemandAsync, cancel),
            PollAsync("frequency", Often, FrequencyAsync, cancel),
        ];
        if (topology.Has("site-controller"))
        {
            looks.Add(PollAsync("controller", Often, SiteAsync, cancel));
        }

        return Task.WhenAll(looks);
    }

    private async Task PollAsync(string source, TimeSpan every, Func<CancellationToken, Task<IReadOnlyList<Change>>> look, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(every);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            try
            {
                foreach (var change in await look(cancel))
                {
                    terminal.Show(change);
                }

                terminal.Show(new Change(source, null, "service", "the service answers again") { IsOver = true });
            }

            // The one who tells must never be the reason that the services stop.
            catch (Exception fault) when (!cancel.IsCancellationRequested)
            {
                terminal.Show(new Change(source, null, "service", $"the service does not answer: {fault.Message}") { Sameness = "silent", Weight = ChangeWeight.Alarm });
            }
        }
    }

    private async Task<IReadOnlyList<Change>> OpenAdrAsync(CancellationToken cancel)
    {
        List<Change> seen = [];
        foreach (var ven in await api.ListAsync("openadr", "/v1/vens", cancel))
        {
            names.Learn(ven.Text("venId"), Words.Sites(ven));
            seen.AddRange(OpenAdrChanges.Read(ven, await api.ListAsync("openadr", $"/v1/vens/{ven.Text("venKey")}/events", cancel), Now()));
        }

        return seen;
    }

    private async Task<IReadOnlyList<Change>> DerAsync(CancellationToken cancel)
    {
        List<Change> seen = [];
        foreach (var client in await api.ListAsync("ieee2030-5", "/v1/clients", cancel))
        {
            seen.AddRange(DerChanges.Read(client, await api.ListAsync("ieee2030-5", $"/v1/clients/{client.Text("clientKey")}/controls", cancel), Now()));
        }

        return seen;
    }

    private async Task<IReadOnlyList<Change>> DemandAsync(CancellationToken cancel) =>
        await api.GetAsync("tariffs", $"/v1/sites/{Topology.DemoSite}/demand", cancel) is { } site ? [.. DemandChanges.Read(Topology.DemoSite, site, Now())] : [];

    private async Task<IReadOnlyList<Change>> FrequencyAsync(CancellationToken cancel)
    {
        List<Change> seen = [];
        foreach (var contract in await api.ListAsync("frequency-response", "/v1/contracts", cancel))
        {
            if (await api.GetAsync("frequency-response", $"/v1/contracts/{contract.Text("contractId")}/state", cancel) is { } state)
            {
                seen.AddRange(FrequencyChanges.Read(contract, state));
            }
        }

        return seen;
    }

    private async Task<IReadOnlyList<Change>> SiteAsync(CancellationToken cancel) =>
        await api.GetAsync("site-controller", "/", cancel) is { } status ? [.. SiteChanges.Read(status)] : [];

    private static Instant Now() => SystemClock.Instance.GetCurrentInstant();
}
