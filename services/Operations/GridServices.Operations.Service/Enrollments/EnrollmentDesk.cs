using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>Commands to enrollments: by people, by jobs, and by what the services say.</summary>
internal sealed class EnrollmentDesk(EnrollmentStore store, EnrollmentFactsReader facts, EnrollmentWork work)
{
    /// <summary>Does what is asked, or says why not.</summary>
    /// <exception cref="RefusedException">409: not from this state, or something is missing.</exception>
    internal async Task<Enrollment> CommandAsync(WriteTurn turn, Enrollment held, LifecycleCommand command)
    {
        var outcome = Lifecycle.Apply(held, command, await facts.OfAsync(turn.Tx, held), turn.Now);
        if (outcome.Enrollment is not { } next)
        {
            throw new RefusedException(ErrorClass.Conflict, outcome.Refusal!);
        }

        var written = await turn.UpdateAsync(store, held, next, EnumNames<CommandKind>.Of(command.Kind), command.Reason);
        if (held.State != written.State && (written.State is EnrollmentState.Provisioning or EnrollmentState.Ending or EnrollmentState.Suspended || held.State == EnrollmentState.Suspended))
        {
            await turn.Tx.Connection!.ExecuteAsync("DELETE FROM enrollment_refusals WHERE tenant = @Tenant AND enrollment_id = @Id", new { held.Tenant, held.Id }, turn.Tx);
            await work.WantAsync(turn, written);
        }

        return written;
    }

    /// <summary>Judges it anew; writes nothing where nothing is different.</summary>
    internal async Task<Enrollment> EvaluateAsync(WriteTurn turn, string id)
    {
        var held = await store.OneAsync(turn.Tx, turn.Actor.Tenant, id);
        return held is null ? throw new RefusedException(ErrorClass.NotFound, "The enrollment is gone.") : await CommandAsync(turn, held, new LifecycleCommand(CommandKind.Evaluate));
    }
}
