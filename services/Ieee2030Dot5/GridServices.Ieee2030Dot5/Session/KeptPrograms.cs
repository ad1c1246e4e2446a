using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>
/// Programs in force that the walk does not find, because what leads to them moved, is empty or can't be read. They hang on the device, not on addresses: each
/// goes on until all that may list it was read whole and lacked it over <see cref="Departures.Confirmation"/>.
/// </summary>
/// <remarks>
/// <code>
///   lists      A1 ──┤ moved ─ 503 ─ 503 ─┤ read: without A1 ──────────┤ read again: without A1
///   program    A1 ───────────── goes on ─────────────────────────────┤ ends
///                                        ├── Confirmation (30 s) ────┤
/// </code>
/// </remarks>
internal static class KeptPrograms
{
    /// <summary>A server that moves about and names new programs each time is not followed without end.</summary>
    private const int MostKept = 256;

    /// <summary>What was found, and beside it what is kept.</summary>
    /// <param name="context">The step so far.</param>
    /// <param name="device">Whose programs they are.</param>
    /// <param name="schedule">The programs in force: those of DER or those of demand response.</param>
    /// <param name="key">Where what is missed of them is remembered (<see cref="DerLine.Missed"/>).</param>
    /// <param name="read">What was found.</param>
    public static IReadOnlyList<ProgramView> WithMissing(StepContext context, DeviceState device, DerScheduleState schedule, string key, ProgramsRead read)
    {
        var before = context.Line.Missed.GetValueOrDefault(key) ?? [];
        var found = read.Views.Select(v => v.ProgramKey).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var gone = device.Retired || read.IsLeftAlone ? [] : schedule.Programs.Where(p => !found.Contains(p.Key)).ToList();
        var bare = device.Retired ? [] : FindWithoutDefault(schedule, read.Views);
        if (gone.Count + bare.Count == 0)
        {
            SetMissed(context, key, []);
            return read.Views;
        }

        // Which reading of which lists says so: where the walk goes another way, it has said nothing for 30 s yet.
        var way = read.IsWhole(context.State) ? string.Join(' ', read.Lists.Select(l => l.Key)) : null;
        var isConfirmed = way is not null && read.Lists.Exists(l => context.Line.Readings[l.Key] is { IsDeparture: true } reading && reading.ReadAt == context.Now);
        var missed = Bounded(context, device, schedule, gone).Select(p => (p.Key, IsDefault: false)).Concat(bare.Select(p => (Key: p, IsDefault: true)))
            .Select(m => Check(context, before.FirstOrDefault(b => (b.Program, b.IsDefault) == m) ?? new MissedProgram(m.Key, m.IsDefault, context.Now, null, null), way, isConfirmed))
            .Where(m => way is null || !IsOver(context, read, m, isConfirmed)).ToList();
        SetMissed(context, key, missed);
        Confirm(context, read, missed);
        var kept = missed.ToLookup(m => m.IsDefault, m => m.Program);
        return [.. read.Views.Select(v => kept[true].Contains(v.ProgramKey, StringComparer.OrdinalIgnoreCase) ? v with { IsDefaultUnread = true } : v),
            .. gone.Where(p => kept[false].Contains(p.Key)).Select(ProgramView.FromHeld)];
    }

    /// <summary>Programs that were found without the default they had.</summary>
    private static List<string> FindWithoutDefault(DerScheduleState schedule, IReadOnlyList<ProgramView> views) =>
        [.. schedule.Programs.Where(p => p.Own() is not null).Select(p => (p.Key, Views: views.Where(v => string.Equals(v.ProgramKey, p.Key, StringComparison.OrdinalIgnoreCase)).ToList()))
            .Where(p => p.Views.Count > 0 && p.Views.TrueForAll(v => v is { Default: null, IsDefaultUnread: false })).Select(p => p.Key)];

    private static MissedProgram Check(StepContext context, MissedProgram missed, string? way, bool isConfirmed)
    {
        if (missed.Since == context.Now && !isConfirmed)
        {
            context.Warn(NoteKind.ListInconsistent, ErrorClass.LastKnownGood, way is null
                ? $"The server's lists lack {missed.Words}, and not all that may hold it can be read; what it said stays in force until that is."
                : $"The server's lists lack {missed.Words}; what it said stays in force until all readings over {Departures.Confirmation.TotalSeconds:0} s have said so.", missed.Program);
        }

        return way is null ? missed with { Way = null, AgreedSince = null } : missed.Way == way ? missed : missed with { Way = way, AgreedSince = context.Now };
    }

