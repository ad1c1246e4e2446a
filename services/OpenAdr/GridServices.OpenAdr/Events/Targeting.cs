using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>Which of the VEN's sites a target means.</summary>
internal static class Targeting
{
    /// <summary>True when the whole VEN is meant. OpenADR 2.0b rules 22, 512: nothing stated = us; several members are OR-ed; exact case.</summary>
    public static bool WholeVen(VenConfig config, VenRegistration? registration, EiTarget target) =>
        IsEmpty(target) || (registration is not null && target.VenIds.Contains(registration.VenId)) || Names(config.Targets, target);

    public static bool Site(SiteConfig site, EiTarget target) => Names(site.Targets, target);

    public static bool AnySite(VenConfig config, VenRegistration? registration, EiTarget target) =>
        WholeVen(config, registration, target) || config.AllSites().Any(s => Site(s, target));

    /// <summary>OpenADR 2.0b rule 111: a signal's device classes narrow the event's target (AND).</summary>
    public static bool Signal(VenConfig config, VenRegistration? registration, SiteConfig site, EventSignal signal) =>
        signal.Target is not { } target || WholeVen(config, registration, target) || Site(site, target)
        || target.EndDeviceAssets.Any(d => config.Targets.EndDeviceAssets.Contains(d) || site.Targets.EndDeviceAssets.Contains(d));

    private static bool Names(TargetNames names, EiTarget target) =>
        Meet(names.VenIds, target.VenIds) || Meet(names.GroupIds, target.GroupIds) || Meet(names.GroupIds, target.GroupNames)
        || Meet(names.ResourceIds, target.ResourceIds) || Meet(names.PartyIds, target.PartyIds);

    private static bool Meet(IReadOnlyList<string> ours, ValueList<string> theirs) =>
        ours.Count > 0 && theirs.Count > 0 && theirs.Any(t => ours.Contains(t, StringComparer.Ordinal));

    private static bool IsEmpty(EiTarget target) => target == EiTarget.Everybody;
}
