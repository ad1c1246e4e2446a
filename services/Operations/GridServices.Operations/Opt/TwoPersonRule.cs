using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Opt;

/// <summary>Actions that may need a second person.</summary>
public enum GuardedAction
{
    OptOut,
    EndEnrollment,
    ReplaceHeldTariff,
}

/// <summary>The setting: from when on a second person has to agree.</summary>
/// <param name="Enabled">False: never.</param>
/// <param name="OptOutSites">Opting out more sites than this of one event needs it.</param>
public sealed record TwoPersonRule(bool Enabled, int OptOutSites = 10)
{
    /// <summary>An unanswered request is over after this.</summary>
    public static readonly Duration RequestLasts = Duration.FromHours(24);

    /// <param name="action">What is to be done.</param>
    /// <param name="sites">Sites in this request.</param>
    /// <param name="sitesBefore">Other sites that the same person already opted out of the same event: ten at a time is no way around the rule.</param>
    public bool NeedsSecond(GuardedAction action, int sites, int sitesBefore)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sites);
        ArgumentOutOfRangeException.ThrowIfNegative(sitesBefore);
        return Enabled && (action != GuardedAction.OptOut || (long)sites + sitesBefore > OptOutSites);
    }
}

/// <summary>A request that waits for a second person.</summary>
/// <param name="Action">What.</param>
/// <param name="ContentSha256">Of the request's canonical JSON: what is approved is what is done.</param>
/// <param name="Requested">By whom and when.</param>
public sealed record ApprovalRequest(GuardedAction Action, string ContentSha256, Stamp Requested)
{
    /// <summary>Why this approval does not count; null = it does.</summary>
    public string? FindRefusal(Stamp approver, string contentSha256)
    {
        ArgumentNullException.ThrowIfNull(approver);
        return this switch
        {
            _ when string.Equals(approver.By, Requested.By, StringComparison.OrdinalIgnoreCase) => "the second person must be another one than the first",
            _ when approver.At - Requested.At > TwoPersonRule.RequestLasts => "the request is older than 24 hours; ask for it again",
            _ when !string.Equals(contentSha256, ContentSha256, StringComparison.Ordinal) => "the request was changed since; look at it again",
            _ => null,
        };
    }
}