    private static bool IsOver(StepContext context, ProgramsRead read, MissedProgram missed, bool isConfirmed) =>
        (isConfirmed && missed.Since == context.Now)
        || (missed.AgreedSince + Departures.Confirmation is { } at && at <= context.Now && read.Lists.TrueForAll(l => context.Line.Readings[l.Key].ReadAt >= at));

    // What lists the programs is read once more when the time is over: nothing ends unread.
    private static void Confirm(StepContext context, ProgramsRead read, List<MissedProgram> missed)
    {
        if (missed.Where(m => m.AgreedSince is not null).Select(m => m.AgreedSince + Departures.Confirmation).Min() is not { } at)
        {
            return;
        }

        foreach (var key in read.Lists.Select(l => l.Key))
        {
            var reading = context.Line.Readings[key];
            if (reading.ReadAt < at && (reading.AgainAt is null || reading.AgainAt > at))
            {
                context.Line = context.Line with { Readings = context.Line.Readings.SetItem(key, reading with { AgainAt = at }) };
            }
        }
    }

    // What holds nothing makes room first.
    private static IEnumerable<HeldProgram> Bounded(StepContext context, DeviceState device, DerScheduleState schedule, List<HeldProgram> gone)
    {
        if (gone.Count <= MostKept)
        {
            return gone;
        }

        context.Alarm(NoteKind.ListInconsistent, ErrorClass.LimitCount, $"More than {MostKept} programs of {device.Lfdi} were in force and are not found any more; those that hold nothing are forgotten first.", device.Lfdi);
        var busy = schedule.Controls.Where(c => c.Over() > context.ServerNow).Select(c => c.ProgramKey).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return gone.OrderByDescending(p => busy.Contains(p.Key)).ThenByDescending(p => p.Own() is not null).Take(MostKept);
    }

    private static void SetMissed(StepContext context, string key, List<MissedProgram> missed)
    {
        var before = context.Line.Missed.GetValueOrDefault(key);
        if (missed.Count == 0 ? before is not null : before is null || !before.SequenceEqual(missed))
        {
            context.Line = context.Line with { Missed = missed.Count == 0 ? context.Line.Missed.Remove(key) : context.Line.Missed.SetItem(key, missed.ToValueList()) };
        }
    }
}

/// <summary>What the walk found of a device's programs.</summary>
/// <param name="Views">Those that it found.</param>
/// <param name="Lists">The resources that list them: the EndDevice's, the assignments, the programs.</param>
/// <param name="IsPartial">True: something that is linked and may list or replace a program was asked for in vain.</param>
internal sealed record ProgramsRead(IReadOnlyList<ProgramView> Views, List<Node> Lists, bool IsPartial)
{
    /// <summary>True: no programs of the kind are followed; those in force end at once.</summary>
    public bool IsLeftAlone { get; init; }

    /// <summary>True: what is not in it is nowhere, as far as the server's last answers go.</summary>
    public bool IsWhole(DerClientState state) => !IsPartial && Lists.TrueForAll(l => state.Line.Readings.GetValueOrDefault(l.Key) is { ReadAt: not null, IsRefused: false } reading
        && (l.Kind is NodeKind.EndDeviceList or NodeKind.EndDevice || (!reading.IsHalf && l.Known is FunctionSetAssignmentsList or DerProgramList or DemandResponseProgramList)));
}

/// <summary>A program in force that is not found, or the default that a program is found without.</summary>
/// <param name="Program">The program's key.</param>
/// <param name="IsDefault">True: it is found, without the default it had.</param>
/// <param name="Since">Since when, our time.</param>
/// <param name="AgreedSince">Since when every reading of all that may list it says that it is gone, our time; null: not all of that can be read.</param>
/// <param name="Way">The lists that say so, in the order of the walk.</param>
public sealed record MissedProgram(string Program, bool IsDefault, Instant Since, Instant? AgreedSince, string? Way)
{
    /// <summary>What is missed, in words.</summary>
    public string Words => $"{(IsDefault ? "the default of program" : "program")} {SafeText.Quote(Program, 120)}";
}
