using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>
/// Assignments, programs and tariffs that a list no longer holds, or holds without the links they had. CSIP-AUS P-02 lets them end their controls; one reading
/// that was wrong must not. They end once every reading over <see cref="Confirmation"/> has said so.
/// </summary>
internal static class Departures
{
    /// <summary>How long a list must lack something until that is believed.</summary>
    public static readonly Duration Confirmation = Duration.FromSeconds(30);

    /// <summary>Since when, by our clock, the list lacks what is still kept; null: it lacks nothing, or that is confirmed.</summary>
    public static Instant? Since(StepContext context, Node node, Resource read, bool complete) =>
        Lacking(context, node, read, complete) is { } since && context.Now - since < Confirmation ? since : null;

    /// <summary>True: this reading confirms that what the list held before is gone.</summary>
    public static bool IsConfirmed(StepContext context, Node node, Resource read, bool complete) =>
        Lacking(context, node, read, complete) is { } since && context.Now - since >= Confirmation;

    private static Instant? Lacking(StepContext context, Node node, Resource read, bool complete)
    {
        var leaves = complete && ListPaging.FindFacts(read) is { HasUnreadable: false } && (read, node.Known) switch
        {
            (FunctionSetAssignmentsList now, FunctionSetAssignmentsList before) => Leaving(now, before).Count > 0,
            (DerProgramList { Items.Count: > 0 } now, DerProgramList before) => Leaving(now, before).Count > 0,
            (DemandResponseProgramList { Items.Count: > 0 } now, DemandResponseProgramList before) => Leaving(now, before).Count > 0,
            (TariffProfileList now, TariffProfileList before) => Leaving(now, before).Count > 0,
            _ => false,
        };
        return leaves ? context.Line.Readings.GetValueOrDefault(node.Key)?.LeavingSince ?? context.Now : null;
    }

    /// <summary>The list with what it lacks, until that is confirmed.</summary>
    public static Resource WithMissing(StepContext context, Node node, Resource read, bool complete) => Since(context, node, read, complete) is null ? read : (read, node.Known) switch
    {
        (FunctionSetAssignmentsList now, FunctionSetAssignmentsList before) => With(now, before, items => now with { Items = items, All = items.Count, Results = items.Count }),
        (DerProgramList now, DerProgramList before) => With(now, before, items => now with { Items = items, All = items.Count, Results = items.Count }),
        (DemandResponseProgramList now, DemandResponseProgramList before) => With(now, before, items => now with { Items = items, All = items.Count, Results = items.Count }),
        (TariffProfileList now, TariffProfileList before) => With(now, before, items => now with { Items = items, All = items.Count, Results = items.Count }),
        _ => read,
    };

    private static Resource With<T>(ResourceList<T> now, ResourceList<T> before, Func<ValueList<Readable<T>>, Resource> list)
        where T : Resource
    {
        var leaving = Leaving(now, before);
        return list(now.Items.Where(i => !leaving.Exists(l => IsSame(i.Value!, l.Value!))).Concat(leaving).ToValueList());
    }

    private static List<Readable<T>> Leaving<T>(ResourceList<T> now, ResourceList<T> before)
        where T : Resource =>
        [.. before.Items.Where(b => b.Value is { } was && !now.Items.Any(n => n.Value is { } item && IsSame(item, was) && !IsPoorer(item, was)))];

    private static bool IsSame(Resource one, Resource other) =>
        (one.Href is { } href && href == other.Href) || (FindMRid(one) is { } mrid && string.Equals(mrid, FindMRid(other), StringComparison.OrdinalIgnoreCase));

    private static string? FindMRid(Resource item) => item switch
    {
        FunctionSetAssignments a => a.MRid,
        DerProgram p => p.MRid,
        DemandResponseProgram p => p.MRid,
        TariffProfile t => t.MRid,
        _ => null,
    };

    // Without the link to its programs, controls or default it ends them as if it were gone.
    private static bool IsPoorer(Resource now, Resource was) => (now, was) switch
    {
        (FunctionSetAssignments n, FunctionSetAssignments w) => (n.DemandResponseProgramListLink is null && w.DemandResponseProgramListLink is not null) || (n.DerProgramListLink is null && w.DerProgramListLink is not null) || (n.TariffProfileListLink is null && w.TariffProfileListLink is not null),
        (DemandResponseProgram n, DemandResponseProgram w) => n is { EndDeviceControlListLink: null, ActiveEndDeviceControlListLink: null } && w is not { EndDeviceControlListLink: null, ActiveEndDeviceControlListLink: null },
        (DerProgram n, DerProgram w) => (n.DefaultDerControlLink is null && w.DefaultDerControlLink is not null)
            || (n is { DerControlListLink: null, ActiveDerControlListLink: null } && w is not { DerControlListLink: null, ActiveDerControlListLink: null }),
        _ => false,
    };
}
