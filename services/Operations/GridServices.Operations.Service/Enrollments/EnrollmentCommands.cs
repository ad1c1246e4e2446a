using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>Commands to enrollments: by people, by jobs, and by what the services say.</summary>
internal sealed class EnrollmentCommands(EnrollmentStore store, EnrollmentFactsReader facts, EnrollmentWork work)
{
    /// <summary>Does what is asked, or says why not.</summary>
    /// <exception cref="ProblemException">409: not from this state, or something is missing.</exception>
    internal async Task<Enrollment> CommandAsync(AuditedTransaction transaction, Enrollment held, LifecycleCommand command)
    {
        var outcome = Lifecycle.Apply(held, command, await facts.ReadAsync(transaction.Tx, held), transaction.Now);
        if (outcome.Enrollment is not { } next)
        {
            throw new ProblemException(ErrorClass.Conflict, outcome.Refusal!);
        }

        var written = await transaction.UpdateAsync(store, held, next, EnumNames<CommandKind>.GetName(command.Kind), command.Reason);
        await work.FollowStateAsync(transaction, held, written);
        return written;
    }

    /// <summary>Judges it anew; writes nothing where nothing is different.</summary>
    internal async Task<Enrollment> EvaluateAsync(AuditedTransaction transaction, string id)
    {
        var held = await store.FindAsync(transaction.Tx, transaction.Actor.Tenant, id);
        return held is null ? throw new ProblemException(ErrorClass.NotFound, "The enrollment is gone.") : await CommandAsync(transaction, held, new LifecycleCommand(CommandKind.Evaluate));
    }
}
