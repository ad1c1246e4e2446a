using System.Collections.Immutable;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Envelopes;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Responses;
using GridServices.Ieee2030Dot5.Time;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>What the walk knows, as the event engine sees it.</summary>
internal static class Schedules
{
    /// <summary>The programs of a device as last known good; null while its assignments were never read, which says nothing about them.</summary>
    public static IReadOnlyList<ProgramView>? FindViews(DerClientConfig config, DerClientState state, string lfdi)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        return new ViewReader(config, state, null).Read(lfdi)?.Views;
    }

    /// <summary>Lets the event engine look wherever something changed or its time has come. What it publishes is of one transaction with what it owes.</summary>
    /// <param name="context">The step so far.</param>
    /// <param name="before">The state before the step.</param>
    /// <param name="changed">As <see cref="Changed"/> found it.</param>
    /// <param name="all">True: every device, whatever changed.</param>
    public static IReadOnlyList<EnginePublication> Run(StepContext context, DerClientState before, HashSet<string> changed, bool all)
    {
        var lost = context.Config.FallbackAfterLoss is not null && (before.Line.LostSince != context.Line.LostSince || !IsSameLoss(before.Nodes, context.State.Nodes));
        var clock = ClockChange.Between(before.Clock, context.State.Clock);
        var isToBeRead = ClockRules.IsToBeRead(context.State);

        // What was judged by a clock that was not the server's is judged anew.
        all |= ClockRules.IsKnown(before) != ClockRules.IsKnown(context.State) || ClockRules.IsFar(clock.Shift) || ClockRules.IsToBeRead(before) != isToBeRead
            || !ReferenceEquals(before.AssignmentClocks, context.State.AssignmentClocks);
        List<EnginePublication>? publications = null;
        var looks = context.State.LookedAt;
        var concerned = looks.Concerned(changed);
        foreach (var (key, device) in context.State.Devices)
        {
            if (isToBeRead && !lost && !device.Retired)
            {
                continue;
            }

            var reader = new ViewReader(context.Config, context.State, changed);
            var isDue = device.NextChange is { } next && next <= context.ServerNow;
            var isMissed = !ReferenceEquals(before.Line.Readings, context.Line.Readings) && context.Line.Missed.ContainsKey(device.Lfdi);
            var mayConcern = all || device.Retired || isMissed || (changed.Count > 0 && (concerned.Contains(key) || !looks.Knows(key)));
            var views = mayConcern ? reader.Read(key) : null;
            if (mayConcern)
            {
                context.State = context.State with { LookedAt = context.State.LookedAt.With(key, reader.Keys) };
            }

            var isLookedAtAgain = isDue && device.Schedule.LookAgainAt <= context.ServerNow;
            var isNew = all || reader.Touched || isMissed || isLookedAtAgain || before.Devices.GetValueOrDefault(key)?.Pin != device.Pin;
            if (isNew || isDue || lost || clock != default || Reclocking.IsStatedOtherwise(device.Schedule, context.State.Clock) || IsReservedAnew(context, before.Devices.GetValueOrDefault(key), device, changed))
            {
                var read = isNew || device.Retired ? views ?? reader.Read(key) : null;
                (publications ??= []).AddRange(Evaluate(context, key, read is null ? null : KeptPrograms.WithMissing(context, device, device.Schedule, device.Lfdi, read), clock));
            }
        }

        return publications ?? (IReadOnlyList<EnginePublication>)[];
    }

    /// <summary>Withdraws whatever a device has published.</summary>
    public static IReadOnlyList<EnginePublication> Withdraw(StepContext context, string key) => Evaluate(context, key, [], default, isTimeKnown: true);

    private static IReadOnlyList<EnginePublication> Evaluate(StepContext context, string key, IReadOnlyList<ProgramView>? views, ClockChange clock, bool? isTimeKnown = null)
    {
        var device = context.State.Devices[key];
        var config = CreateConfig(context.Config, device, context.Devices.GetValueOrDefault(key)) with { DeviceCategory = StatedModes.FindCategory(context, key) };
        if (views is [] && device.Retired)
        {
            // No fallback of ours for what is not under this authority any more.
            config = config with { Fallback = null };
        }

        var now = context.ServerNow;
        var unread = config.FallbackAfterLoss is null ? null : new ViewReader(context.Config, context.State, null).UnreadSince(key);
        var ceased = device.Pin == PinVerdict.Differs ? device.CeasedAt : null;
        Instant? lostSince = Earlier(Earlier(context.Line.LostSince, unread), ceased) is { } lost ? context.State.Clock.OnServer(lost) : null;
        var held = Reclocking.Apply(device.Schedule, clock, context.State.Clock, now);
        var step = DerSchedule.Apply(config, held, views, now, context.Seed, lostSince, isTimeKnown ?? IsTimeKnown(context, key));
        var (reservations, reserved, look) = Reserved(context, device, config);
        var (schedule, publications, coarser) = DerEnvelopes.CreatePublications(config, step, now, context.Seed, reserved);
        var due = Earlier(step.NextChange, device.Retired ? null : look.Next(reservations, context.State.Clock.OffsetToMachine));
        var next = due is { } at && at <= now ? now + Duration.FromSeconds(1) : due;
        var ordered = OrderedIn(step, now);
        if (!ReferenceEquals(schedule, device.Schedule) || next != device.NextChange || step.Gradient != device.Gradient || ordered != device.Ordered
            || !ReferenceEquals(reservations, device.Reservations))
        {
            var kept = schedule == device.Schedule ? device.Schedule : schedule;
            context.State = context.State with
            {
                Devices = context.State.Devices.SetItem(key, device with { Schedule = kept, NextChange = next, Gradient = step.Gradient, Ordered = ordered, Reservations = reservations }),
            };
        }

        foreach (var note in step.Notes.Concat(coarser).Concat(look.Notes))
        {
            context.Note(note);
        }

        Responding.Enqueue(context, step.Responses);
        Responding.Enqueue(context, look.Responses);
        return context.State.Clock.OffsetToMachine == Duration.Zero ? publications : [.. publications.Select(p => OnMachine(context.State.Clock, p))];
    }

    /// <summary>False: nothing of the EndDevice may be judged by what is known of the clocks.</summary>
    internal static bool IsTimeKnown(StepContext context, string lfdi) => ClockRules.IsKnown(context.State) && AssignmentTimes.IsKnown(context.Config, context.State, lfdi);

    // By a clock that is not the server's nothing of a reservation is judged; of one whose PIN never was ours nothing is stated.
    private static (ValueList<Reservation> Reservations, ReservedStream? Stated, ReservationContext Look) Reserved(StepContext context, DeviceState device, DerScheduleConfig config)
    {
        var (now, offset) = (context.ServerNow, context.State.Clock.OffsetToMachine);
        var look = new ReservationContext(config, now);
        if (device.Retired || device.Reservations.Count == 0)
        {
            return (device.Reservations, null, look);
        }

        var listed = Reserving.Granted(context.Config, context.State, device.Lfdi)?.Known as FlowReservationResponseList;
        var reservations = ClockRules.IsKnown(context.State) ? look.Process(device.Reservations, listed, offset) : device.Reservations;
        return (reservations, device is { Pin: PinVerdict.Differs, HasMatched: false } ? null : ReservedPower.CreateStream(config, reservations, now, offset), look);
    }

    private static bool IsReservedAnew(StepContext context, DeviceState? before, DeviceState device, HashSet<string> changed) => device is { Retired: false, Reservations.Count: > 0 }
        && (!ReferenceEquals(before?.Reservations, device.Reservations)
            || (changed.Count > 0 && Reserving.Granted(context.Config, context.State, device.Lfdi) is { } list && changed.Contains(list.Key)));

    // A server that answers to everything but what orders limits is lost to whoever waits for them.
    private static bool IsSameLoss(ImmutableSortedDictionary<string, Node> before, ImmutableSortedDictionary<string, Node> after) => ReferenceEquals(before, after)
        || after.All(n => n.Value.UnreadSince == before.GetValueOrDefault(n.Key)?.UnreadSince);

    internal static Instant? Earlier(Instant? one, Instant? other) => one is null ? other : other is null || one < other ? one : other;

    private static CommandedState OrderedIn(DerScheduleStep step, Instant now) => new(
        step.At(ControlMode.Connect, now) is { Setting.Amount: var connect } ? connect != 0 : null,
        step.At(ControlMode.Energize, now) is { Setting.Amount: var energize } ? energize != 0 : null,
        step.At(ControlMode.FixedW, now) is { Source: PieceSource.Control, Setting.Amount: var fixedW } ? fixedW : null);

    // The sites live by the machine's time: a server whose clock is off means its own.
    internal static EnginePublication OnMachine(ServerClock clock, EnginePublication publication) => publication is EnginePublication.PublishEnvelope { Envelope: var e }
        ? new EnginePublication.PublishEnvelope(e with
        {
            Segments = [.. e.Segments.Select(s => s.Over(clock.OnMachine(s.From), s.Until is { } until ? clock.OnMachine(until) : null))],
            Targets = [.. e.Targets.Select(t => t.Over(clock.OnMachine(t.From), t.Until is { } until ? clock.OnMachine(until) : null))],
        })
        : publication;

    /// <summary>Keys of the resources whose content changed in the step, that went, or that were first asked for in vain.</summary>
    internal static HashSet<string> Changed(DerClientState before, DerClientState after)
    {
        var changed = new HashSet<string>(StringComparer.Ordinal);
        if (!ReferenceEquals(before.Nodes, after.Nodes))
        {
            foreach (var (key, node) in after.Nodes)
            {
                if (!before.Nodes.TryGetValue(key, out var was) || !ReferenceEquals(was.Known, node.Known) || was.Slipped != node.Slipped || was.Missing != node.Missing)
                {
                    changed.Add(key);
                }
            }

            // Whoever was looked at by what went is looked for anew: what took its place has another name.
            changed.UnionWith(before.Nodes.Keys.Where(k => !after.Nodes.ContainsKey(k)));
        }

        if (ReferenceEquals(before.Nodes, after.Nodes) && before.Line.Readings.Count == after.Line.Readings.Count && before.Line.Holds.Count == after.Line.Holds.Count)
        {
            // Nothing is read or held that was neither before.
            return changed;
        }

        // The first time something is asked for in vain, what waited for it goes on without.
        changed.UnionWith(after.Nodes.Where(n => n.Value.Known is null && IsTried(after, n.Key) && !IsTried(before, n.Key)).Select(n => n.Key));
        return changed;
    }

    // Asked for in vain. A list of which some pages were read is still being asked for.
    internal static bool IsTried(DerClientState state, string key) =>
        state.Line.Readings.GetValueOrDefault(key) is { IsRefused: true } || state.Line.Holds.ContainsKey(key);

    /// <summary>The event engine's settings for a device.</summary>
    public static DerScheduleConfig CreateConfig(DerClientConfig config, DeviceState device, DerDeviceConfig? settings)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(device);
        var plate = settings?.Nameplate ?? new DerNameplate();
        return new DerScheduleConfig
        {
            SiteId = device.SiteId,
            Lfdi = device.Lfdi,
            DerTarget = settings?.Der(),
            Nameplate = new Nameplate { MaxW = plate.SetMaxW ?? plate.MaxW, MaxChargeW = plate.MaxChargeW, MaxImportW = plate.MaxImportW, MaxWh = plate.MaxWh },
            Modes = StatedModes.Find(settings),
            Edition = config.ResponseCodes == DerResponseCodes.Edition2023 ? ResponseEdition.Ieee2023 : ResponseEdition.Ieee2018,
            DisappearedIsCancelled = config.ResponseCodes == DerResponseCodes.Edition2023 && config.Edition is not (DerEdition.CsipAus12 or DerEdition.CsipAus13),
            GapBridging = config.GapBridging,
            Fallback = config.Fallback,
            FallbackAfterLoss = config.FallbackAfterLoss,
            SendRejections = config.SendRejections,
            Tier = config.Tier,
            Obligation = config.Obligation,
            Failsafe = config.Failsafe,
            NominalHz = config.NominalHz,
            Functions = settings?.Functions ?? [],
            Programs = [.. config.Programs.Select(p => new ProgramStream(p.Program) { Stream = p.Stream, Tier = p.Tier, Obligation = p.Obligation, Failsafe = p.Failsafe })],
        };
    }
}
