using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>Everything that judging one enrollment needs; read by the caller, never fetched here.</summary>
public sealed record EnrollmentFacts
{
    public required ProgramTemplate Template { get; init; }

    /// <summary>Null: the site is not known (any more).</summary>
    public required Site? Site { get; init; }

    /// <summary>Of the site; those of the enrollment are picked by id.</summary>
    public ValueList<MeterPoint> MeterPoints { get; init; } = [];

    public ValueList<Asset> Assets { get; init; } = [];

    /// <summary>Of the customer and of the enrollment.</summary>
    public ValueList<Contact> Contacts { get; init; } = [];

    public ValueList<Nomination> Nominations { get; init; } = [];
    public Certificate? Certificate { get; init; }

    /// <summary>The last request to the signer; read where there is no consent that holds.</summary>
    public SignatureRequest? Signature { get; init; }

    /// <summary>Other enrollments that share a meter point, with their templates.</summary>
    public ValueList<OtherEnrollment> Others { get; init; } = [];

    public ServiceFacts Services { get; init; } = new();
}

/// <summary>Another enrollment of the same meter points.</summary>
public sealed record OtherEnrollment(Enrollment Enrollment, ProgramTemplate Template);

/// <summary>What a service last said. The answer is as old as <see cref="AnsweredAt"/>; nothing newer is known.</summary>
/// <param name="AnsweredAt">When the service last answered; null = never.</param>
/// <param name="Value">What it answered; null = it knows nothing of the thing asked for.</param>
public sealed record Observed<T>(Instant? AnsweredAt, T? Value)
    where T : class
{
    public static Observed<T> Never { get; } = new(null, null);
}

/// <summary>What the services know about an enrollment.</summary>
public sealed record ServiceFacts
{
    public Observed<RegistrationFact> Registration { get; init; } = Observed<RegistrationFact>.Never;

    /// <summary>The next event's opt; a null value = there is no event ahead.</summary>
    public Observed<OptFact> Opt { get; init; } = Observed<OptFact>.Never;

    public Observed<ReportingFact> Reporting { get; init; } = Observed<ReportingFact>.Never;
    public Observed<SubscriptionFact> Controller { get; init; } = Observed<SubscriptionFact>.Never;

    /// <summary>The latest test event or capability test; null = none was run.</summary>
    public ReadinessTest? Test { get; init; }
}

/// <summary>How the utility's head end knows the site.</summary>
/// <param name="State">VEN: <c>registering</c>, <c>registered</c>, <c>paused</c>; 2030.5: <c>listed</c>, <c>absent</c>, <c>unknown</c>.</param>
/// <param name="Identity">venID or LFDI; null = none yet.</param>
/// <param name="Pin">2030.5: <c>matches</c>, <c>differs</c> or <c>open</c>; null with OpenADR.</param>
/// <param name="Since">Since when it has been so, as far as we saw; null = never heard.</param>
public sealed record RegistrationFact(string State, string? Identity, string? Pin, Instant? Since);

/// <summary>What was answered to the next event.</summary>
public sealed record OptFact(string EventId, EventOpt Opt, Instant DecidedAt);

public enum EventOpt
{
    In,
    Out,
    NotAsked,
}

/// <summary>Telemetry of the site.</summary>
/// <param name="LastGoodPoint">Null: none ever.</param>
/// <param name="Granularity">Between two points.</param>
/// <param name="GoodShareOfDay">Share of the points of the last 24 h that were good, 0..1.</param>
public sealed record ReportingFact(Instant? LastGoodPoint, Duration Granularity, decimal GoodShareOfDay);

/// <summary>Whether a controller follows the site at the hub.</summary>
public sealed record SubscriptionFact(bool Connected, Instant? Since);
