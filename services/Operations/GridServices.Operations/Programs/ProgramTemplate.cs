using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Programs;

/// <summary>A utility's program as data: when it runs, what it asks, what it pays, what an application needs. Read by <see cref="TemplateReader"/>.</summary>
public sealed record ProgramTemplate
{
    /// <summary>Such as <c>PGE-ELRP-A2</c>: upper-case letters, digits and dashes.</summary>
    public required string Code { get; init; }

    /// <summary>From 1; an enrollment stays with the version that it was made under.</summary>
    public required int Version { get; init; }

    public required string Utility { get; init; }
    public required string Name { get; init; }
    public required ProgramProtocol Protocol { get; init; }

    /// <summary>ISO 3166 alpha-2; sites elsewhere are not eligible. Null = any.</summary>
    public string? Country { get; init; }

    /// <summary>ISO 3166-2 regions or the utility's own areas; empty = the whole country.</summary>
    public ValueList<string> Regions { get; init; } = [];

    /// <summary>IANA: windows and deadlines are in it.</summary>
    public required string TimeZone { get; init; }

    public required ProgramCalendar Calendar { get; init; }
    public required ProgramLimits Limits { get; init; }
    public required NominationTerms Nomination { get; init; }
    public required PaymentTerms Payment { get; init; }

    /// <summary>What the utility does about missed delivery; null = nothing.</summary>
    public Fact<string>? Penalty { get; init; }

    /// <summary>How delivery is measured; null = the program needs none.</summary>
    public BaselineTerms? Baseline { get; init; }

    public ValueList<EnrollmentDeadline> EnrollmentDeadlines { get; init; } = [];

    /// <summary>Codes of programs that the same meter point may be in beside this one; wins over <see cref="ExclusiveWith"/> patterns.</summary>
    public ValueList<string> DualWith { get; init; } = [];

    /// <summary>Codes that exclude this one; a trailing <c>*</c> stands for any ending.</summary>
    public ValueList<string> ExclusiveWith { get; init; } = [];

    /// <summary>Number schemes that the program's meter points have; empty = any.</summary>
    public ValueList<IdentifierScheme> MeterSchemes { get; init; } = [];

    public ValueList<TemplateField> RequiredFields { get; init; } = [];
    public ValueList<TemplateDocument> RequiredDocuments { get; init; } = [];

    /// <summary>Whether an authorized signer's consent is part of the application.</summary>
    public bool NeedsConsent { get; init; } = true;

    /// <summary>Days the utility usually takes to answer; a reminder comes after them.</summary>
    public Fact<int>? ReviewDays { get; init; }

    /// <summary>Days after an event until meter data are final; null = not known.</summary>
    public Fact<int>? DataFinalityDays { get; init; }

    public SignalPolicy? Signals { get; init; }

    /// <summary>Whether opt plans are told as opt schedules; null = they are applied event by event.</summary>
    public OptScheduleTerms? OptSchedules { get; init; }

    /// <summary>The service of the frequency catalog that is sold, such as <c>GB-DCL</c>; null = none.</summary>
    public string? FrequencyService { get; init; }

    public ProtocolDefaults Defaults { get; init; } = new();

    /// <summary>The utility's own file: header and where each value comes from.</summary>
    public ValueList<ExportColumn> ExportColumns { get; init; } = [];

    /// <summary>What an applicant should know that no field says.</summary>
    public ValueList<Fact<string>> Notes { get; init; } = [];

    [System.Text.Json.Serialization.JsonIgnore]
    public TemplateRef Ref => new(Code, Version);
}

public enum ProgramProtocol
{
    [System.Text.Json.Serialization.JsonStringEnumMemberName("openadr20b")]
    OpenAdr20b,

    [System.Text.Json.Serialization.JsonStringEnumMemberName("ieee2030.5")]
    Ieee2030Dot5,

    /// <summary>Calls come by e-mail or telephone.</summary>
    Manual,

    /// <summary>A market operator's own interface.</summary>
    Market,
}

/// <summary>How sure a number is.</summary>
public enum Certainty
{
    /// <summary>In the program's own tariff or manual, named in the source.</summary>
    Documented,

    /// <summary>On a page of the utility or operator, which may lag behind.</summary>
    Published,

    /// <summary>Chosen by us where the utility leaves it open.</summary>
    Judgement,

    /// <summary>Known, not looked up: check before it is relied on.</summary>
    Recalled,
}

