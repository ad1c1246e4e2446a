using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>
/// The states of an enrollment as a pure function. The path is
/// <code>
/// draft → incomplete ⇄ readyToSubmit → submitted → (utilityReview) → accepted → provisioning → testing → active ⇄ suspended → ending → ended
/// </code>
/// beside it rejected, withdrawn and ineligible. What a command does in each state is the table in <see cref="Next"/>.
/// </summary>
public static class Lifecycle
{
    /// <summary>Documents that are not all written by then need a person.</summary>
    public static readonly Duration ProvisioningTimeout = Duration.FromMinutes(5);

    public static LifecycleOutcome Apply(Enrollment enrollment, LifecycleCommand command, EnrollmentFacts facts, Instant now)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(facts);
        var judged = enrollment with { RequiredActions = RequiredActions.Compute(enrollment, facts, now) };
        if (command.Kind == CommandKind.Evaluate)
        {
            return new LifecycleOutcome(Flagged(Evaluation.Evaluate(judged, facts, now), facts, now), null);
        }

        if (NeedsReason(command.Kind) && string.IsNullOrWhiteSpace(command.Reason))
        {
            return new LifecycleOutcome(null, "give a reason; it is kept with the enrollment");
        }

        if (Next(enrollment.State, command.Kind) is not { } next)
        {
            return new LifecycleOutcome(null, $"an enrollment that is {Contracts.EnumNames<EnrollmentState>.GetName(enrollment.State)} cannot be asked to {Contracts.EnumNames<CommandKind>.GetName(command.Kind)}");
        }

        if (FindObstacle(judged, command, facts, now) is { } obstacle)
        {
            return new LifecycleOutcome(null, obstacle);
        }

        return new LifecycleOutcome(Flagged(Evaluation.Evaluate(Moved(judged, next, command, now), facts, now), facts, now), null);
    }

    /// <summary>The state that a command leads to before the facts are judged again; null = not from here.</summary>
    public static EnrollmentState? Next(EnrollmentState state, CommandKind command) => (command, state) switch
    {
        (CommandKind.Evaluate, _) => state,
        (CommandKind.Submit, EnrollmentState.ReadyToSubmit) => EnrollmentState.Submitted,
        (CommandKind.Review, EnrollmentState.Submitted) => EnrollmentState.UtilityReview,
        (CommandKind.Accept, EnrollmentState.Submitted or EnrollmentState.UtilityReview) => EnrollmentState.Accepted,
        (CommandKind.Reject, EnrollmentState.Submitted or EnrollmentState.UtilityReview) => EnrollmentState.Rejected,
        (CommandKind.Provision, EnrollmentState.Accepted or EnrollmentState.Testing or EnrollmentState.Suspended) => EnrollmentState.Provisioning,
        (CommandKind.Provisioned, EnrollmentState.Provisioning) => EnrollmentState.Testing,
        (CommandKind.ProvisioningFailed, EnrollmentState.Provisioning) => EnrollmentState.Accepted,
        (CommandKind.OverrideTest, EnrollmentState.Testing) => EnrollmentState.Testing,
        (CommandKind.Suspend, EnrollmentState.Testing or EnrollmentState.Active) => EnrollmentState.Suspended,
        (CommandKind.Resume, EnrollmentState.Suspended) => EnrollmentState.Testing,
        (CommandKind.End, EnrollmentState.Provisioning or EnrollmentState.Testing or EnrollmentState.Active or EnrollmentState.Suspended) => EnrollmentState.Ending,
        (CommandKind.Withdrawn, EnrollmentState.Ending) => EnrollmentState.Ended,
        (CommandKind.Withdraw, EnrollmentState.Draft or EnrollmentState.Incomplete or EnrollmentState.ReadyToSubmit or EnrollmentState.Submitted
            or EnrollmentState.UtilityReview or EnrollmentState.Accepted or EnrollmentState.Ineligible) => EnrollmentState.Withdrawn,
        (CommandKind.Reopen, EnrollmentState.Rejected or EnrollmentState.Withdrawn) => EnrollmentState.Draft,
        _ => null,
    };

    /// <summary>The state as people are told it: accepted until the period begins, with the day.</summary>
    /// <param name="enrollment">Which.</param>
    /// <param name="today">In the program's zone.</param>
    public static (EnrollmentState State, LocalDate? Starts) GetDisplayState(Enrollment enrollment, LocalDate today)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        return enrollment is { State: EnrollmentState.Testing, TestedAt: not null } && enrollment.Period.From > today
            ? (EnrollmentState.Accepted, enrollment.Period.From)
            : (enrollment.State, null);
    }

    private static bool NeedsReason(CommandKind kind) =>
        kind is CommandKind.Reject or CommandKind.ProvisioningFailed or CommandKind.OverrideTest or CommandKind.Suspend or CommandKind.End or CommandKind.Withdraw;

    private static string? FindObstacle(Enrollment judged, LifecycleCommand command, EnrollmentFacts facts, Instant now)
    {
        if (command.Kind is not (CommandKind.Submit or CommandKind.Provision))
        {
            return null;
        }

        // The state may be of yesterday; what is missing today still is.
        var blocking = judged.RequiredActions.Where(a => a.Blocks).ToList();
        if (blocking.Count > 0)
        {
            return $"{blocking.Count} required action{(blocking.Count == 1 ? " is" : "s are")} open, the first: {blocking[0].Text}";
        }

        return command.Kind == CommandKind.Submit && Deadlines.Application(facts.Template, judged.Period) <= now && facts.Template.EnrollmentDeadlines.Count > 0
            ? "the utility's deadline for this period is past; choose a later period"
            : null;
    }

    private static Enrollment Moved(Enrollment enrollment, EnrollmentState next, LifecycleCommand command, Instant now) => enrollment with
    {
        State = next,
        StateSince = next == enrollment.State ? enrollment.StateSince : now,
        StateReason = command.Reason,
        UtilityReference = command.Reference ?? enrollment.UtilityReference,
        SuspendedFor = next == EnrollmentState.Suspended ? SuspensionCause.Person : null,
        TestedAt = command.Kind switch
        {
            CommandKind.OverrideTest => now,
            CommandKind.Provision or CommandKind.Reopen => null,
            _ => enrollment.TestedAt, // what was tested before a pause still is
        },
    };

    private static Enrollment Flagged(Enrollment enrollment, EnrollmentFacts facts, Instant now) => enrollment with { Attention = NeedsAttention(enrollment, facts, now) };

    private static bool NeedsAttention(Enrollment enrollment, EnrollmentFacts facts, Instant now) => enrollment.State switch
    {
        EnrollmentState.Ended or EnrollmentState.Withdrawn => false,
        EnrollmentState.Rejected or EnrollmentState.Suspended or EnrollmentState.Ineligible => true,
        EnrollmentState.Submitted or EnrollmentState.UtilityReview when facts.Template.ReviewDays is { } days && now - enrollment.StateSince > Duration.FromDays(days.Value) => true,
        EnrollmentState.Provisioning when now - enrollment.StateSince > ProvisioningTimeout => true,
        _ => enrollment.Drifted || enrollment.RequiredActions.Any(a => Deadlines.GetUrgency(a.Due, now) != Urgency.None),
    };
}
