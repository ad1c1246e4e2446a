using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Time;

/// <summary>What the server's clock says, as a difference to ours. The computer's clock is never stepped.</summary>
public sealed record ServerClock
{
    private static readonly Instant Latest = Instant.FromUtc(9999, 12, 31, 23, 59, 59);

    /// <summary>Server time minus ours.</summary>
    public Duration Offset { get; init; }

    /// <summary>TimeResource quality; 7 (intentionally uncoordinated) is as good as any. Null: not said.</summary>
    public byte? Quality { get; init; }

    /// <summary>True once the server has told its time in a way that can be believed.</summary>
    public bool IsKnown { get; init; }

    /// <summary>True: the difference was above the alarm threshold when last measured.</summary>
    public bool IsFar { get; init; }

    /// <summary>A jump that was read and is not followed yet; null: none.</summary>
    public ClockJump? Jump { get; init; }

    /// <summary>
    /// How far the machine's clock has moved against ours since the process began: ours never jumps, the machine's does when somebody sets
    /// it, or when the machine slept. The hub, the sites and their meters live by the machine's.
    /// </summary>
    public Duration Step { get; init; }

    /// <summary>True: measured against the clock of a process before this one, whose machine may have been set since.</summary>
    public bool IsGuess { get; init; }

    /// <summary>True: what is known contradicts itself, so that nothing may be judged by it until readings agree.</summary>
    public bool IsDoubted { get; init; }

    /// <summary>The server's time when it was last read, to the hour; null: never. A machine that starts before it has lost its time.</summary>
    public Instant? SeenAt { get; init; }

    /// <summary>Server time minus that of the machine.</summary>
    public Duration OffsetToMachine => Offset - Step;

    /// <summary>An instant of ours on the server's clock.</summary>
    public Instant OnServer(Instant ours) => ours + Offset;

    /// <summary>An instant of the server's clock on ours; the end of the calendar at most.</summary>
    public Instant OnOurs(Instant servers) => Back(servers, Offset);

    /// <summary>An instant of the server's clock on that of the machine; the end of the calendar at most.</summary>
    public Instant OnMachine(Instant servers) => Back(servers, OffsetToMachine);

    private static Instant Back(Instant servers, Duration by) => by < Duration.Zero && servers > Latest + by ? Latest : servers - by;
}

/// <summary>What the server's clock has jumped to, until several readings confirm it.</summary>
/// <param name="Offset">Server time minus ours, as read.</param>
/// <param name="Since">When it was read first, our time.</param>
/// <param name="Readings">How many agree so far.</param>
public sealed record ClockJump(Duration Offset, Instant Since, int Readings);

/// <summary>Follows the server's clock.</summary>
internal static class ClockRules
{
    // currentTime has whole seconds and the answer was on its way: differences within that are no news, and would move every event for nothing.
    private static readonly Duration Grain = Duration.FromSeconds(1);
    private static readonly Duration HalfSecond = Duration.FromMilliseconds(500);
    private static readonly Duration SlowExchange = Duration.FromSeconds(2);

    // Above it, what was judged by the former difference is judged anew.
    private static readonly Duration Trifle = Duration.FromSeconds(10);

    // One wrong reading must not end what is in force: a jump counts once so many readings over so long agree.
    private const int ReadingsOfAJump = 3;
    private static readonly Duration LengthOfAJump = Duration.FromMinutes(2);

    // Nothing that is read often may make the whole state be written as often.
    private static readonly Duration SeenGrain = Duration.FromHours(1);

    /// <summary>So long what is published holds on for the time to be read.</summary>
    public static readonly Duration Awaited = Duration.FromMinutes(1);

    /// <summary>A jump is looked at again after this.</summary>
    public static readonly Duration Recheck = Duration.FromMinutes(1);

    // No clock is ten years off: that is a counter that started at nothing, or another unit.
    private static readonly Duration Absurd = Duration.FromDays(3653);

    /// <summary>False while a server that has a time, though it may refuse it, has not told it: by our own clock nothing of it may be judged.</summary>
    public static bool IsKnown(DerClientState state) => !state.Clock.IsDoubted &&
        (state.Clock.IsKnown || TreeLookup.First(state, NodeKind.Time) is { Known: not null } || TreeLookup.Root(state) is not { TimeLink: not null });

    /// <summary>
    /// True while a process that has just begun has not asked for the time yet: what it could judge by is a guess, and what is published holds
    /// on meanwhile. Not for long: what is asked in vain, a server that is lost, or a minute ends it.
    /// </summary>
    public static bool IsToBeRead(DerClientState state) => state.Line.TimeAwaitedUntil is not null && state.Clock is { IsGuess: true, IsDoubted: false } && state.Line.LostSince is null
        && TreeLookup.First(state, NodeKind.Time) is { Known: not null } time && !state.Line.Readings.ContainsKey(time.Key) && !state.Line.Holds.ContainsKey(time.Key);

    /// <summary>
    /// A process begins: its clock is another one. The difference to the machine's that the one before measured is a guess, and worth nothing where the machine
    /// starts before what was already seen of the server's time (no clock that runs without power, CSIP-AUS ALL-30): it is that late at least.
    /// </summary>
    public static ServerClock Begin(ServerClock before, Duration step, Instant now)
    {
        // Where the server never told its time the machine's counts.
        var begun = before with { Offset = before.IsKnown ? before.OffsetToMachine + step : before.Offset, Step = step, IsGuess = true, Jump = null };
        return begun.SeenAt is { } seen && seen > begun.OnServer(now) + SeenGrain
            ? begun with { Offset = seen - now, IsDoubted = true }
            : begun;
    }

