using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace GridServices.Hosting.OpenApi;

/// <summary>Which problems an endpoint can answer: those that follow from what it asks of its caller, and those it names itself.</summary>
internal static class ProblemFamilies
{
    private static readonly ErrorClass[] Always = [ErrorClass.Internal, ErrorClass.Unavailable];
    private static readonly ErrorClass[] Token = [ErrorClass.AuthnRequired, ErrorClass.AuthnToken, ErrorClass.AuthnUntrusted, ErrorClass.AuthzRole, ErrorClass.AuthzSite];
    private static readonly ErrorClass[] Named = [ErrorClass.NotFound, ErrorClass.SemanticId];
    private static readonly ErrorClass[] Body =
    [
        ErrorClass.Malformed, ErrorClass.SchemaInvalid, ErrorClass.LimitDepth, ErrorClass.LimitSize, ErrorClass.UnsupportedMedia, ErrorClass.Backpressure, ErrorClass.TypeMismatch,
        ErrorClass.LimitCount, ErrorClass.Unit, ErrorClass.Plausibility, ErrorClass.Configuration, ErrorClass.UnknownId, ErrorClass.DuplicateId,
        .. Enum.GetValues<ErrorClass>().Where(c => Problems.GetName(c).StartsWith("SEMANTIC_", StringComparison.Ordinal)),
    ];

    private static readonly ErrorClass[] Query =
    [
        ErrorClass.Malformed, ErrorClass.CursorInvalid, ErrorClass.SemanticTime, ErrorClass.SemanticDuration, ErrorClass.SemanticNumber, ErrorClass.SemanticCode, ErrorClass.SemanticWindow,
    ];

    /// <summary>By status, in order.</summary>
    internal static ImmutableSortedDictionary<int, ImmutableSortedSet<string>> GetByStatus(IReadOnlyList<object> metadata, bool hasPath, bool hasQuery)
    {
        var all = new List<(int Status, ErrorClass Class)>();
        void Add(IEnumerable<ErrorClass> classes, int? status = null) => all.AddRange(classes.Select(c => (status ?? Problems.GetStatus(c), c)));
        Add(Always);

        // A query parameter that nobody reads is refused everywhere.
        Add([ErrorClass.SchemaInvalid]);
        if (!metadata.OfType<OpenToAll>().Any())
        {
            Add(Token);
            Add([ErrorClass.RateLimit]);
        }

        if (hasPath)
        {
            Add(Named);
        }

        if (hasQuery)
        {
            Add(Query);
        }

        if (metadata.OfType<IAcceptsMetadata>().Any())
        {
            Add(Body);
            Add([ErrorClass.Timeout], StatusCodes.Status408RequestTimeout);
        }

        // A condition on what has no ETag is never met.
        if (metadata.OfType<IHttpMethodMetadata>().Any(m => m.HttpMethods.Any(method => HttpMethods.IsPut(method) || HttpMethods.IsDelete(method))))
        {
            Add([ErrorClass.Conflict], StatusCodes.Status412PreconditionFailed);
        }

        metadata.OfType<DeclaredProblems>().ToList().ForEach(p => Add(p.Classes, p.Status));
        return all.GroupBy(p => p.Status).ToImmutableSortedDictionary(g => g.Key, g => g.Select(p => Problems.GetName(p.Class)).ToImmutableSortedSet(StringComparer.Ordinal));
    }
}
