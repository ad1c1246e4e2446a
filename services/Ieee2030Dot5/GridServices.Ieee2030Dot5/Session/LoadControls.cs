using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Envelopes;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Responses;
using GridServices.Ieee2030Dot5.Time;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>Demand response: EndDeviceControls go through the event engine as DER controls do, by a policy that says what they mean at the site.</summary>
internal static class LoadControls
{
    /// <summary>Put before the streams of demand response, so that a program of the same name elsewhere is another stream.</summary>
    internal const string StreamPrefix = "drlc-";

    /// <summary>Where the programs that are missed are remembered, apart from those of DER.</summary>
    internal static string MissedKey(string lfdi) => StreamPrefix + lfdi;

    /// <summary>Lets the engine look wherever something changed or its time has come. What it publishes is of one transaction with what it owes.</summary>
    /// <param name="context">The step so far.</param>
    /// <param name="before">The state before the step.</param>
    /// <param name="changed">As <see cref="Schedules.Changed"/> found it.</param>
    /// <param name="all">True: every device, whatever changed.</param>
    public static IReadOnlyList<EnginePublication> Run(StepContext context, DerClientState before, HashSet<string> changed, bool all)
    {
        var clock = ClockChange.Between(before.Clock, context.State.Clock);
        var isToBeRead = ClockRules.IsToBeRead(context.State);
        all |= ClockRules.IsKnown(before) != ClockRules.IsKnown(context.State) || ClockRules.IsFar(clock.Shift) || ClockRules.IsToBeRead(before) != isToBeRead
            || !ReferenceEquals(before.AssignmentClocks, context.State.AssignmentClocks);

        // Without a policy nothing is live, and nothing is due: what was is withdrawn in the step that takes the policy away, or once the time was asked for.
        if (context.Config.LoadControl is null && !all && !context.State.Devices.Values.Any(d => d.LoadControl.NextChange is not null))
        {
            return [];
        }

        List<EnginePublication>? publications = null;
        var looks = context.State.LoadsLookedAt;
        var concerned = looks.Concerned(changed);
        foreach (var (key, device) in context.State.Devices)
        {
            if (isToBeRead && !device.Retired)
            {
                continue;
            }

            var was = before.Devices.GetValueOrDefault(key);
            var reader = new LoadControlReader(context.Config, context.State, changed);
            var isMissed = !ReferenceEquals(before.Line.Readings, context.Line.Readings) && context.Line.Missed.ContainsKey(MissedKey(device.Lfdi));
            var mayConcern = all || device.Retired || isMissed || (changed.Count > 0 && (concerned.Contains(key) || !looks.Knows(key)));
            var read = mayConcern ? reader.Read(key) : null;
            if (mayConcern)
            {
                context.State = context.State with { LoadsLookedAt = context.State.LoadsLookedAt.With(key, reader.Keys) };
            }

            var isDue = device.LoadControl.NextChange is { } next && next <= context.ServerNow;
            var isLookedAtAgain = isDue && device.LoadControl.Schedule.LookAgainAt <= context.ServerNow;
            var isNew = all || reader.Touched || isMissed || isLookedAtAgain || was?.Pin != device.Pin;
            var isStatedOtherwise = Reclocking.IsStatedOtherwise(device.LoadControl.Schedule, context.State.Clock);
            if (isNew || isDue || clock != default || isStatedOtherwise || (was is not null && !ReferenceEquals(was.LoadControl, device.LoadControl)))
            {
                read = isNew || device.Retired ? read ?? reader.Read(key) : null;
                var views = read is null ? null : KeptPrograms.WithMissing(context, device, device.LoadControl.Schedule, MissedKey(device.Lfdi), read);
                (publications ??= []).AddRange(Evaluate(context, before, key, views, clock));
            }
        }

        return publications ?? (IReadOnlyList<EnginePublication>)[];
    }

    /// <summary>Withdraws whatever a device has published of demand response.</summary>
    public static IReadOnlyList<EnginePublication> Withdraw(StepContext context, string key) => Evaluate(context, context.State, key, [], default, isTimeKnown: true);

