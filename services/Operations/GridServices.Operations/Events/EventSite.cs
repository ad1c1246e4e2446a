using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Events;

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
public sealed record EventEnrollment(string SiteId, string EnrollmentId, string TemplateCode)
{
    /// <summary>The utility's URI of the program; null = none is stated.</summary>
    public string? MarketContext { get; init; }

    /// <summary>Whether its VEN or client has the program now; false = not yet, or no more.</summary>
    public bool IsInForce { get; init; } = true;

    /// <summary>Null: it is not held any more, and no nomination can be found by its calendar.</summary>
    public ProgramTemplate? Template { get; init; }

    public ValueList<Nomination> Nominations { get; init; } = [];

    /// <summary>
    /// Which enrollment an event is for: that of its market context; else the one without a URI, which takes what the others do not; else the only one,
    /// for a VEN of one program takes every event.
    /// </summary>
    /// <param name="program">The event's market context; null = it has none.</param>
    /// <param name="enrollments">Of one VEN or client at one site, the likeliest first.</param>
    /// <returns>Null where there is none, or several could be meant.</returns>
    public static EventEnrollment? For(string? program, IReadOnlyCollection<EventEnrollment> enrollments)
    {
        ArgumentNullException.ThrowIfNull(enrollments);
        EventEnrollment[] inForce = [.. enrollments.Where(e => e.IsInForce)];
        return enrollments.FirstOrDefault(e => program is not null && e.MarketContext is { } own && Normal(own) == Normal(program))
            ?? Open(inForce.Length > 0 ? inForce : enrollments);
    }

    /// <summary>What was nominated for an event.</summary>
    /// <param name="source">As <see cref="Event.Source"/>.</param>
    /// <param name="from">The event's start as the utility said it; null = not legible.</param>
    /// <returns>Null: nothing was, as far as is known.</returns>
    public Nomination? NominationFor(string source, Instant? from) =>
        Template is { } template && from is { } start ? NominationCalendar.For(template, Nominations.Where(n => n.EnrollmentId == EnrollmentId), source, start) : null;

    private static EventEnrollment? Open(IReadOnlyCollection<EventEnrollment> some) =>
        some.Count == 1 ? some.First() : some.Where(e => e.MarketContext is null).ToList() is [var only] ? only : null;

    // OpenADR 2.0b rule 512: market contexts compare after normalisation.
    private static string Normal(string marketContext) => Uri.TryCreate(marketContext, UriKind.Absolute, out var uri) ? uri.AbsoluteUri : marketContext;
}
