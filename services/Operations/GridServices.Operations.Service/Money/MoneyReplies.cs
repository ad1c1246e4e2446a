using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Registry;

namespace GridServices.Operations.Service.Money;

internal static class MoneyReplies
{
    /// <summary>The answer of the Tariffs service.</summary>
    /// <exception cref="ProblemException">503: it can't be asked. 404: it does not know the meter.</exception>
    /// <exception cref="FormException">It refuses what was asked.</exception>
    internal static T Require<T>(this ServiceReply<T> reply) => reply.Kind switch
    {
        ReplyKind.Done => reply.Value!,
        ReplyKind.Away => throw new ProblemException(ErrorClass.Unavailable, $"The Tariffs service can't be asked: {reply.Problem}"),
        ReplyKind.NotThere => throw new ProblemException(ErrorClass.NotFound, $"The Tariffs service: {reply.Problem}"),
        _ => throw new FormException(reply.Faults.Count > 0 ? reply.Faults : [new ConfigFault(ErrorClass.SemanticText, string.Empty, reply.Problem ?? "refused")]),
    };
}
