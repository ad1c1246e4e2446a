using System.Security.Cryptography;
using GridServices.Simulators.DerServer.Model;
using GridServices.Simulators.DerServer.Resources;

namespace GridServices.Simulators.DerServer;

/// <summary>The door.</summary>
public sealed partial class SimulatedUtility
{
    private const string WellKnownPath = "/.well-known/csipaus";
    private const string Sep = "application/sep+xml";
    private const string Sep13 = "application/sep+xml; csipaus=1.3";

    private string MediaType => options.IsCsipAus13 ? Sep13 : Sep;

    /// <summary>Answers a request; never throws on what a client sends.</summary>
    public SimReply Handle(SimRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        SimReply reply;
        Observer?.Before(request);
        lock (gate)
        {
            request = request with { At = Now };
            reply = Faults.Instead(request) ?? Faults.Twist(request, Answer(request));
        }

        log.Add(new RequestRecord(
            0, request.At, request.LFdi, request.Method, request.Path, request.Query, request.Accept, request.ContentType,
            request.Body.IsEmpty ? null : request.BodyText, reply.Status, reply.Complaint));
        if (reply.Complaint is { } complaint && reply.Status is not (404 or 429 or >= 500))
        {
            log.Write($"{request.Method} {request.Path}: {reply.Status}, {complaint}");
        }

        Observer?.After(request, reply);
        return reply;
    }

    private SimReply Answer(SimRequest request)
    {
        try
        {
            if (request.Path is WellKnownPath)
            {
                return WellKnown is { } wellKnown ? new SimReply(200) { ContentType = "application/json", Body = wellKnown.Json() } : throw Missing();
            }

            CheckMedia(request);
            var path = Faults.Meant(request.Path).Trim('/').Split('/');
            return request.Method is "GET" or "HEAD"
                ? Versioned(request, new SimReply(200) { ContentType = MediaType, Body = xml.Bytes(Read(request, path)) })
                : Write(request, path);
        }
        catch (ProblemException refused)
        {
            var error = SepXml.El("Error", SepXml.El("reasonCode", refused.ReasonCode), SepXml.El("message", refused.Message));
            return new SimReply(refused.Status) { ContentType = MediaType, Body = xml.Bytes(error), Complaint = refused.Message };
        }
    }

    /// <summary>With <c>--etags</c> each answer names its version, and one that the client has is not sent again.</summary>
    private SimReply Versioned(SimRequest request, SimReply reply)
    {
        if (!options.HasETags)
        {
            return reply;
        }

        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(reply.Body.Span))[..16]}\"";
        return request.IfNoneMatch == tag ? new SimReply(304) { ETag = tag } : reply with { ETag = tag };
    }

    /// <summary>CSIP-AUS 1.3: the version stands in the media type of every request.</summary>
    private void CheckMedia(SimRequest request)
    {
        var header = request.Method is "GET" or "HEAD" ? request.Accept : request.ContentType;
        if (request.Method is "DELETE")
        {
            return;
        }

        if (request.Method is "GET" or "HEAD")
        {
            if (options.IsCsipAus13 && !HasVersion(header))
            {
                throw new ProblemException(header is null ? 400 : 406, $"Accept must be {Sep13}");
            }

            return;
        }

        if (string.IsNullOrEmpty(header))
        {
            throw new ProblemException(400, "Content-Type is missing");
        }

        if (!header.StartsWith(Sep, StringComparison.OrdinalIgnoreCase) || (options.IsCsipAus13 && !HasVersion(header)))
        {
            throw new ProblemException(415, $"Content-Type must be {MediaType}");
        }
    }

    private static bool HasVersion(string? header) =>
        header?.Replace(" ", string.Empty, StringComparison.Ordinal).Contains("application/sep+xml;csipaus=1.3", StringComparison.OrdinalIgnoreCase) ?? false;
}
