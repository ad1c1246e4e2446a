using System.Text;
using System.Text.RegularExpressions;

namespace GridServices.Simulators.Vtn.Control;

/// <summary>Sends a reply, as it is or spoilt.</summary>
internal static partial class BadReply
{
    public static Task Send(HttpContext http, byte[] reply, Fault? fault) => fault?.Mode switch
    {
        null => Whole(http, reply),
        FaultMode.Status => Status(http, fault),
        FaultMode.Garbage => Whole(http, [0xff, 0x00, .. "<<not xml"u8]),
        FaultMode.Truncated => Whole(http, reply[..(reply.Length / 2)]),
        FaultMode.Drip => Drip(http, reply, fault.DelayMs),
        FaultMode.WrongRequestId => Whole(http, Encoding.UTF8.GetBytes(RequestIds().Replace(Encoding.UTF8.GetString(reply), ">not-what-you-asked<"))),
        FaultMode.CloseMidBody => CloseMidBody(http, reply),
        FaultMode.Empty => Whole(http, []),
        FaultMode.Redirect => Redirect(http, fault.Location ?? "http://127.0.0.1:9/elsewhere"),
        FaultMode.Body => Whole(http, Encoding.UTF8.GetBytes(fault.Body ?? "")),
        FaultMode.Hang => Hang(http, fault.DelayMs),
        FaultMode.ContentType => Whole(http, reply, "text/html"),
        _ => throw new InvalidOperationException($"No such way to answer badly: {fault.Mode}."),
    };

    private static async Task Whole(HttpContext http, byte[] reply, string contentType = "application/xml")
    {
        http.Response.ContentType = contentType;
        http.Response.ContentLength = reply.Length;
        await http.Response.Body.WriteAsync(reply, http.RequestAborted);
    }

    private static Task Status(HttpContext http, Fault fault)
    {
        http.Response.StatusCode = fault.Status;
        if (fault.RetryAfterS is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return fault.Body is { } page ? Whole(http, Encoding.UTF8.GetBytes(page), "text/plain") : Task.CompletedTask;
    }

    private static Task Redirect(HttpContext http, string location)
    {
        http.Response.Redirect(location);
        return Task.CompletedTask;
    }

    private static async Task Drip(HttpContext http, byte[] reply, int delayMs)
    {
        http.Response.ContentType = "application/xml";
        http.Response.ContentLength = reply.Length;
        for (var at = 0; at < reply.Length; at += 64)
        {
            await http.Response.Body.WriteAsync(reply.AsMemory(at, Math.Min(64, reply.Length - at)), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.Delay(delayMs, http.RequestAborted);
        }
    }

    private static async Task CloseMidBody(HttpContext http, byte[] reply)
    {
        http.Response.ContentType = "application/xml";
        http.Response.ContentLength = reply.Length + 100;
        await http.Response.Body.WriteAsync(reply.AsMemory(0, reply.Length / 2), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        http.Abort();
    }

    private static async Task Hang(HttpContext http, int delayMs)
    {
        try
        {
            await Task.Delay(delayMs, http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The VEN gave up first.
        }

        http.Abort();
    }

    [GeneratedRegex("(?<=requestID[^>]*)>[^<]*<", RegexOptions.None, 1000)]
    private static partial Regex RequestIds();
}
