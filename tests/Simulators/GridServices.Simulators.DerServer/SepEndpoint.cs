using GridServices.Simulators.DerServer.Incoming;
using GridServices.Simulators.DerServer.Model;

namespace GridServices.Simulators.DerServer;

/// <summary>HTTP on one side, the utility on the other.</summary>
internal sealed class SepEndpoint(SimulatedUtility utility, TimeProvider time)
{
    private const int MaxBody = 1024 * 1024;

    public async Task Handle(HttpContext http)
    {
        var request = new SimRequest(http.Request.Method, http.Request.Path.Value ?? "/")
        {
            Query = http.Request.QueryString.Value ?? string.Empty,
            Accept = http.Request.Headers.Accept.ToString() is { Length: > 0 } accept ? accept : null,
            ContentType = http.Request.ContentType,
            IfNoneMatch = http.Request.Headers.IfNoneMatch.ToString() is { Length: > 0 } held ? held : null,
            Body = await Body(http),
            LFdi = http.Connection.ClientCertificate is { } certificate ? LFdiRules.Compute(certificate.RawData) : null,
        };
        await Write(http, utility.Handle(request));
    }

    private static async Task<byte[]> Body(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.Length <= MaxBody ? body.ToArray() : throw new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge);
    }

    private async Task Write(HttpContext http, SimReply reply)
    {
        http.Response.StatusCode = reply.Status;
        if (reply.Location is { } location)
        {
            http.Response.Headers.Location = location;
        }

        if (reply.RetryAfter is { } retry)
        {
            http.Response.Headers.RetryAfter = retry;
        }

        if (reply.ETag is { } tag)
        {
            http.Response.Headers.ETag = tag;
        }

        if (reply.ContentEncoding is { } encoding)
        {
            http.Response.Headers.ContentEncoding = encoding;
        }

        if (reply.Body.IsEmpty || HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        http.Response.ContentType = reply.ContentType;
        http.Response.ContentLength = reply.Body.Length;
        if (reply.TrickleBytesPerSecond is { } slow)
        {
            await Trickle(http, reply.Body, slow);
            return;
        }

        await http.Response.Body.WriteAsync(reply.Body, http.RequestAborted);
    }

    private async Task Trickle(HttpContext http, ReadOnlyMemory<byte> body, int bytesPerSecond)
    {
        for (var at = 0; at < body.Length; at += bytesPerSecond)
        {
            await http.Response.Body.WriteAsync(body[at..Math.Min(body.Length, at + bytesPerSecond)], http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.Delay(TimeSpan.FromSeconds(1), time, http.RequestAborted);
        }
    }
}
