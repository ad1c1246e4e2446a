using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace GridServices.Hosting.Web;

/// <summary>
/// A body that nobody reads is refused: <c>{"reason":…}</c> beside an action that takes none would be dropped, and the caller would believe that it
/// counts. Nothing, and an object without members, ask for nothing. Applies to our own API (<c>/v1</c>), as <see cref="QueryMiddleware"/> does.
/// </summary>
internal sealed class UnreadBodyMiddleware(RequestDelegate next)
{
    private const int Longest = 256;

    // Routing's own 405 and 415 endpoints are not RouteEndpoints: they refuse by themselves.
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.HasBody() && context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)
            && context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is null && !await IsEmptyAsync(context))
        {
            throw new ProblemException(ErrorClass.SchemaInvalid, "Nothing is read from a body here; leave it out.", "/");
        }

        await next(context);
    }

    private static async Task<bool> IsEmptyAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.IsCompleted || read.Buffer.Length > Longest)
            {
                var isNothing = read.Buffer.Length <= Longest && IsNothing(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
                reader.AdvanceTo(read.Buffer.End);
                return isNothing;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool IsNothing(ReadOnlySpan<byte> body) =>
        body.Trim(" \t\r\n"u8) is var text && (text.IsEmpty || (text[0] == (byte)'{' && text[^1] == (byte)'}' && text.Length > 1 && text[1..^1].Trim(" \t\r\n"u8).IsEmpty));
}
