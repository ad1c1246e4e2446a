using System.Security.Cryptography;
using System.Text;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>What people ask of enrollments, with the rule of two persons before it where the tenant has set it.</summary>
internal sealed class EnrollmentActions(EnrollmentCommands commands)
{
    internal async Task<(Enrollment? Enrollment, ApprovalItem? Approval)> ExecuteAsync(AuditedTransaction transaction, Enrollment held, LifecycleCommand command)
    {
        var rule = (await SettingsStore.GetAsync(transaction.Tx, transaction.Actor.Tenant)).TwoPerson;
        if (command.Kind == CommandKind.End && transaction.Actor.ApprovedBy is null && rule.NeedsSecond(GuardedAction.EndEnrollment, 1, 0))
        {
            if (Lifecycle.Next(held.State, command.Kind) is null || string.IsNullOrWhiteSpace(command.Reason))
            {
                // Says why it can't be done before anybody is asked.
                await commands.CommandAsync(transaction, held, command);
            }

            return (null, await ApprovalCommands.RequestAsync(transaction, GuardedAction.EndEnrollment, new EndContent(held.Id, command.Reason!)));
        }

        return (await commands.CommandAsync(transaction, held, command), null);
    }
}

/// <summary>What an approved end does.</summary>
internal sealed record EndContent(string EnrollmentId, string Reason);

/// <summary>Something that waits for a second person, or was decided.</summary>
public sealed record ApprovalItem
{
    public required string Id { get; init; }
    public required GuardedAction Action { get; init; }

    /// <summary>Exactly what is to be done, JSON.</summary>
    public required string Content { get; init; }

    public required string RequestedBy { get; init; }
    public required NodaTime.Instant RequestedAt { get; init; }
    public string? DecidedBy { get; init; }
    public NodaTime.Instant? DecidedAt { get; init; }

    /// <summary>True: it was allowed and done; absent: it waits.</summary>
    public bool? Granted { get; init; }

    internal string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Content)));
}
