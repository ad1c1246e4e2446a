using GridServices.Hosting;

namespace GridServices.Operations.Service.Api;

/// <summary>
/// A change that names no state (no <c>If-Match</c>, or <c>*</c>) is made to whatever is held: where a job or another user came between reading and
/// writing, it is read again.
/// </summary>
internal static class LatestState
{
    private const int Tries = 5;

    /// <param name="http">The request.</param>
    /// <param name="readAndWrite">Reads what is held, then writes; throws 412 where that was changed in between.</param>
    internal static async Task<IResult> OnLatestAsync(this HttpContext http, Func<Task<IResult>> readAndWrite)
    {
        for (var left = Tries; ; left--)
        {
            try
            {
                return await readAndWrite();
            }
            catch (ProblemException changed) when (left > 1 && changed.Problem.Status == StatusCodes.Status412PreconditionFailed && !NamesState(http))
            {
                continue;
            }
        }
    }

    private static bool NamesState(HttpContext http) => http.Request.Headers.IfMatch.Count > 0 && http.Request.Headers.IfMatch != "*";
}
