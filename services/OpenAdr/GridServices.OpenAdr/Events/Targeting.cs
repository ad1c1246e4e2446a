using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>Which of the VEN's sites a target means.</summary>
internal static class Targeting
{
    /// <summary>True when the whole VEN is meant. OpenADR 2.0b rules 22, 512: nothing stated = us; several members are OR-ed; exact case.</summary>
    public static bool MeansWholeVen(VenConfig config, VenRegistration? registration, EiTarget target) =>
        NamesVen(config, registration, target) && (target.EndDeviceAssets.Count == 0 || Meet(config.Targets.EndDeviceAssets, target.EndDeviceAssets));

    /// <summary>True when the site is meant, by itself or with the whole VEN.</summary>
    public static bool Site(VenConfig config, VenRegistration? registration, SiteConfig site, EiTarget target) =>
        (NamesVen(config, registration, target) || Names(site.Targets, target)) && HasClass(config, site, target);

    public static bool AnySite(VenConfig config, VenRegistration? registration, EiTarget target) =>
        MeansWholeVen(config, registration, target) || config.AllSites().Any(s => Site(config, registration, s, target));

    /// <summary>True when device classes alone keep the target from meaning a site here.</summary>
    public static bool LacksClass(VenConfig config, VenRegistration? registration, EiTarget target) =>
        target.EndDeviceAssets.Count > 0 && AnySite(config, registration, target with { EndDeviceAssets = [] });

    public static bool Signal(VenConfig config, VenRegistration? registration, SiteConfig site, EventSignal signal) =>
        signal.Target is not { } target || Site(config, registration, site, target);

    // OpenADR 2.0b rule 111: device classes narrow what the other members name (AND).
    private static bool HasClass(VenConfig config, SiteConfig site, EiTarget target) =>
        target.EndDeviceAssets.Count == 0 || Meet(site.Targets.EndDeviceAssets, target.EndDeviceAssets) || Meet(config.Targets.EndDeviceAssets, target.EndDeviceAssets);

    private static bool NamesVen(VenConfig config, VenRegistration? registration, EiTarget target) =>
        IsEmpty(target) || (registration is not null && target.VenIds.Contains(registration.VenId)) || Names(config.Targets, target);

    private static bool Names(TargetNames names, EiTarget target) =>
        Meet(names.VenIds, target.VenIds) || Meet(names.GroupIds, target.GroupIds) || Meet(names.GroupIds, target.GroupNames)
        || Meet(names.ResourceIds, target.ResourceIds) || Meet(names.PartyIds, target.PartyIds);

    private static bool Meet(IReadOnlyList<string> ours, ValueList<string> theirs) =>
        ours.Count > 0 && theirs.Count > 0 && theirs.Any(t => ours.Contains(t, StringComparer.Ordinal));

    private static bool IsEmpty(EiTarget target) => (target.EndDeviceAssets.Count == 0 ? target : target with { EndDeviceAssets = [] }) == EiTarget.Everybody;
}
