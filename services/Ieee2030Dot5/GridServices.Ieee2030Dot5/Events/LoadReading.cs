using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Judges what an EndDeviceControl asks, by the site's policy. Of several parts the strictest counts.</summary>
internal static class LoadReading
{
    private const decimal FullPercent = 10_000m;
    private const decimal SecondsAnHour = 3_600m;

    public static Checked<ReadSettings> Read(DerScheduleConfig config, EndDeviceControl received)
    {
        if (config.Load is not { } policy)
        {
            return new ReadSettings([], ["EndDeviceControl"]);
        }

        var (rule, left) = Rule(policy, LoadTerms.From(received), received.Interval.DurationSeconds);
        if (rule == new LoadRule())
        {
            // An event that asks for nothing of a load lifts no limit, and is not followed either.
            return new ReadSettings([], left.Count > 0 ? left : ["a control without anything that reduces a load"]);
        }

        var setting = new ModeSetting(policy.Mode, rule.LimitW(policy.ReferenceW)) { Load = rule };
        return new ReadSettings(new[] { setting }.ToValueList(), left);
    }

    private static (LoadRule Rule, IReadOnlyList<string> Left) Rule(LoadPolicy policy, LoadTerms terms, long durationS)
    {
        // A limit can't make anybody draw more.
        if (terms.RaisesLoad)
        {
            return (new LoadRule(), ["loadShiftForward"]);
        }

        var (shares, left) = (new List<decimal>(), new List<string>());
        Share("DutyCycle", policy.DutyCycle, terms.DutyCycle / 100m);
        Share("loadAdjustmentPercentageOffset", policy.LoadOffset, 1 - (terms.Offset?.LoadPercent / FullPercent));
        Share("SetPoint", policy.OtherwiseShare is not null, terms.HasSetPoint ? policy.OtherwiseShare ?? 0 : null);
        Share("Offset", policy.OtherwiseShare is not null, terms.Offset is { Cooling: not null } or { Heating: not null } ? policy.OtherwiseShare ?? 0 : null);
        Share("ApplianceLoadReduction", policy.OtherwiseShare is not null, terms.Appliance is not null ? policy.OtherwiseShare ?? 0 : null);
        var rule = new LoadRule { Share = shares.Count > 0 ? shares.Min() : null };
        return (terms.Reduction is { } reduction ? Reduced(policy, rule, reduction, durationS, left) : rule, left);

        void Share(string name, bool isFollowed, decimal? share)
        {
            if (share is not { } s)
            {
                return;
            }

            if (isFollowed && policy.ReferenceW is not null)
            {
                shares.Add(s);
            }
            else
            {
                left.Add(isFollowed ? $"{name} (no referenceW)" : name);
            }
        }
    }

    private static LoadRule Reduced(LoadPolicy policy, LoadRule rule, TargetReduction reduction, long durationS, List<string> left)
    {
        decimal? watts = reduction.Unit switch
        {
            TargetReduction.KilowattHours => reduction.Value * 1000m * SecondsAnHour / durationS,
            TargetReduction.Kilowatts => reduction.Value * 1000m,
            TargetReduction.Watts => reduction.Value,
            _ => null,
        };
        if (watts is null || policy.TargetReduction == ReductionMeaning.NotFollowed)
        {
            left.Add(watts is null ? $"TargetReduction in unit {reduction.Unit}" : "TargetReduction");
            return rule;
        }

        if (policy.TargetReduction == ReductionMeaning.StayBelow)
        {
            return rule with { CeilingW = watts };
        }

        if (policy.ReferenceW is null)
        {
            left.Add("TargetReduction (no referenceW)");
            return rule;
        }

        return rule with { CutW = watts };
    }
}
