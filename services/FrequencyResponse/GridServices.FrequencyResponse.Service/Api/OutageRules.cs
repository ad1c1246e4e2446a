using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>When a declaration is taken: what has been was measured, and nobody declares it away afterwards.</summary>
internal static class OutageRules
{
    /// <summary>A body that says "now" may have been on its way so long.</summary>
    private static readonly Duration Grace = Duration.FromMinutes(1);
    private static readonly Duration Longest = Duration.FromDays(366);
    private const int LongestReason = 500;
    private const int Most = 200;

    /// <param name="name">Of the declaration.</param>
    /// <param name="body">As it was sent.</param>
    /// <param name="held">What is known of it; null = it is new.</param>
    /// <param name="contract">Of which it is.</param>
    /// <param name="all">The contract's declarations.</param>
    /// <param name="now">The wall clock.</param>
    /// <returns>As it stands now; what was held where the body says the same.</returns>
    /// <exception cref="FaultyEntryException">What can't be declared so; every fault is named.</exception>
    public static Outage State(string name, OutageBody body, Outage? held, ContractSettings contract, IReadOnlyCollection<Outage> all, Instant now)
    {
        var faults = new ConfigFaults();
        var live = held?.CancelledAt is null ? held : null;
        var from = body.From is { } stated ? Now(stated, live?.From, now) : live?.From ?? now;
        var until = Now(body.Until, live?.Until, now);
        var left = Left(body, contract, faults);
        faults.Unless(body.Reason.Trim().Length is > 0 and <= LongestReason, "/reason", $"1 to {LongestReason} characters that say why");
        faults.Unless(until > from, "/until", "must be after from", ErrorClass.SemanticWindow);
        faults.Unless(until - from <= Longest, "/until", $"at most {Longest.TotalDays:0} days; change the contract where its quantity is lower for good", ErrorClass.SemanticWindow);
        if (!faults.Any)
        {
            var same = Outage.State(name, live, new Interval(from, until), left, body.Reason, now);
            if (live is not null && live.Matches(same))
            {
                return live;
            }

            Times(from, until, live, faults, now);
            faults.Unless(live is not null || all.Count(o => o.CancelledAt is null && o.Until > now) < Most, string.Empty,
                $"at most {Most} declarations that are not over; join some", ErrorClass.LimitCount);
            if (!faults.Any)
            {
                return same;
            }
        }

        throw new FaultyEntryException(faults.All);
    }

    private static void Times(Instant from, Instant until, Outage? live, ConfigFaults faults, Instant now)
    {
        if (live is not null && live.Until <= now)
        {
            faults.Add(ErrorClass.Conflict, string.Empty, $"it was over at {TimeText.Format(live.Until)}; declare what is to come under another name");
            return;
        }

        var begun = live is not null && live.From <= now;
        faults.Unless(!begun || from == live!.From, "/from", "it has begun: its begin stays; leave from out", ErrorClass.Conflict);
        faults.Unless(begun || from >= now, "/from", "must not be in the past: what has been was measured; leave from out for now", ErrorClass.SemanticWindow);
        faults.Unless(until >= now, "/until", "must not be in the past; write now to end it", ErrorClass.SemanticWindow);
    }

    /// <summary>An instant just past means now; sent again it still means the same.</summary>
    private static Instant Now(Instant stated, Instant? meant, Instant now) =>
        meant is { } before && before <= now && stated - before <= Grace && before - stated <= Grace ? before
        : stated < now && now - stated <= Grace ? now
        : stated;

    private static long Left(OutageBody body, ContractSettings contract, ConfigFaults faults)
    {
        var left = (body.AvailableW, body.AvailableMw) switch
        {
            ({ } watts, null) => watts,
            (null, { } mw) when Math.Abs(mw) < 1_000_000m => (long)decimal.Truncate(mw * 1_000_000m),
            _ => (long?)null,
        };
        var quantity = ContractRules.Quantity(contract) ?? 0;
        faults.Unless(left is >= 0 && left < quantity, body.AvailableMw is null ? "/availableW" : "/availableMw",
            $"state what is left, in W or in MW: 0 (an outage) to below the contracted {quantity} W", ErrorClass.SemanticNumber);
        return left ?? 0;
    }
}