    private static IReadOnlyList<EnginePublication> Evaluate(StepContext context, DerClientState earlier, string key, IReadOnlyList<ProgramView>? views, ClockChange clock, bool? isTimeKnown = null)
    {
        var device = context.State.Devices[key];
        var before = device.LoadControl;
        if (views is [] && before.Schedule with { StatedBy = Duration.Zero } == DerScheduleState.Initial)
        {
            return [];
        }

        var (config, now) = (CreateConfig(context.Config, device, context.Devices.GetValueOrDefault(key)), context.ServerNow);
        var held = Reclocking.Apply(before.Schedule, clock, context.State.Clock, now);
        var step = DerSchedule.Apply(config, held, views, now, context.Seed, isTimeKnown: isTimeKnown ?? Schedules.IsTimeKnown(context, key));
        var notes = step.Notes.ToList();
        var loads = PresentLoad.Draw(config, step, before.Loads, Measured(context, earlier, key), now, notes);
        step = PresentLoad.Applied(config, step, loads);
        var (schedule, publications, coarser) = DerEnvelopes.CreatePublications(config, step, now, context.Seed);
        var next = step.NextChange is { } at && at <= now ? now + Duration.FromSeconds(1) : step.NextChange;
        if (!ReferenceEquals(schedule, before.Schedule) || !ReferenceEquals(loads, before.Loads) || next != before.NextChange)
        {
            var after = new LoadControlState { Schedule = schedule == before.Schedule ? before.Schedule : schedule, Loads = loads, NextChange = next };
            context.Change(key, d => d with { LoadControl = after });
        }

        foreach (var note in notes.Concat(coarser))
        {
            context.Note(note);
        }

        Responding.Enqueue(context, step.Responses);
        return context.State.Clock.OffsetToMachine == Duration.Zero ? publications : [.. publications.Select(p => Schedules.OnMachine(context.State.Clock, p))];
    }

    // The connection point's, import positive, in the server's time. What came in this very step may be from after the control began.
    private static List<(Instant At, long Watts)> Measured(StepContext context, DerClientState earlier, string key) =>
        [.. new[] { context.Line, earlier.Line }.Select(l => l.Measured.GetValueOrDefault(key)?.Site)
            .Where(s => s is { NetPowerW: not null }).Select(s => (context.State.Clock.OnServer(s!.At), s.NetPowerW!.Value))];

    /// <summary>The event engine's settings for demand response at a device.</summary>
    internal static DerScheduleConfig CreateConfig(DerClientConfig config, DeviceState device, DerDeviceConfig? settings) => Schedules.CreateConfig(config, device, settings) with
    {
        Fallback = null,
        FallbackAfterLoss = null,
        Functions = [],
        StreamPrefix = StreamPrefix,
        Tier = config.LoadControl?.Tier ?? config.Tier,
        Obligation = config.LoadControl?.Obligation ?? config.Obligation,
        Failsafe = config.LoadControl?.Failsafe,
        DeviceCategory = config.LoadControl is { } policy ? Convert.ToUInt32(policy.DeviceCategory, 16) : null,
        Load = config.LoadControl is { } meaning ? ToPolicy(meaning, settings) : null,
    };

    private static LoadPolicy ToPolicy(DerLoadControl policy, DerDeviceConfig? settings) => new()
    {
        Mode = policy.At == DerLoadPoint.Der ? ControlMode.LoadLimW : ControlMode.ImpLimW,
        ReferenceW = policy.ReferenceW ?? settings?.Nameplate.MaxImportW,
        RefersToPresent = policy.Reference == DerLoadReference.PresentLoad,
        TargetReduction = policy.TargetReduction switch
        {
            DerTargetReduction.ReduceBy => ReductionMeaning.ReduceBy,
            DerTargetReduction.StayBelow => ReductionMeaning.StayBelow,
            _ => ReductionMeaning.NotFollowed,
        },
        DutyCycle = policy.DutyCycle,
        LoadOffset = policy.LoadOffset,
        OtherwiseShare = policy.OtherwisePercent / 100m,
    };
}
