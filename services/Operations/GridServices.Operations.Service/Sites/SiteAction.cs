using System.Security.Cryptography;
using System.Text;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Events;

namespace GridServices.Operations.Service.Sites;

/// <summary>What can be done to many sites at once.</summary>
public enum SiteAction
{
    /// <summary>Out of every event that is live or announced.</summary>
    OptOut,

    /// <summary>Every enrollment that is active or testing.</summary>
    Suspend,

    AddTag,
    RemoveTag,
}

/// <summary>What is asked.</summary>
/// <param name="Action">What to do.</param>
/// <param name="SiteIds">The hub's ids, each once.</param>
internal sealed record SiteActionRequest(SiteAction Action, IReadOnlyList<string> SiteIds)
{
    /// <summary>Of an opt-out, in OpenADR's words.</summary>
    public OptReason Reason { get; init; }

    /// <summary>In the words of who asks; needed to suspend.</summary>
    public string? Text { get; init; }

    public string Tag { get; init; } = string.Empty;
}

/// <summary>One thing that will be done: exactly one of the last three is there.</summary>
/// <param name="SiteId">At which site.</param>
internal sealed record SiteActionStep(string SiteId)
{
    public HeldEvent? Event { get; init; }

    public Enrollment? Enrollment { get; init; }

    /// <summary>The tags that the site will have.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>What is left out.</summary>
/// <param name="SiteId">At which site.</param>
/// <param name="Why">The key of a text of the console, or, with <paramref name="Detail"/>, no more than its beginning.</param>
/// <param name="Detail">What a rule said, in words.</param>
internal sealed record SiteActionRefusal(string SiteId, string Why, string? Detail = null);

/// <summary>What will be done, and what will not.</summary>
internal sealed record SiteActionPlan(IReadOnlyList<SiteActionStep> Steps, IReadOnlyList<SiteActionRefusal> Refused)
{
    /// <summary>Whether the rule of two persons will ask for a second one before anything is done.</summary>
    public bool NeedsSecond { get; init; }

    /// <summary>What is confirmed: the same action at the same sites, events and enrollments; any other plan has another mark.</summary>
    internal string MarkFor(SiteActionRequest request) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\n', [$"{request.Action} {request.Tag}", .. Steps.Select(s => $"{s.SiteId} {s.Event?.Id} {s.Enrollment?.Id}").Order(StringComparer.Ordinal)]))));

    internal int Sites => Steps.Select(s => s.SiteId).Distinct(StringComparer.Ordinal).Count();
}

/// <summary>What was done.</summary>
/// <param name="Done">Steps.</param>
/// <param name="Waiting">Steps that wait for a second person.</param>
/// <param name="Refused">What was left out.</param>
internal sealed record SiteActionOutcome(int Done, int Waiting, IReadOnlyList<SiteActionRefusal> Refused);
