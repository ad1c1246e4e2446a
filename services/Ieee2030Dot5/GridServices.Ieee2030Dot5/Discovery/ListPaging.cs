using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>What all lists have in common, whatever they are lists of.</summary>
internal static class ListPaging
{
    public static ListFacts? FindFacts(Resource resource) => resource switch
    {
        EndDeviceList l => Facts(l),
        FunctionSetAssignmentsList l => Facts(l),
        DerProgramList l => Facts(l),
        DerControlList l => Facts(l),
        DerList l => Facts(l),
        MirrorUsagePointList l => Facts(l),
        SubscriptionList l => Facts(l),
        TariffProfileList l => Facts(l),
        RateComponentList l => Facts(l),
        TimeTariffIntervalList l => Facts(l),
        ConsumptionTariffIntervalList l => Facts(l),
        FlowReservationRequestList l => Facts(l),
        FlowReservationResponseList l => Facts(l),
        DemandResponseProgramList l => Facts(l),
        EndDeviceControlList l => Facts(l),
        LoadShedAvailabilityList l => Facts(l),
        _ => null,
    };

    /// <summary>The pages of one list as one list; null where they are of different kinds.</summary>
    public static Resource? Join(Resource first, Resource next) => (first, next) switch
    {
        (EndDeviceList a, EndDeviceList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (FunctionSetAssignmentsList a, FunctionSetAssignmentsList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (DerProgramList a, DerProgramList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (DerControlList a, DerControlList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (DerList a, DerList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (MirrorUsagePointList a, MirrorUsagePointList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (SubscriptionList a, SubscriptionList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (TariffProfileList a, TariffProfileList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (RateComponentList a, RateComponentList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (TimeTariffIntervalList a, TimeTariffIntervalList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (ConsumptionTariffIntervalList a, ConsumptionTariffIntervalList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (FlowReservationRequestList a, FlowReservationRequestList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (FlowReservationResponseList a, FlowReservationResponseList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (DemandResponseProgramList a, DemandResponseProgramList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (EndDeviceControlList a, EndDeviceControlList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        (LoadShedAvailabilityList a, LoadShedAvailabilityList b) => a with { Items = JoinItems(a, b), All = b.All, Results = Count(a, b) },
        _ => null,
    };

    /// <summary>
    /// What the list says now, and of what it said before that which an unreadable or unsent item may hide. Nothing goes missing by accident.
    /// </summary>
    public static Resource WithKept(Resource now, Resource before) => (now, before) switch
    {
        (FunctionSetAssignmentsList n, FunctionSetAssignmentsList b) => n with { Items = WithMissing(n, b) },
        (DerProgramList n, DerProgramList b) => n with { Items = WithMissing(n, b) },
        (DerList n, DerList b) => n with { Items = WithMissing(n, b) },
        (EndDeviceList n, EndDeviceList b) => n with { Items = WithMissing(n, b) },
        (DemandResponseProgramList n, DemandResponseProgramList b) => n with { Items = WithMissing(n, b) },
        (TariffProfileList n, TariffProfileList b) => n with { Items = WithMissing(n, b) },
        (RateComponentList n, RateComponentList b) => n with { Items = WithMissing(n, b) },
        _ => now,
    };

    /// <summary>How an item is told from others: its mRID, else its address.</summary>
    private static string? FindKey<T>(Readable<T> item)
        where T : Resource => item.Value switch
        {
            null => item.Unreadable!.Href ?? item.Unreadable.MRid,
            { Href: { } href } => href,
            DerControl c => c.MRid,
            DerProgram p => p.MRid,
            FunctionSetAssignments f => f.MRid,
            MirrorUsagePoint m => m.MRid,
            EndDevice e => e.LFdi,
            TariffProfile t => t.MRid,
            RateComponent c => c.MRid,
            TimeTariffInterval i => i.MRid,
            FlowReservationRequest r => r.MRid,
            FlowReservationResponse r => r.MRid,
            DemandResponseProgram p => p.MRid,
            EndDeviceControl c => c.MRid,
            _ => null,
        };

    private static ListFacts Facts<T>(ResourceList<T> list)
        where T : Resource => new(
            list.All,
            list.Items.Count,
            list.PollRate,
            list.Contradiction,
            list.Items.Select(FindKey).ToList(),
            list.Items.Any(i => i.Unreadable is not null));

    private static ValueList<Readable<T>> JoinItems<T>(ResourceList<T> a, ResourceList<T> b)
        where T : Resource
    {
        // Items that only look alike stay side by side: which of two events under one name holds is not for a list to say.
        var seen = a.Items.ToHashSet();
        return a.Items.Concat(b.Items.Where(seen.Add)).ToValueList();
    }

    private static int Count<T>(ResourceList<T> a, ResourceList<T> b)
        where T : Resource => JoinItems(a, b).Count;

    private static ValueList<Readable<T>> WithMissing<T>(ResourceList<T> now, ResourceList<T> before)
        where T : Resource
    {
        var read = now.Items.Where(i => i.Value is not null).ToList();
        var seen = read.Select(FindKey).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return read.Concat(before.Items.Where(i => i.Value is not null && FindKey(i) is { } key && seen.Add(key))).ToValueList();
    }
}

/// <summary>The counts and keys of a page or a list.</summary>
internal sealed record ListFacts(int All, int Count, long? PollRate, ReadError? Contradiction, IReadOnlyList<string?> Keys, bool HasUnreadable);
