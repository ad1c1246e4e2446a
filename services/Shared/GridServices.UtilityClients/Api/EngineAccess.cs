using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.UtilityClients.Engine;
using Microsoft.AspNetCore.Http;

namespace GridServices.UtilityClients.Api;

/// <summary>Finds the engine that a request is about, within what its caller may see.</summary>
public static class EngineAccess
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    /// <exception cref="ProblemException">The key can't be one.</exception>
    public static EngineId GetEngineId(this HttpContext http, EngineNames names, string key) => Identifiers.IsSafe(key)
        ? new EngineId(http.Caller().Tenant, key)
        : throw new ProblemException(
            ErrorClass.SemanticId, $"A {names.Name}'s key has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", names.KeyName);

    /// <exception cref="ProblemException">No such engine in the caller's tenant, one of its sites is not the caller's, or it is being made and may come to nothing (503).</exception>
    public static EngineLoop<TView, TConfig, TState, TInput, TKind> GetLoop<TView, TConfig, TState, TInput, TKind>(
        this HttpContext http, EngineHost<TView, TConfig, TState, TInput, TKind> host, string key)
        where TView : EngineView<TConfig, TState, TKind>
        where TConfig : class
        where TState : class
        where TInput : class
        where TKind : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!host.TryGet(http.GetEngineId(host.Words, key), out var loop))
        {
            throw new ProblemException(ErrorClass.NotFound, $"There is no {host.Words.Name} '{SafeText.Line(key)}'. GET {host.Words.Path} lists those there are.");
        }

        http.Caller().RequireSites(host.GetSites(loop.View.Config));
        return loop.IsStored
            ? loop
            : throw new ProblemException(ErrorClass.Unavailable, $"The {host.Words.Name} '{SafeText.Line(key)}' is being made, and it is not known yet whether it is stored; ask again.")
            {
                RetryAfter = AskAgain,
            };
    }

    /// <exception cref="ProblemException">One of the sites is not the caller's.</exception>
    public static void RequireSites(this Caller caller, IEnumerable<string> sites)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(sites);
        foreach (var site in sites)
        {
            caller.RequireSite(site);
        }
    }
}
