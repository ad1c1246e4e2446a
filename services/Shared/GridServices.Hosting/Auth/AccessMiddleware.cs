using GridServices.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GridServices.Hosting;

/// <summary>After routing: finds the caller by its bearer token and holds it against what the endpoint asks.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, TokenDirectory tokens, RefusedTokens refused, AuthOptions options)
{
    private static readonly Caller Anyone = new("anonymous", "default", Role.Operator, null);
    private readonly bool _openProbes = options.OpenProbes;

    public Task InvokeAsync(HttpContext context)
    {
        // Routing's own 405 and 415 endpoints are not RouteEndpoints: those answers are for everybody.
        if (context.GetEndpoint() is not RouteEndpoint endpoint || IsOpen(context, endpoint.Metadata.GetMetadata<OpenToAll>()))
        {
            return next(context);
        }

        var caller = Authenticate(context);
        if (endpoint.Metadata.GetMetadata<RequiredRoles>() is { } required && !required.Admits(caller.Role))
        {
            throw new ProblemException(
                ErrorClass.AuthzRole, $"Token '{caller.TokenId}' has role {caller.Role.Name()}; this needs {string.Join(" or ", required.Admitted.Select(role => role.Name()))}.");
        }

        CallerOfRequest.Set(context, caller);
        return next(context);
    }

    private bool IsOpen(HttpContext context, OpenToAll? open) =>
        open is not null && (!open.LoopbackOnly || _openProbes || Access.IsLoopback(context));

    private Caller Authenticate(HttpContext context)
    {
        if (tokens.AllowAnonymous)
        {
            return Anyone;
        }

        if (BearerToken.Of(context.Request) is not { } token)
        {
            refused.Note(context, "no token");
            context.Response.OnStarting(() => Challenge(context, "Bearer"));
            throw new ProblemException(ErrorClass.AuthnRequired, "This needs a token: send 'Authorization: Bearer <token>'.");
        }

        if (tokens.Find(token) is not { } known)
        {
            refused.Note(context, "a token that is not known here");
            context.Response.OnStarting(() => Challenge(context, "Bearer error=\"invalid_token\""));
            throw new ProblemException(ErrorClass.AuthnToken, "The token is not known here: it is wrong, was removed, or belongs to another installation.");
        }

        return CertificateFits(context, known)
            ? known.Caller
            : throw new ProblemException(ErrorClass.AuthnUntrusted, $"Token '{known.Caller.TokenId}' is bound to a client certificate; connect with that certificate.");
    }

    private static bool CertificateFits(HttpContext context, TokenDirectory.Known known) => known.CertificateSha256 is not { } bound
        || (context.Connection.ClientCertificate is { } shown && string.Equals(TokenDirectory.Fingerprint(shown), bound, StringComparison.Ordinal));

    private static Task Challenge(HttpContext context, string value)
    {
        context.Response.Headers.WWWAuthenticate = value;
        return Task.CompletedTask;
    }
}

internal static class BearerToken
{
    /// <summary>The token of the Authorization header; never of the query, which ends up in logs.</summary>
    internal static string? Of(HttpRequest request)
    {
        const string scheme = "Bearer ";
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } value && value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && value.Length > scheme.Length
            ? value[scheme.Length..].Trim()
            : null;
    }
}
