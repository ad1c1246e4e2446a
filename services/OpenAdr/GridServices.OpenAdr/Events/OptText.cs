using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Events;

/// <summary>An opt in words, and what one opt says of another.</summary>
internal static class OptText
{
    /// <summary><c>Opt opt-1 (optOut, economic) about event e1 for r1</c>.</summary>
    public static string Describe(VenOpt opt)
    {
        var request = opt.Request;
        var about = request.EventId is { } eventId ? $"about event {SafeText.Short(eventId)}" : $"for {request.Periods.Count} {(request.Periods.Count == 1 ? "period" : "periods")}";
        var meant = request.ResourceIds.Concat(request.DeviceClasses).ToList();
        var of = meant.Count == 0 ? string.Empty : $" of {string.Join(", ", meant.Take(10).Select(SafeText.Short))}";
        return $"Opt {opt.OptId} ({(request.OptType == OptType.OptIn ? "optIn" : "optOut")}, {request.OptReason}) {about}{of}";
    }

    /// <summary>OpenADR 2.0b rule 203: a later schedule of the same kind, program and targets replaces an earlier one as a whole.</summary>
    public static bool Replaces(VenOpt later, VenOpt earlier) =>
        later.IsSchedule && earlier is { IsSchedule: true, CancelledAt: null }
        && later.Request.OptType == earlier.Request.OptType && Normal(later.Request.MarketContext) == Normal(earlier.Request.MarketContext)
        && later.Request.ResourceIds.ToHashSet(StringComparer.Ordinal).SetEquals(earlier.Request.ResourceIds)
        && later.Request.DeviceClasses.ToHashSet(StringComparer.Ordinal).SetEquals(earlier.Request.DeviceClasses);

    /// <summary>OpenADR 2.0b rule 206: a later oadrCreateOpt changes what an earlier one said about the same event and resources.</summary>
    public static bool IsReplacedBy(VenState state, VenOpt earlier, VenOpt later) =>
        !later.IsSchedule && !earlier.IsSchedule && earlier.Request.EventId == later.Request.EventId && earlier.OptId != later.OptId
        && IndexOf(state, earlier) < IndexOf(state, later)
        && (later.Request.ResourceIds.Count == 0 || (earlier.Request.ResourceIds.Count > 0 && earlier.Request.ResourceIds.All(r => later.Request.ResourceIds.Contains(r))));

    private static string? Normal(string? marketContext) => marketContext is null ? null : MarketContexts.Normal(marketContext);

    private static int IndexOf(VenState state, VenOpt opt)
    {
        for (var i = 0; i < state.Opts.Count; i++)
        {
            if (state.Opts[i].OptId == opt.OptId)
            {
                return i;
            }
        }

        return -1;
    }
}
