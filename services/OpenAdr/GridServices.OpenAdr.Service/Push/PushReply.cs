using System.Text;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>What a pushed message is answered with over HTTP.</summary>
/// <param name="Status">200 for errors of the application too (profile section 9.1.5).</param>
/// <param name="Body">XML with 200, otherwise a line for people.</param>
/// <param name="RetryAfterS">When to send it again; null: not said.</param>
/// <param name="Closes">True: the connection ends with it.</param>
internal sealed record PushReply(int Status, byte[] Body, int? RetryAfterS = null, bool Closes = false)
{
    private const int RetrySeconds = 5;

    public static PushReply Refused(int status, string why) => new(status, Encoding.UTF8.GetBytes(why + "\n"));

    public static PushReply Later(string why) => Refused(StatusCodes.Status503ServiceUnavailable, why) with { RetryAfterS = RetrySeconds };

    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        response.ContentType = Status == StatusCodes.Status200OK ? "application/xml" : "text/plain; charset=utf-8";
        response.ContentLength = Body.Length;
        if (RetryAfterS is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (Closes)
        {
            response.Headers.Connection = "close";
        }

        await response.Body.WriteAsync(Body, response.HttpContext.RequestAborted);
    }
}
