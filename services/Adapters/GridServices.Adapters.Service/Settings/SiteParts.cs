using GridServices.Contracts;

namespace GridServices.Adapters.Service.Settings;

/// <summary>Parts of a site as settings name them: kind and id, e.g. <c>pv/inv1</c>, as the log and the hub's timeline do.</summary>
internal static class SiteParts
{
    public static IReadOnlyList<EnvelopeTarget> Read(IReadOnlyList<string> names, string setting, Faults faults)
    {
        List<EnvelopeTarget> parts = [];
        foreach (var name in names)
        {
            if (name.Split('/', 2) is [var kind, { Length: > 0 } id] && EnumNames<TargetKind>.TryParse(kind, out var known) && known != TargetKind.Site)
            {
                parts.Add(new EnvelopeTarget(known, id));
            }
            else
            {
                var kinds = EnumNames<TargetKind>.All.Except([EnumNames<TargetKind>.GetName(TargetKind.Site)]);
                faults.Add(setting, $"name {name}, which is no part of a site: write kind and id as the hub does, e.g. pv/inv1; kinds are {string.Join(", ", kinds)}");
            }
        }

        return parts;
    }
}
