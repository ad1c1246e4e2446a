using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Web;
using GridServices.Operations.Service.Protection;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>A POST does its work once per <c>Idempotency-Key</c>, and the answer is kept in the same commit as the work.</summary>
internal static class Posting
{
    /// <param name="http">The request.</param>
    /// <param name="body">Its body: what the key is for.</param>
    /// <param name="work">Gives status, path of what was created, and the answer.</param>
    internal static async Task<IResult> OnceAsync(this HttpContext http, ReadOnlyMemory<byte> body, Func<AuditedTransaction, Task<PostAnswer>> work)
    {
        var store = http.RequestServices.GetRequiredService<OperationsStore>();
        var (key, protector) = (IdempotencyKey.Read(http, body.Span), http.RequestServices.GetRequiredService<ColumnProtector>());
        var (answer, isReplay) = await store.WriteAsync(
            http.Actor(),
            async transaction =>
            {
                if (key is not null && await IdempotencyStore.ClaimAsync(transaction.Tx, key, transaction.Now) is { } held)
                {
                    return (protector.Open(key, held), true);
                }

                var done = await work(transaction);
                var kept = new StoredReply { Sha256 = key?.Sha256 ?? string.Empty, Status = done.Status, Location = done.Location, Answer = done.Json };
                if (key is not null)
                {
                    await IdempotencyStore.SaveAsync(transaction.Tx, key, protector.Seal(key, kept));
                }

                return (kept, false);
            },
            http.RequestAborted);
        return isReplay ? answer.Again(http) : answer.Send(http);
    }

    /// <summary>
    /// As <see cref="OnceAsync"/>, where the work is at other services and can't be one commit with the key: the answer is kept when it is done. Sent again
    /// before that, the work begins again and must find what it has done.
    /// </summary>
    internal static async Task<IResult> OnceDoneAsync(this HttpContext http, Func<Task<PostAnswer>> work)
    {
        var store = http.RequestServices.GetRequiredService<OperationsStore>();
        if (IdempotencyKey.Read(http, default) is { } key && await store.Store.ReadAsync(db => IdempotencyStore.FindAsync(db, key), http.RequestAborted) is { } held)
        {
            return http.RequestServices.GetRequiredService<ColumnProtector>().Open(key, held).Again(http);
        }

        var done = await work();
        return await http.OnceAsync(default, _ => Task.FromResult(done));
    }

    /// <summary>A 202 names the place where what was asked for can be followed.</summary>
    internal static RouteHandlerBuilder PointsToWork(this RouteHandlerBuilder endpoint) => endpoint.WritesHeader("Location", "Where what was accepted can be followed.");

    internal static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint) =>
        endpoint.ReadsHeader(IdempotencyKey.Header, "The same key with the same body does the work once and gets the same answer again, for 30 days.")
            .WritesHeader(StoredReply.ReplayedHeader, "true: this is the answer to an earlier request with the same key.");
}

/// <summary>What is answered to a POST.</summary>
internal sealed record PostAnswer(int Status, string? Location, string Json)
{
    internal static PostAnswer Created<T>(string path, T value) => new(StatusCodes.Status201Created, path, OperationsWire.Text(value));

    internal static PostAnswer Ok<T>(T value) => new(StatusCodes.Status200OK, null, OperationsWire.Text(value));

    internal static PostAnswer Accepted<T>(string? path, T value) => new(StatusCodes.Status202Accepted, path, OperationsWire.Text(value));
}
