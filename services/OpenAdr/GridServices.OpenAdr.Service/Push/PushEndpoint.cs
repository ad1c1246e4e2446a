using System.Net.Mime;
using System.Text;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.UtilityClients.Listening;
using Microsoft.Net.Http.Headers;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>The HTTP side of a push: only what is a proper request of the simple HTTP transport is read at all.</summary>
internal sealed class PushEndpoint(PushOptions options, PushTls tls, PushRouter router, PushReceiver receiver)
{
    private readonly ListenerSlots _places = new(options.MaxRequests, options.MaxRequestsPerVtn);

    public async Task HandleAsync(HttpContext http) => await (await AnswerAsync(http)).WriteAsync(http.Response);

    private async Task<PushReply> AnswerAsync(HttpContext http)
    {
        if (ListenerPeer.Find(http) is not { } peer)
        {
            return PushReply.Refused(StatusCodes.Status404NotFound, "No VEN is reached here.");
        }

        var place = ParsePath(http.Request.Path.Value ?? string.Empty) is { } found && router.IsAnnounced(found.Prefix) ? found : null as (string Prefix, OadrServiceName Service)?;
        if (tls.Problem() is not null)
        {
            // OpenADR 2.0b rule 516: no traffic with an expired certificate, on connections from before either.
            router.Missed(peer, place?.Prefix);
            return PushReply.Later("This listener has no valid certificate; connect again later.") with { Closes = true };
        }

        return (place, CheckRequest(http.Request)) switch
        {
            (null, _) => Refuse(peer, null, http.Request, PushReply.Refused(StatusCodes.Status404NotFound, "No VEN is reached here.")),
            ({ Prefix: var prefix }, { } complaint) => Refuse(peer, prefix, http.Request, complaint),
            ({ } known, null) => await HandleMessageAsync(http, peer, known.Prefix, known.Service),
        };
    }

    private async Task<PushReply> HandleMessageAsync(HttpContext http, ListenerPeer peer, string prefix, OadrServiceName service)
    {
        using var place = _places.TryAcquire(peer.Print);
        if (place is null)
        {
            router.Missed(peer, prefix);
            return PushReply.Later("Other messages are being taken in; send this one again.");
        }

        var body = await ReadAsync(http, peer, prefix);
        place.EndReading();
        return await receiver.HandleAsync(peer, prefix, service, body);
    }

    // Who merely looks has pushed nothing.
    private PushReply Refuse(ListenerPeer peer, string? prefix, HttpRequest request, PushReply reply) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) ? reply : receiver.Refuse(peer, prefix, reply, Describe(request, reply));

    private static string Describe(HttpRequest request, PushReply reply) =>
        $"{SafeText.Short(request.Method)} {SafeText.Short(request.Path.Value ?? string.Empty)}, Content-Type {FormatHeader(request.ContentType)}, Content-Encoding {FormatHeader(request.Headers.ContentEncoding)}, "
        + (request.ContentLength is { } length ? $"{length} bytes" : "without Content-Length") + $": {Encoding.UTF8.GetString(reply.Body).Trim()}";

    private static string FormatHeader(string? header) => string.IsNullOrEmpty(header) ? "none" : SafeText.Short(header);

    // What breaks off on the way may not come again.
    private async Task<byte[]> ReadAsync(HttpContext http, ListenerPeer peer, string prefix)
    {
        try
        {
            return (await BoundedBody.ReadAsync(http.Request.Body, http.Request.ContentLength, options.MaxBodyBytes, http.RequestAborted))!;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            router.Missed(peer, prefix);
            throw;
        }
    }

    /// <summary>OpenADR 2.0b rule 511: a VEN has these four, and no OadrPoll. Null: the path is none of them.</summary>
    private static (string Prefix, OadrServiceName Service)? ParsePath(string path)
    {
        var cut = path.LastIndexOf('/');
        OadrServiceName? service = path[(cut + 1)..] switch
        {
            "EiEvent" => OadrServiceName.EiEvent,
            "EiReport" => OadrServiceName.EiReport,
            "EiRegisterParty" => OadrServiceName.EiRegisterParty,
            "EiOpt" => OadrServiceName.EiOpt,
            _ => null,
        };
        return service is { } known && path[..cut].EndsWith(PushAddress.ServicesPath, StringComparison.Ordinal)
            ? (path[..(cut - PushAddress.ServicesPath.Length)], known)
            : null;
    }

    private PushReply? CheckRequest(HttpRequest request)
    {
        // Profile section 9.1.5: 501 for another method, 406 for another type.
        if (!HttpMethods.IsPost(request.Method))
        {
            return PushReply.Refused(StatusCodes.Status501NotImplemented, "Only POST is served.");
        }

        // OpenADR 2.0b rule 53: application/xml, with no other charset than UTF-8, never compressed, its length said beforehand and never in chunks.
        // text/xml is a slip of some VTNs that hurts nobody, as in their replies.
        if (!IsXml(request))
        {
            return PushReply.Refused(StatusCodes.Status406NotAcceptable, "Send application/xml in UTF-8, not encoded.");
        }

        if (request.ContentLength is not { } length)
        {
            return PushReply.Refused(StatusCodes.Status411LengthRequired, "Send Content-Length, and no chunks.");
        }

        return length <= options.MaxBodyBytes ? null : PushReply.Refused(StatusCodes.Status413PayloadTooLarge, $"The message is longer than {options.MaxBodyBytes} bytes.");
    }

    private static bool IsXml(HttpRequest request) =>
        request.Headers.ContentEncoding.Count == 0
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (type.MediaType.Equals(MediaTypeNames.Application.Xml, StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals(MediaTypeNames.Text.Xml, StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
}
