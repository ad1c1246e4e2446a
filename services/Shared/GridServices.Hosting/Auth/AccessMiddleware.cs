using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GridServices.Hosting.Auth;

/// <summary>After routing: finds the caller by its bearer token and holds it against what the endpoint asks. Every refusal is counted and told.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, TokenDirectory tokens, AccessTokenVerifier verifier, RefusedTokens refused, AuthOptions options)
{
    private static readonly Caller Anyone = new("anonymous", "default", Role.Operator, null);
    private readonly bool _openProbes = options.OpenProbes;

    public async Task InvokeAsync(HttpContext context)
    {
        // Routing's own 405 and 415 endpoints are not RouteEndpoints: those answers are for everybody.
        if (context.GetEndpoint() is not RouteEndpoint endpoint || IsOpen(context, endpoint.Metadata.GetMetadata<OpenToAll>()))
        {
            await next(context);
            return;
        }

        var caller = await AuthenticateAsync(context);
        CallerExtensions.Set(context, caller);
        try
        {
            Admit(endpoint, caller);
            await next(context);
        }
        catch (ProblemException denied) when (denied.Problem.Status == StatusCodes.Status403Forbidden)
        {
            refused.NoteDenied(context, caller, denied.Class);
            throw;
        }

        if (context.Response.StatusCode == StatusCodes.Status403Forbidden)
        {
            refused.NoteDenied(context, caller, null);
        }
    }

    private static void Admit(RouteEndpoint endpoint, Caller caller)
    {
        if (endpoint.Metadata.GetMetadata<RequiredRoles>() is { } required && !required.Admits(caller.Role))
        {
            throw new ProblemException(
                ErrorClass.AuthzRole, $"Token '{caller.TokenId}' has role {caller.Role.Name()}; this needs {string.Join(" or ", required.Admitted.Select(role => role.Name()))}.");
        }
    }

    private bool IsOpen(HttpContext context, OpenToAll? open) =>
        open is not null && (!open.LoopbackOnly || _openProbes || Access.IsLoopback(context));

    private ValueTask<Caller> AuthenticateAsync(HttpContext context)
    {
        if (tokens.AllowAnonymous)
        {
            return ValueTask.FromResult(Anyone);
        }

        if (BearerToken.Read(context.Request) is not { } token)
        {
            throw Refusal(context, RefusalReason.NoToken, null, ErrorClass.AuthnRequired, "This needs a token: send 'Authorization: Bearer <token>'.");
        }

        if (tokens.Find(token) is { } known)
        {
            return CertificateFits(context, known)
                ? ValueTask.FromResult(known.Caller)
                : throw Refusal(context, RefusalReason.Certificate, token, ErrorClass.AuthnUntrusted, $"Token '{known.Caller.TokenId}' is bound to a client certificate; connect with that certificate.");
        }

        return verifier.IsOn && AccessTokenVerifier.IsTokenShaped(token)
            ? VerifyAsync(context, token)
            : throw Refusal(context, RefusalReason.UnknownToken, token, ErrorClass.AuthnToken, "The token is not known here: it is wrong, was removed, or belongs to another installation.");
    }

    private async ValueTask<Caller> VerifyAsync(HttpContext context, string token)
    {
        switch (await verifier.VerifyAsync(token, context.Connection.ClientCertificate, context.RequestAborted))
        {
            case AccessTokenVerdict.Good good:
                CallerExtensions.SetTerm(context, good.Term);
                return good.Caller;
            case AccessTokenVerdict.Refused no:
                throw Refusal(context, no.Reason, token, no.Class, no.Detail);
            case AccessTokenVerdict.Undecided away:
                // Slowed down like a refusal: who sends nonsense while the issuer is away must not be cheaper off.
                refused.Note(context, RefusalReason.Undecided, token);
                throw new ProblemException(ErrorClass.Unavailable, $"The access token can't be judged now. {away.Detail}") { RetryAfter = RefusedTokens.PauseWhileUndecided };
            case var other:
                throw new InvalidOperationException($"{other.GetType().Name} is no verdict.");
        }
    }

    private ProblemException Refusal(HttpContext context, RefusalReason reason, string? token, ErrorClass errorClass, string detail)
    {
        // Before it is noted: whoever is slowed down by a neighbour's flood must learn too that its token is dead, or it would never fetch another.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.WWWAuthenticate = token is null ? "Bearer" : "Bearer error=\"invalid_token\"";
            return Task.CompletedTask;
        });
        refused.Note(context, reason, token);
        return new ProblemException(errorClass, detail);
    }

    private static bool CertificateFits(HttpContext context, TokenDirectory.Known known) => known.CertificateSha256 is not { } bound
        || (context.Connection.ClientCertificate is { } shown && string.Equals(TokenDirectory.Fingerprint(shown), bound, StringComparison.Ordinal));
}

internal static class BearerToken
{
    /// <summary>The token of the Authorization header; never of the query, which ends up in logs.</summary>
    internal static string? Read(HttpRequest request)
    {
        const string scheme = "Bearer ";
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } value && value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && value.Length > scheme.Length
            ? value[scheme.Length..].Trim()
            : null;
    }
}
