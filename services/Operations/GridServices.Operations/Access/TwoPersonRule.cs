using NodaTime;

namespace GridServices.Operations;

/// <summary>What can need a second person.</summary>
public enum GuardedAction
{
    OptOut,
    EndEnrollment,
    ReplaceHeldTariff,
}

/// <summary>The rule of two persons as the tenant has set it.</summary>
public sealed record TwoPersonRule
{
    public bool Enabled { get; init; }

    /// <summary>An opt-out of more sites than these needs a second person.</summary>
    public int OptOutSites { get; init; } = 10;

    /// <summary>How long a request waits for its approval.</summary>
    public Duration Waits { get; init; } = Duration.FromHours(24);

    /// <param name="action">What is to be done.</param>
    /// <param name="sites">How many sites it touches at once, of all requests that belong together.</param>
    public bool NeedsApproval(GuardedAction action, int sites) => Enabled && (action != GuardedAction.OptOut || sites > OptOutSites);
}

/// <summary>Somebody asks for something that a second person has to allow.</summary>
/// <param name="Action">What.</param>
/// <param name="RequestedBy">The user who asks; of a token, the user it was made by.</param>
/// <param name="RequestedAt">When.</param>
/// <param name="ContentHash">Hash of exactly what is to be done; another content is another request.</param>
public sealed record ApprovalRequest(GuardedAction Action, string RequestedBy, Instant RequestedAt, string ContentHash);

/// <summary>What came of an approval.</summary>
public enum ApprovalVerdict
{
    Granted,

    /// <summary>Who asks can't be who allows.</summary>
    SamePerson,

    /// <summary>The approver could not do it either.</summary>
    NotAllowed,

    /// <summary>What is to be done is no longer what was asked for.</summary>
    ContentChanged,

    Expired,
}

/// <summary>Decides about approvals.</summary>
public static class Approvals
{
    /// <param name="rule">The tenant's rule.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="approver">The user who allows it, never a job.</param>
    /// <param name="approverMay">Whether the approver may do the action on all of its sites.</param>
    /// <param name="contentHash">Of what would be done now.</param>
    /// <param name="now">The time of the approval.</param>
    public static ApprovalVerdict Decide(TwoPersonRule rule, ApprovalRequest request, string approver, bool approverMay, string contentHash, Instant now) =>
        string.Equals(approver.Trim(), request.RequestedBy.Trim(), StringComparison.OrdinalIgnoreCase) ? ApprovalVerdict.SamePerson
        : !approverMay ? ApprovalVerdict.NotAllowed
        : contentHash != request.ContentHash ? ApprovalVerdict.ContentChanged
        : now >= request.RequestedAt + rule.Waits ? ApprovalVerdict.Expired
        : ApprovalVerdict.Granted;

    public static UserPermission PermissionFor(GuardedAction action) => action switch
    {
        GuardedAction.OptOut => UserPermission.Opt,
        GuardedAction.EndEnrollment => UserPermission.EditSites,
        _ => UserPermission.RunBilling,
    };
}
