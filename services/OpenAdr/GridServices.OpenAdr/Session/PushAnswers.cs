using System.Security.Cryptography;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Session;

/// <summary>How a message that the VTN pushed was answered.</summary>
/// <param name="Service">The endpoint at which it came.</param>
/// <param name="Message">Its element name.</param>
/// <param name="RequestId">Its requestID.</param>
/// <param name="Content">SHA-256 of what it says, whatever its form on the wire.</param>
/// <param name="Answer">The answer.</param>
/// <param name="At">When.</param>
public sealed record PushAnswer(OadrServiceName Service, string Message, string RequestId, string Content, PendingRequest Answer, Instant At)
{
    /// <summary>A message that was ignored for want of a registration is no repetition when it comes again.</summary>
    internal bool IsFinal => Answer is not PendingRequest.Acknowledge { Response.Code: OadrCodes.NotRegistered };
}

/// <summary>
/// Answers to pushed messages. They stand in the state, so that they are on disk before the VTN has them, and so that a message that comes again
/// (its answer was lost; profile section 9.1.7) is done once and answered the same.
/// </summary>
/// <remarks>
/// A requestID that comes with other content means nothing at that VTN: what it stood for is forgotten, and the next message with it is done.
/// Events need no such memory: they are known by eventID and modificationNumber (OpenADR 2.0b rule 57).
/// </remarks>
public static class PushAnswers
{
    private const string Replay = "replay";
    private const int MostKept = 64;
    private static readonly Duration KeptFor = Duration.FromHours(1);

    /// <summary>The answer to a message that was just applied.</summary>
    public static OadrMessage GetAnswer(VenConfig config, VenState state, VenInput.MessagePushed pushed)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(pushed);
        var (service, message) = (pushed.Service, pushed.Message);
        if (pushed.Stamp is { } stamp && state.PushAnswers.Any(a => a.Message == Replay && a.RequestId == stamp.Nonce))
        {
            return Refusal(message.Name, SentBefore(VtnMessages.GetRequestId(message)));
        }

        var answer = FindMisplacedAnswer(service, message) ?? Find(state, message)?.Answer
            ?? new PendingRequest.Acknowledge(service, EiResponse.Ok(VtnMessages.GetRequestId(message)), state.Registration?.VenId);
        return Requests.Answer(config, state, answer);
    }

    /// <summary>The answer to a message of which only its kind could be read, or that reaches no VEN.</summary>
    /// <param name="message">Its element name.</param>
    /// <param name="response">What is wrong with it.</param>
    public static OadrMessage Refusal(string message, EiResponse response) => message switch
    {
        "oadrCreateReport" => new OadrCreatedReport(response, [], null),
        "oadrCancelReport" => new OadrCanceledReport(response, [], null),
        "oadrRegisterReport" => new OadrRegisteredReport(response, [], null),
        "oadrUpdateReport" => new OadrUpdatedReport(response, null, null),
        "oadrCancelPartyRegistration" => new OadrCanceledPartyRegistration(response, null, null),
        _ => new OadrResponse(response, null),
    };

    /// <summary>True where this VEN has answered the message before, though its registration may be gone since.</summary>
    public static bool Knows(VenState state, OadrMessage message)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Find(state, message) is { IsFinal: true };
    }

    /// <summary>What is said to a message that is no VTN's to send, or not at this endpoint; null: it is.</summary>
    internal static PendingRequest? FindMisplacedAnswer(OadrServiceName service, OadrMessage message) =>
        VtnMessages.FindService(message) is { } its && its == service ? null : new PendingRequest.Acknowledge(
            service, new EiResponse(OadrCodes.ComplianceError, $"{message.Name} is not sent to {service} of a VEN.", VtnMessages.GetRequestId(message)), null);

    internal static PushAnswer? Find(VenState state, OadrMessage message)
    {
        var requestId = VtnMessages.GetRequestId(message);
        return state.PushAnswers.FirstOrDefault(a => a.Message == message.Name && a.RequestId == requestId && a.Content == HashContent(message));
    }

    /// <summary>Keeps the answer; null: the plain one, which needs no keeping.</summary>
    internal static void Save(StepContext context, OadrMessage message, PendingRequest? answer)
    {
        var (service, requestId) = (VtnMessages.FindService(message)!.Value, VtnMessages.GetRequestId(message));
        Add(context, service, requestId, answer is null ? null : new PushAnswer(service, message.Name, requestId, HashContent(message), answer, context.Now));
    }

    /// <summary>Notes that a signed message was sent again: its answer is a refusal, and what the first one was answered stays.</summary>
    internal static void SaveReplay(StepContext context, OadrServiceName service, string nonce) =>
        Add(context, service, nonce, new PushAnswer(service, Replay, nonce, string.Empty, new PendingRequest.Acknowledge(service, SentBefore(string.Empty), null), context.Now));

    private static EiResponse SentBefore(string requestId) => new(OadrCodes.Other, "This message was sent before, or signed too long ago; sign it anew.", requestId);

    private static void Add(StepContext context, OadrServiceName service, string requestId, PushAnswer? answer)
    {
        var kept = context.State.PushAnswers
            .Where(a => (a.Service != service || a.RequestId != requestId) && a.At + KeptFor > context.Now).TakeLast(MostKept - 1).ToList();
        if (answer is not null)
        {
            kept.Add(answer);
        }

        if (!kept.SequenceEqual(context.State.PushAnswers))
        {
            context.State = context.State with { PushAnswers = kept.ToValueList() };
        }
    }

    private static string HashContent(OadrMessage message) => Convert.ToHexStringLower(SHA256.HashData(StateJson.Write(message)));
}
