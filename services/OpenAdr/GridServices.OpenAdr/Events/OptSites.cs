using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;

namespace GridServices.OpenAdr.Events;

/// <summary>Which of the VEN's resources and sites an opt means.</summary>
public static class OptSites
{
    /// <summary>The resourceIDs of the VEN and its sites, each once.</summary>
    public static IReadOnlyList<string> OwnResources(VenConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [.. config.Targets.ResourceIds.Concat(config.AllSites().SelectMany(s => s.Targets.ResourceIds)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The sites that the opt means, in the order of the configuration.</summary>
    public static IReadOnlyList<string> Select(VenConfig config, VenOpt opt)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(opt);
        return [.. config.AllSites().Where(s => Means(config, opt, s)).Select(s => s.SiteId)];
    }

    // OpenADR 2.0b rule 202: no target means all; several are alternatives.
    internal static bool MeansAll(VenConfig config, VenOpt opt) =>
        opt.Request.ResourceIds.Count == 0 || opt.Request.ResourceIds.Any(r => config.Targets.ResourceIds.Contains(r, StringComparer.Ordinal));

    internal static bool Means(VenConfig config, VenOpt opt, SiteConfig site) =>
        MeansAll(config, opt) || opt.Request.ResourceIds.Any(r => site.Targets.ResourceIds.Contains(r, StringComparer.Ordinal));

    /// <summary>True when the event is for this resource of ours.</summary>
    internal static bool IsTargeted(VenConfig config, VenRegistration? registration, OadrEvent received, string resourceId)
    {
        // A resource that the event names itself is one of its targets; one that it does not name is, where the event means its site.
        var target = received.Target;
        return target.ResourceIds.Contains(resourceId)
            || Targeting.MeansWholeVen(config, registration, target)
            || config.AllSites().Any(s => s.Targets.ResourceIds.Contains(resourceId, StringComparer.Ordinal) && Targeting.Site(config, registration, s, target));
    }
}