    /// <summary>Ends the waiting for the time, and the doubts about that of a server that tells none any more, once the machine is past what was seen of it.</summary>
    public static void EndDoubts(StepContext context)
    {
        var (clock, machine) = (context.State.Clock, context.Now + context.State.Clock.Step);
        if (clock.IsDoubted && clock.SeenAt <= machine && TreeLookup.Root(context.State) is { TimeLink: null } && TreeLookup.First(context.State, NodeKind.Time) is null)
        {
            context.State = context.State with { Clock = new ServerClock { Offset = clock.Step, Step = clock.Step } };
        }

        if (context.Line.TimeAwaitedUntil is { } until && (until <= context.Now || !IsToBeRead(context.State)))
        {
            context.Line = context.Line with { TimeAwaitedUntil = null };
        }
    }

    public static bool IsFar(Duration shift) => Absolute(shift) > Trifle;

    /// <summary>Why a time can't be meant; null: it can.</summary>
    public static ReadError? FindFault(StepContext context, TimeResource time)
    {
        var differs = Instant.FromUnixTimeSeconds(time.CurrentTime) - context.Now;
        return Absolute(differs) <= Absurd ? null : new ReadError(ErrorClass.SemanticTime, "/Time/currentTime", string.Create(
            CultureInfo.InvariantCulture, $"{time.CurrentTime} is more than ten years from ours; set the server's clock, or ours"));
    }

    public static void Process(StepContext context, TimeResource time)
    {
        var clock = context.State.Clock;
        var isKnown = clock.IsKnown || TreeLookup.First(context.State, NodeKind.Time) is { Known: not null };
        context.State = context.State with { Clock = Measured(context, time, clock, isKnown, "The server's clock") };
    }

    /// <summary>A clock as it is after a reading.</summary>
    /// <param name="context">The step so far.</param>
    /// <param name="time">As read.</param>
    /// <param name="clock">As it was.</param>
    /// <param name="isKnown">True: it was told before, so that a jump has to be confirmed.</param>
    /// <param name="whose">For people, at the beginning of a sentence.</param>
    public static ServerClock Measured(StepContext context, TimeResource time, ServerClock clock, bool isKnown, string whose)
    {
        // The server told it somewhere between our question and its answer: the middle is the best guess, and after a slow exchange a rough one.
        var (middle, took) = context.Exchange;
        // The server's second was cut, and it read its clock anywhere within the exchange.
        var grain = took > SlowExchange ? Grain + (took / 2) : Duration.Max(Grain, HalfSecond + (took / 2));
        var measured = Instant.FromUnixTimeSeconds(time.CurrentTime) + HalfSecond - middle;
        var offset = Absolute(measured) <= Grain ? Duration.Zero : Absolute(measured - clock.Offset) <= grain ? clock.Offset : measured;
        if (ToBeConfirmed(context, clock, offset, isKnown, whose) is { } doubted)
        {
            return doubted;
        }

        var far = Absolute(offset) > context.Config.Polling.ClockAlarm;
        var serverNow = context.Now + offset;
        if (far && (!clock.IsFar || clock.Offset != offset))
        {
            context.Alarm(NoteKind.Clock, ErrorClass.ClockSkew,
                $"{whose} differs from ours by {offset.TotalSeconds:0} s. Its time is followed for its events; check both clocks (NTP).", null);
        }
        else if (!far && clock.IsFar)
        {
            context.Inform(NoteKind.Clock, $"{whose} agrees with ours again.");
        }

        return new ServerClock
        {
            Offset = offset,
            Quality = time.Quality,
            IsFar = far,
            IsKnown = true,
            Step = clock.Step,
            SeenAt = clock.SeenAt is { } seen && Absolute(serverNow - seen) < SeenGrain ? seen : serverNow,
        };
    }

    // The clock as it stays meanwhile, and with it everything in force; null: the reading is followed.
    private static ServerClock? ToBeConfirmed(StepContext context, ServerClock clock, Duration offset, bool isKnown, string whose)
    {
        if (!isKnown || !IsFar(offset - clock.Offset))
        {
            if (clock.Jump is not null)
            {
                context.Inform(NoteKind.Clock, $"{whose} is again where it was before it jumped; the jump was not followed.");
            }

            return null;
        }

        var jump = clock.Jump is { } before && !IsFar(offset - before.Offset) ? before with { Readings = before.Readings + 1 } : new ClockJump(offset, context.Now, 1);
        return jump.Readings >= ReadingsOfAJump && context.Now - jump.Since >= LengthOfAJump ? null : clock with { Jump = jump, IsDoubted = clock.IsDoubted || clock.IsGuess };
    }

    /// <summary>The jump that is being looked at, in words; null: there is none.</summary>
    public static string? FindDoubt(ServerClock? clock) => clock is { Jump: { } jump } ? string.Create(
        CultureInfo.InvariantCulture,
        $"jumped by {(jump.Offset - clock.Offset).TotalSeconds:0} s; it is followed once {ReadingsOfAJump} readings over {LengthOfAJump.TotalMinutes:0} minutes agree, and what is in force stays until then") : null;

    private static Duration Absolute(Duration duration) => duration < Duration.Zero ? -duration : duration;
}
