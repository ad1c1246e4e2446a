namespace GridServices.Operations.Enrollments;

/// <summary>What is asked of an enrollment.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Reason">Why, in the words of who asks; needed for those that take something away.</param>
/// <param name="Reference">The utility's number, with <see cref="CommandKind.Accept"/> and <see cref="CommandKind.Reject"/>.</param>
public sealed record LifecycleCommand(CommandKind Kind, string? Reason = null, string? Reference = null);

/// <summary>Commands by people, jobs and the clock.</summary>
public enum CommandKind
{
    /// <summary>Judge anew: after each save, and on every round of the watch.</summary>
    Evaluate,

    /// <summary>The pack was exported or the utility's interface was called.</summary>
    Submit,

    /// <summary>The utility has it in review.</summary>
    Review,
    Accept,
    Reject,

    /// <summary>Write the services' documents.</summary>
    Provision,

    /// <summary>They are written.</summary>
    Provisioned,

    /// <summary>One was refused, and all were rolled back.</summary>
    ProvisioningFailed,

    /// <summary>A person says that it works, whatever the test says.</summary>
    OverrideTest,
    Suspend,
    Resume,

    /// <summary>Leave the program.</summary>
    End,

    /// <summary>The services' documents are gone and streams withdrawn.</summary>
    Withdrawn,

    /// <summary>Before anything was provisioned: take the application back.</summary>
    Withdraw,

    /// <summary>Make a new application of a refused or withdrawn one.</summary>
    Reopen,
}

/// <summary>The next state, or why not. Exactly one of them is there.</summary>
/// <param name="Enrollment">With state, actions and flags; version and stamp are the store's.</param>
/// <param name="Refusal">In one sentence.</param>
public sealed record LifecycleOutcome(Enrollment? Enrollment, string? Refusal);
