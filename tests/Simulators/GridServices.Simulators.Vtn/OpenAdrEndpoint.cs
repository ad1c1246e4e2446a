using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using GridServices.Simulators.Vtn.Control;
using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>The HTTP side of the simple-HTTP transport: POST …/OpenADR2/Simple/2.0b/{service}, any prefix.</summary>
public sealed class OpenAdrEndpoint(VtnServer vtn, Faults faults, SchemaValidator? judge, Signing? signing, IClock clock)
{
    private const string Base = "/OpenADR2/Simple/2.0b/";

    /// <summary>The service that a path names, or null where it is none of ours.</summary>
    public static string? FindService(PathString path)
    {
        var text = path.Value ?? "";
        var at = text.IndexOf(Base, StringComparison.Ordinal);
        return at >= 0 && text[(at + Base.Length)..] is "EiRegisterParty" or "EiEvent" or "EiReport" or "EiOpt" or "OadrPoll" ? text[(at + Base.Length)..] : null;
    }

    public async Task Handle(HttpContext http, string service)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status501NotImplemented; // section 9.1.5
            return;
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        XElement root;
        try
        {
            root = Payload.Parse(body.ToArray());
        }
        catch (XmlException wrong)
        {
            Note(http, service, "unreadable", null, Encoding.UTF8.GetString(body.ToArray()), [wrong.Message], 406, null, null);
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            return;
        }

        if (signing is not null && Signing.FindProblem(body.ToArray()) is { } complaint)
        {
            vtn.Log.Add("signature", null, $"{Payload.Message(root).Name.LocalName} is refused: {complaint}");
            Note(http, service, Payload.Message(root).Name.LocalName, null, root.ToString(SaveOptions.DisableFormatting), [complaint], 403, null, null);
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            http.Response.ContentType = "text/plain; charset=utf-8";
            await http.Response.WriteAsync(complaint, http.RequestAborted);
            return;
        }

        await Answer(http, service, root);
    }

    private async Task Answer(HttpContext http, string service, XElement root)
    {
        var message = Payload.Message(root);
        var errors = judge?.Errors(root) ?? [];
        if (errors.Count > 0)
        {
            vtn.Log.Add("schema", null, $"{message.Name.LocalName} breaks the 2.0b schema: {errors[0]}");
        }

        var fault = faults.Next(service, message.Name.LocalName) ?? Habitual(message);
        var queued = fault is { IsProcessed: false } ? null : vtn.Answer(service, message, Fingerprint(http));
        var reply = queued?.Raw ?? (queued?.Message is { } said ? Signed(Payload.Bytes(vtn.Habits.Written(said))) : []);
        Note(
            http, service, message.Name.LocalName, message.Find(Ns.Ei + "venID"), root.ToString(SaveOptions.DisableFormatting), errors,
            fault is { Mode: FaultMode.Status } ? fault.Status : 200, queued?.Message?.Name.LocalName ?? (queued?.Raw is null ? null : "raw"), reply, fault);
        if (fault is not null)
        {
            vtn.Log.Add("fault", null, $"answers {message.Name.LocalName} badly: {fault.Mode}");
        }

        await BadReply.Send(http, reply, fault);
    }

    private Fault? Habitual(XElement message) =>
        vtn.ChokesOn(message) ? new Fault { Mode = FaultMode.Status, Status = 500 }
        : message.Name.LocalName == "oadrResponse" && vtn.Habits.Has(Habit.EmptyAcknowledgements) ? new Fault { Mode = FaultMode.Empty }
        : null;

    private byte[] Signed(byte[] wrapped) => vtn.Habits.Has(Habit.Unsigned) ? wrapped : signing?.Sign(wrapped, clock.GetCurrentInstant().ToDateTimeOffset(), vtn.Habits) ?? wrapped;

    private void Note(
        HttpContext http, string service, string name, string? venId, string xml, IReadOnlyList<string> errors, int status, string? replyName, byte[]? reply, Fault? fault = null) =>
        vtn.Journal.Add(new MessageRecord(
            0, clock.GetCurrentInstant(), service, name, venId, xml, errors, Facts(http.Request), status, replyName,
            reply is null ? null : Encoding.UTF8.GetString(reply), fault?.Mode.ToString(), Fingerprint(http)));

    private static HeaderFacts Facts(HttpRequest request) => new(
        request.ContentType, request.ContentLength, request.Headers.TransferEncoding.Count > 0, request.Headers.Accept.FirstOrDefault(), request.Headers.Host.FirstOrDefault(),
        request.Headers.ContentEncoding.FirstOrDefault());

    // Section 10.4: the last ten bytes of the SHA-256 of the certificate, upper-case hex with colons.
    private static string? Fingerprint(HttpContext http) =>
        http.Connection.ClientCertificate is { } certificate
            ? Convert.ToHexString(SHA256.HashData(certificate.RawData)[^10..]).Chunk(2).Select(pair => new string(pair)).Aggregate((a, b) => $"{a}:{b}")
            : null;
}
