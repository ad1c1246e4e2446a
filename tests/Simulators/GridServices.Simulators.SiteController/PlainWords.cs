using System.Globalization;
using GridServices.Client;
using GridServices.Contracts;
using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Simulators.SiteController;

/// <summary>Says in words what holds at the site.</summary>
internal static class PlainWords
{
    public static string Limits(SiteLimits limits, long netW)
    {
        var now = Describe(limits.Site);
        var span = $"from {Time(limits.At)} {(limits.Until is { } until ? $"until {Time(until)}" : "until further notice")}";
        var next = limits.Next is { } following ? $"; next {Describe(following)}" : "";
        return $"limit in force: {now} {span}{By(limits.Site)}{next}; site draws {Kw(netW)}";
    }

    public static string? Setpoint(SiteLimits limits) => limits.Setpoint is { TargetW: { } target } setpoint
        ? $"asked to draw {Kw(target)} by {setpoint.By.Service}/{setpoint.By.Key}{(setpoint.ShortfallW > 0 ? $" (short of what was asked by {Kw(setpoint.ShortfallW.Value)})" : "")}"
        : null;

    public static string? Functions(SiteLimits limits)
    {
        var set = limits.Timeline.Targets.SelectMany(t => limits.GetFunctions(t.Target.Kind, t.Target.Id).Select(f => (t.Target, Set: f)))
            .Select(f => $"{EnumNames<FunctionKind>.GetName(f.Set.Function.Kind)} at {f.Target.Id} by {f.Set.By.Service}/{f.Set.By.Key}").ToList();
        return set.Count == 0 ? null : $"the equipment is to carry out: {string.Join(", ", set)}";
    }

    public static string? Phase(SiteLimits limits) => limits.Phase switch
    {
        SitePhase.Init => "INIT: no contact with the hub yet" + Streams(limits, StreamPhase.Failsafe),
        SitePhase.Failsafe => "FAIL-SAFE" + Streams(limits, StreamPhase.Failsafe),
        SitePhase.Holding => "the line is silent, holding the schedule" + Streams(limits, StreamPhase.Holding),
        _ => "under control of the hub",
    };

    public static string Kw(long watts) => (watts / 1000m).ToString("0.0##", CultureInfo.InvariantCulture) + " kW";

    private static string Describe(EffectiveLimits limits)
    {
        var parts = Quantities(limits).Select(q => $"{q.Name} ≤ {Kw(q.Bound.Value)}{Looser(q.Bound)}").ToList();
        if (limits.Connect is { Value: false } || limits.Energize is { Value: false })
        {
            parts.Add("disconnected");
        }

        return parts.Count == 0 ? "none" : string.Join(", ", parts);
    }

    /// <summary>Of several who limit, the tightest holds; the next is named beside it.</summary>
    private static string Looser(Bound<long> bound) => bound.Next is { } next ? $" ({next.Service}/{next.Key} allows {Kw(next.Value)})" : "";

    private static string By(EffectiveLimits limits)
    {
        var by = Quantities(limits).Select(q => q.Bound.BoundBy).Distinct().Select(b => $"{b.Service}/{b.Key} ({EnumNames<Tier>.GetName(b.Tier)})").ToList();
        return by.Count == 0 ? "" : ", by " + string.Join(" and ", by);
    }

    private static IEnumerable<(string Name, Bound<long> Bound)> Quantities(EffectiveLimits l) =>
        new (string Name, Bound<long>? Bound)[]
        {
            ("import", l.ImportLimitW), ("export", l.ExportLimitW), ("charging", l.ChargeLimitW), ("discharging", l.DischargeLimitW), ("generation", l.GenerationLimitW), ("load", l.LoadLimitW),
        }.Where(q => q.Bound is not null).Select(q => (q.Name, q.Bound!));

    private static string Streams(SiteLimits limits, StreamPhase phase) =>
        string.Concat(limits.Streams.Where(s => s.Phase == phase).Select(s => $"; {s.Key.Stream}: {s.Why}"));

    private static string Time(Instant instant) => instant.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