/// <summary>A value with where it comes from.</summary>
public sealed record Fact<T>(T Value, string Source, Certainty Certainty);

/// <summary>What bounds participation. Absent = the program sets none, or it is not known.</summary>
public sealed record ProgramLimits
{
    /// <summary>Between the call and the start of an event.</summary>
    public Fact<Duration>? Notice { get; init; }

    /// <summary>Per season.</summary>
    public Fact<int>? MaxEvents { get; init; }

    /// <summary>Per season.</summary>
    public Fact<decimal>? MaxHours { get; init; }

    public Fact<decimal>? MaxHoursPerEvent { get; init; }

    /// <summary>Least that may be offered.</summary>
    public Fact<decimal>? MinKw { get; init; }

    /// <summary>True: <see cref="MinKw"/> is asked of an aggregator's portfolio, not of each site.</summary>
    public bool MinKwOfPortfolio { get; init; }

    /// <summary>Most that may be offered per unit.</summary>
    public Fact<decimal>? MaxKw { get; init; }

    /// <summary>Days of interval data that must exist before.</summary>
    public Fact<int>? MinIntervalDataDays { get; init; }

    /// <summary>Longest interval of the meter, minutes.</summary>
    public Fact<int>? MaxIntervalMinutes { get; init; }
}

/// <summary>What is paid; currency ISO 4217. Absent = not paid.</summary>
public sealed record PaymentTerms
{
    public required string Currency { get; init; }
    public Fact<decimal>? CapacityPerKwMonth { get; init; }
    public Fact<decimal>? CapacityPerKwSeason { get; init; }
    public Fact<decimal>? EnergyPerKwh { get; init; }
    public Fact<decimal>? OncePerKw { get; init; }

    /// <summary>Share of the capacity payment by performance, ascending.</summary>
    public ValueList<PaymentStep> Ladder { get; init; } = [];
}

/// <summary>From this performance (1 = all that was nominated) on, this share is paid.</summary>
public sealed record PaymentStep(decimal FromPerformance, decimal Share, string Source, Certainty Certainty);

/// <summary>A baseline rule as the Tariffs service takes it (<c>POST /v1/baselines</c>, member <c>rule</c>).</summary>
public sealed record BaselineTerms(System.Text.Json.JsonElement Rule, string Source, Certainty Certainty)
{
    /// <summary>Rules that stand in, in their order, where the one before finds too few like days or not its weather: a list, each as <see cref="Rule"/>; null = none does.</summary>
    public System.Text.Json.JsonElement? Fallbacks { get; init; }

    /// <summary>Whose temperatures the rules look at; null = none do.</summary>
    public WeatherTerms? Weather { get; init; }

    /// <summary>The station whose temperatures are asked for; null = the rules look at none, or none was answered.</summary>
    public string? FindStation(Answers answers) => Weather is { } weather ? weather.Station ?? (weather.Field is { } field ? answers[field] : null) : null;
}

/// <summary>Where a program's temperatures are from: one station for all, or one by enrollment. Exactly one of the two is there.</summary>
/// <param name="Source">Where the program says so.</param>
/// <param name="Certainty">How sure that is.</param>
public sealed record WeatherTerms(string Source, Certainty Certainty)
{
    /// <summary>As its temperatures are stored at Tariffs (<c>PUT /v1/temperatures/{station}</c>).</summary>
    public string? Station { get; init; }

    /// <summary>A question of the application (type text or choice) whose answer is the station.</summary>
    public string? Field { get; init; }
}

/// <summary>One column of the utility's file.</summary>
/// <param name="Header">As the utility writes it.</param>
/// <param name="From"><c>site.name</c>, <c>meter.identifier</c>, <c>answers.generatorKw</c>, <c>nomination.kw</c>, <c>contact.eventPrimary.email</c>, or <c>text:…</c> for a constant.</param>
public sealed record ExportColumn(string Header, string From);

/// <summary>What VEN and client documents get where an enrollment says nothing.</summary>
public sealed record ProtocolDefaults
{
    public Duration? PollInterval { get; init; }
    public Failsafe? Failsafe { get; init; }

    /// <summary>Sampling interval of the power report; null = none.</summary>
    public Duration? ReportInterval { get; init; }

    public Tier Tier { get; init; } = Tier.Contractual;
    public Obligation Obligation { get; init; } = Obligation.Mandatory;

    /// <summary>2030.5: the edition that the server speaks.</summary>
    public string? Edition { get; init; }
}
