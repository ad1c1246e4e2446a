using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Events;

/// <summary>Whether a site takes part in an event, where some of the VEN's sites do and others don't.</summary>
internal sealed class SiteOpts(VenConfig config, VenState state)
{
    private readonly Dictionary<string, Said> events = new(StringComparer.Ordinal);

    /// <summary>True: every site does what the event's own opt says.</summary>
    public bool IsUniform(HeldEvent held) => state.Opts.Count == 0 || About(held) is { Opts.Count: 0, Schedules.Count: 0 };

    /// <summary>True where some site may take part.</summary>
    public bool IsInAnywhere(HeldEvent held) => held.Opt == OptType.OptIn || !IsUniform(held);

    /// <summary>The latest word about the site and this event; then a person's about the event; then schedules; then the policy's.</summary>
    public OptType At(HeldEvent held, SiteConfig site)
    {
        if (state.Opts.Count == 0)
        {
            return held.Opt;
        }

        var about = About(held);
        return about.Opts.FindLast(o => OptSites.Means(config, o, site)) is { } said ? said.Request.OptType
            : about.Schedules.Exists(o => OptSites.Means(config, o, site)) ? OptType.OptOut
            : held.Opt;
    }

    private Said About(HeldEvent held)
    {
        if (!events.TryGetValue(held.Id, out var about))
        {
            events[held.Id] = about = new Said(
                [.. state.Opts.Where(o => o.Request.EventId == held.Id)], held.OptByPerson ? [] : [.. OptSchedules.SelectCovering(config, state, held)]);
        }

        return about;
    }

    private sealed record Said(List<VenOpt> Opts, List<VenOpt> Schedules);
}
