using GridServices.Operations.Programs;
using NodaTime;

namespace GridServices.Operations.Enrollments;

public enum LampState
{
    On,
    Off,

    /// <summary>The service does not answer: it may be either, and counts as off.</summary>
    Unknown,

    /// <summary>The program has no such thing.</summary>
    NotUsed,
}

/// <summary>One lamp.</summary>
/// <param name="State">Only <see cref="LampState.On"/> is good.</param>
/// <param name="Code">Word for the text, such as <c>registered.listed</c>.</param>
/// <param name="Since">Since when; for <see cref="LampState.Unknown"/> when the service last answered, null = never.</param>
/// <param name="Text">In English.</param>
public sealed record Lamp(LampState State, string Code, Instant? Since, string Text);

/// <summary>Registered, opted in, reporting: from what the services said, each with its own time.</summary>
public sealed record Lamps(Lamp Registered, Lamp OptedIn, Lamp Reporting)
{
    /// <summary>An answer older than this tells nothing: reconcile asks every 60 s.</summary>
    public static readonly Duration StaleAfter = Duration.FromMinutes(3);

    /// <summary>Whether an answer still tells something. One as far ahead of our clock does not: how old it is nobody knows then.</summary>
    public static bool IsFresh(Instant answeredAt, Instant now) => now - answeredAt <= StaleAfter && answeredAt - now <= StaleAfter;

    /// <summary>Points may be missing up to three granularities.</summary>
    private const int PointsMissing = 3;

    public static Lamps Compute(Enrollment enrollment, ProgramProtocol protocol, ServiceFacts facts, Instant now)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(facts);
        var calls = protocol is ProgramProtocol.OpenAdr20b or ProgramProtocol.Ieee2030Dot5;
        return new Lamps(
            calls ? Registration(facts.Registration, protocol, now) : new Lamp(LampState.NotUsed, "registered.notUsed", null, "calls come by telephone, e-mail or the operator's own interface"),
            Opted(enrollment, facts.Opt, calls, now),
            Reports(facts.Reporting, now));
    }

    private static Lamp Registration(Observed<RegistrationFact> seen, ProgramProtocol protocol, Instant now)
    {
        if (FindUnknown("registered", seen.AnsweredAt, now) is { } unknown)
        {
            return unknown;
        }

        if (seen.Value is not { } fact)
        {
            return new Lamp(LampState.Off, "registered.notProvisioned", seen.AnsweredAt, "nothing is set up at the service");
        }

        return protocol == ProgramProtocol.OpenAdr20b ? Ven(fact) : EndDevice(fact);
    }

    private static Lamp Ven(RegistrationFact fact) => fact switch
    {
        { State: "registered", Identity: { } id } => new Lamp(LampState.On, "registered.ven", fact.Since, $"registered as {id}"),
        _ => new Lamp(LampState.Off, $"registered.{fact.State}", fact.Since, fact.State == "paused" ? "the utility cancelled the registration" : "not registered yet"),
    };

    // A server that names no PIN has nothing to compare: open is as good as matches.
    private static Lamp EndDevice(RegistrationFact fact) => fact switch
    {
        { State: "listed", Pin: "matches" or "open" } => new Lamp(LampState.On, "registered.listed", fact.Since, "listed at the utility's server"),
        { State: "listed", Pin: "differs" } => new Lamp(LampState.Off, "registered.pinDiffers", fact.Since, "the PIN differs: communication has ceased; correct it"),
        { State: "absent" } => new Lamp(LampState.Off, "registered.absent", fact.Since, "the utility's server does not list the device"),
        _ => new Lamp(LampState.Off, "registered.notRead", fact.Since, "the server's list is not read yet"),
    };

    private static Lamp Opted(Enrollment enrollment, Observed<OptFact> seen, bool calls, Instant now)
    {
        if (enrollment.OptPolicy == OptPolicy.Never)
        {
            return new Lamp(LampState.Off, "optedIn.never", enrollment.Updated.At, "every event is opted out of, by policy");
        }

        if (calls && FindUnknown("optedIn", seen.AnsweredAt, now) is { } unknown)
        {
            return unknown;
        }

        return seen.Value switch
        {
            { Opt: EventOpt.In } fact => new Lamp(LampState.On, "optedIn.in", fact.DecidedAt, $"in for {fact.EventId}"),
            { Opt: EventOpt.Out } fact => new Lamp(LampState.Off, "optedIn.out", fact.DecidedAt, $"out of {fact.EventId}"),
            { } fact => new Lamp(LampState.Off, "optedIn.notAsked", fact.DecidedAt, $"not decided for {fact.EventId}"),
            null when enrollment.OptPolicy == OptPolicy.Auto => new Lamp(LampState.On, "optedIn.auto", enrollment.Updated.At, "in by policy"),
            null => new Lamp(LampState.Off, "optedIn.manual", enrollment.Updated.At, "a person decides per event"),
        };
    }

    private static Lamp Reports(Observed<ReportingFact> seen, Instant now)
    {
        if (FindUnknown("reporting", seen.AnsweredAt, now) is { } unknown)
        {
            return unknown;
        }

        if (seen.Value is not { LastGoodPoint: { } last } fact)
        {
            return new Lamp(LampState.Off, "reporting.never", null, "no good point yet");
        }

        var share = $"{decimal.Truncate(Math.Clamp(fact.GoodShareOfDay, 0, 1) * 1000) / 10:0.#} % good in 24 h";
        return now - last < fact.Granularity * PointsMissing && last - now <= Duration.Max(StaleAfter, fact.Granularity * PointsMissing)
            ? new Lamp(LampState.On, "reporting.fresh", last, share)
            : new Lamp(LampState.Off, "reporting.silent", last, $"silent since then; {share}");
    }

    private static Lamp? FindUnknown(string lamp, Instant? answeredAt, Instant now) => answeredAt is { } at && IsFresh(at, now)
        ? null
        : new Lamp(LampState.Unknown, $"{lamp}.unknown", answeredAt, answeredAt is null ? "unknown: the service never answered" : "unknown since then: the service does not answer");
}
