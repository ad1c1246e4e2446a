using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations;

/// <summary>An event at one site.</summary>
public sealed record EventSite
{
    public required string SiteId { get; init; }

    /// <summary>Null: no enrollment of the site is for this program.</summary>
    public string? EnrollmentId { get; init; }

    /// <summary>By which VEN or client.</summary>
    public required string Through { get; init; }

    /// <summary>The event at this site, with the offset drawn for it.</summary>
    public required Instant From { get; init; }

    public Instant? Until { get; init; }

    /// <summary>The revision that the site was told last.</summary>
    public required long Revision { get; init; }

    public required Instant ToldAt { get; init; }
    public required SiteEventState State { get; init; }
    public decimal? NominatedKw { get; init; }
    public decimal? FirmServiceLevelKw { get; init; }
    public SiteOpt Opt { get; init; } = SiteOpt.NotAsked;

    /// <summary>Why the event was refused; null where it was taken.</summary>
    public string? RefusedBecause { get; init; }

    /// <summary>2030.5: the responses that the server has taken.</summary>
    public ValueList<int> Told { get; init; } = [];

    /// <summary>What changed hands about taking part, oldest first.</summary>
    public ValueList<SiteOpt> OptHistory { get; init; } = [];
}

/// <summary>What the event is to the site.</summary>
public enum SiteEventState
{
    Held,
    Cancelled,

    /// <summary>Another control took its place.</summary>
    Superseded,

    /// <summary>It was answered with an error: nothing is done.</summary>
    Refused,

    /// <summary>The utility no longer lists it, or the program was taken from the device.</summary>
    Gone,
}

/// <summary>Whether a site takes part, and who decided.</summary>
public sealed record SiteOpt(OptState State, OptSource By, string? Who = null, string? Reason = null, Instant? At = null)
{
    /// <summary>Nothing was asked, or nothing answered.</summary>
    public static SiteOpt NotAsked { get; } = new(OptState.NotAsked, OptSource.None);
}

public enum OptState
{
    In,
    Out,
    NotAsked,
}

/// <summary>Who a choice comes from.</summary>
public enum OptSource
{
    None,
    User,

    /// <summary>The program's policy or an opt plan.</summary>
    Rule,

    Utility,
}

/// <summary>What is known of a site in a program: handed in when events are put together.</summary>
public sealed record EventEnrollment(string SiteId, string EnrollmentId, string TemplateCode, decimal? NominatedKw = null, decimal? FirmServiceLevelKw = null);
