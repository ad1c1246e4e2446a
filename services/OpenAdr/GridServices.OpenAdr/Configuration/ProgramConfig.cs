using GridServices.Contracts;

namespace GridServices.OpenAdr.Configuration;

/// <summary>What one program's events mean at the sites. All its events share one envelope stream.</summary>
public sealed record ProgramConfig
{
    /// <summary>The utility's URI of the program. Null: only as <see cref="DefaultPolicy"/>.</summary>
    public string? MarketContext { get; init; }

    /// <summary>True: takes the events whose market context matches no program. At most one program.</summary>
    public bool DefaultPolicy { get; init; }

    /// <summary>Key of the envelope stream, unique in the VEN, e.g. <c>PROG7</c>.</summary>
    public required string Stream { get; init; }

    public Tier Tier { get; init; } = Tier.Contractual;
    public Obligation Obligation { get; init; } = Obligation.Mandatory;
    public OptPolicy OptPolicy { get; init; } = OptPolicy.Auto;
    public TestEventPolicy TestEvents { get; init; } = TestEventPolicy.Advisory;
    public SignalPolicies Signals { get; init; } = new();

    /// <summary>Limits between events while the VEN is registered, and for quantities an event says nothing about.</summary>
    public Limits? Default { get; init; }

    public Failsafe? Failsafe { get; init; }

    /// <summary>How limits come back after an event. Null: at once.</summary>
    public RecoveryPolicy? Recovery { get; init; }
}

/// <summary>
/// How events are answered before any person looks. auto: optIn; manual: optOut until a person opts in; never: optOut, and no person can change it.
/// </summary>
public enum OptPolicy
{
    Auto,
    Manual,
    Never,
}

/// <summary>
/// What becomes of test events (OpenADR 2.0b rule 6). advisory: answered, and published as advisory in the stream <c>{stream}-test</c>;
/// actuate: like real ones, marked in their cause; ignore: answered, not published.
/// </summary>
public enum TestEventPolicy
{
    Advisory,
    Actuate,
    Ignore,
}
