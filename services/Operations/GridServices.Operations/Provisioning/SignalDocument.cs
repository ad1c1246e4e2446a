using System.Globalization;
using System.Text.Json.Nodes;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using NodaTime;

namespace GridServices.Operations.Provisioning;

/// <summary>A template's signal policy with the site's own numbers: the member <c>signals</c> of a VEN's program.</summary>
internal static class SignalDocument
{
    private const string PeakField = "peakDemandKw";

    public static JsonObject? Create(ProvisionSource source, LocalDate today, List<ProvisioningFault> faults)
    {
        if (source.Template.Signals is not { } policy)
        {
            return null;
        }

        var peak = Kw(source.Enrollment.Answers[PeakField]);
        if (peak is null && source.Enrollment.Answers[PeakField] is not null)
        {
            faults.Add(new ProvisioningFault(source.Enrollment.Id, $"/answers/{PeakField}", "is no number of kW: write it as 70.5"));
        }

        return new JsonObject
        {
            ["SIMPLE"] = policy.Levels.Count == 0 ? null : new JsonObject { ["levels"] = Levels(source, policy, today, faults) },
            ["LOAD_CONTROL"] = policy.LoadControl && peak is { } kw ? new JsonObject { ["referenceW"] = Watts(kw) } : null,
            ["LOAD_DISPATCH"] = policy.LoadDispatch ? new JsonObject { ["target"] = true } : null,
        };
    }

    private static JsonObject Levels(ProvisionSource source, SignalPolicy policy, LocalDate today, List<ProvisioningFault> faults)
    {
        var (levels, before) = (new JsonObject(), faults.Count);
        long? below = null;
        foreach (var rule in policy.Levels.OrderBy(l => l.Level))
        {
            if (rule.Import == LevelLimit.None)
            {
                levels[rule.Level.ToString(CultureInfo.InvariantCulture)] = new JsonObject();
            }
            else if (LimitW(rule, source, today, below) is { } limit)
            {
                Critical(rule, limit, source, faults);
                below = below is { } last ? Math.Min(limit, last) : limit; // a higher level never allows more
                levels[rule.Level.ToString(CultureInfo.InvariantCulture)] = new JsonObject { ["importLimitW"] = below };
            }
            else if (rule.Import != LevelLimit.CriticalLoad || faults.Count == before)
            {
                faults.Add(Missing(rule, source)); // what the level below lacks is told there
            }
        }

        return levels;
    }

    private static long? LimitW(LevelRule rule, ProvisionSource source, LocalDate today, long? below)
    {
        var nomination = source.NominationOn(today);
        return rule.Import switch
        {
            LevelLimit.CriticalLoad => source.Site.CriticalLoadW ?? below,
            LevelLimit.FirmServiceLevel => (nomination?.FirmServiceLevelKw ?? Kw(source.Enrollment.Answers["firmServiceLevelKw"])) is { } firm ? Watts(firm) : null,
            LevelLimit.Answer => Kw(source.Enrollment.Answers[rule.Field!]) is { } kw ? Watts(kw) : null,
            _ => Kw(source.Enrollment.Answers[PeakField]) is { } peak && nomination is not null ? Watts(Math.Max(0, peak - (nomination.Kw * rule.Share))) : null,
        };
    }

    private static void Critical(LevelRule rule, long limit, ProvisionSource source, List<ProvisioningFault> faults)
    {
        if (limit < source.Site.CriticalLoadW)
        {
            faults.Add(new ProvisioningFault(source.Enrollment.Id, Field(rule), $"level {rule.Level} would allow {Shown(limit)} kW, and {Shown(source.Site.CriticalLoadW.Value)} kW are never to be shed; offer less"));
        }
    }

    private static ProvisioningFault Missing(LevelRule rule, ProvisionSource source) => new(source.Enrollment.Id, Field(rule), rule.Import switch
    {
        LevelLimit.PeakLessNominated when Kw(source.Enrollment.Answers[PeakField]) is null => "state the site's peak demand: without it nobody knows what is left after shedding",
        LevelLimit.PeakLessNominated => "hand a nomination in: without it nobody knows what is left after shedding",
        LevelLimit.FirmServiceLevel => "state the firm service level",
        LevelLimit.CriticalLoad => "state the load that is never to be shed",
        _ => $"state what is allowed at level {rule.Level}",
    });

    private static string Field(LevelRule rule) => rule.Import switch
    {
        LevelLimit.Answer => $"/answers/{rule.Field}",
        LevelLimit.CriticalLoad => "/site/criticalLoadW",
        _ => "/nominations",
    };

    private static decimal? Kw(string? answer) => FormAnswers.ParseAmount(answer);

    /// <summary>Toward zero.</summary>
    private static long Watts(decimal kw) => (long)decimal.Truncate(kw * 1000);

    private static string Shown(long watts) => (watts / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
}
