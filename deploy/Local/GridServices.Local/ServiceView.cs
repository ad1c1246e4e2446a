using System.Text.Json;

namespace GridServices.Local;

/// <summary>Looks at a service once a second and tells what is new, each thing once.</summary>
internal abstract class ServiceView(string service)
{
    private readonly Dictionary<string, string> told = new(StringComparer.Ordinal);

    /// <summary>Looks until cancelled; a look that fails is tried again.</summary>
    public async Task TellAsync(CancellationToken cancel)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await second.WaitForNextTickAsync(cancel))
        {
            try
            {
                await LookAsync(cancel);
            }

            // The one who tells must never be the reason that the services stop.
            catch (Exception fault) when (!cancel.IsCancellationRequested)
            {
                Terminal.Say(service, $"does not answer: {fault.Message}");
            }
        }
    }

    protected abstract Task LookAsync(CancellationToken cancel);

    /// <summary>Says it once, and again only when it has changed.</summary>
    protected void Say(string what, string state)
    {
        if (!told.TryGetValue(what, out var before) || before != state)
        {
            told[what] = state;
            Terminal.Say(service, $"{what}: {state}");
        }
    }

    protected static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.ToString() : string.Empty;
}
