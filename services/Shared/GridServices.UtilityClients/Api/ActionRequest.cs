using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using Microsoft.AspNetCore.Http;

namespace GridServices.UtilityClients.Api;

/// <summary>A request to have an engine do something now: an action's name in the path and no body, or an object without members.</summary>
public static class ActionRequest
{
    private const int MaxBody = 4 * 1024;

    /// <returns>The action, or the faults of the body.</returns>
    /// <exception cref="ProblemException">There is no such action.</exception>
    public static async Task<(TAction? Action, IReadOnlyList<ConfigFault> Faults)> ReadAsync<TAction>(
        HttpContext http, string name, IReadOnlyDictionary<string, TAction> actions)
        where TAction : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(actions);
        if (!actions.TryGetValue(name, out var action))
        {
            var near = Spelling.Nearest(name, actions.Keys);
            throw new ProblemException(
                ErrorClass.NotFound,
                near is null ? $"There is no such action; there are {string.Join(", ", actions.Keys)}." : $"There is no such action; did you mean {near}?");
        }

        return http.Request.HasBody() && StrictJson.Read<ActionBody>(await http.Request.ReadBodyAsync(MaxBody, "application/json"), out var faults) is null
            ? (null, faults)
            : (action, []);
    }
}

/// <summary>The body of an action: nothing, or an object without members.</summary>
public sealed record ActionBody;
