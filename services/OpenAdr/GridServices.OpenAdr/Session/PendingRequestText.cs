using GridServices.Contracts;

namespace GridServices.OpenAdr.Session;

/// <summary>What is owed, in the words of the standard.</summary>
public static class PendingRequestText
{
    private const int MostNamed = 10;

    /// <summary>The message's element name, and what it is about: <c>oadrCreatedEvent about event e1</c>.</summary>
    public static string Describe(PendingRequest item)
    {
        var events = GetEvents(item);
        return item switch
        {
            PendingRequest.AnswerEvents when events.Count > 0 =>
                $"{GetName(item)} about {(events.Count == 1 ? "event" : "events")} {string.Join(", ", events.Take(MostNamed).Select(SafeText.Short))}{(events.Count > MostNamed ? "…" : string.Empty)}",
            PendingRequest.SendReport report => $"{GetName(item)} of report {SafeText.Short(report.ReportRequestId)}",
            PendingRequest.CreateOpt create => $"{GetName(item)} of {create.OptId}",
            PendingRequest.CancelOpt cancel => $"{GetName(item)} of {cancel.OptId}",
            _ => GetName(item),
        };
    }

    /// <summary>The events a message answers, in its order.</summary>
    public static IReadOnlyList<string> GetEvents(PendingRequest item) =>
        item is PendingRequest.AnswerEvents { Responses: var responses } ? [.. responses.Select(r => r.QualifiedEventId.EventId)] : [];

    /// <summary>The element name of the message that pays it.</summary>
    public static string GetName(PendingRequest item) => item switch
    {
        PendingRequest.QueryRegistration => "oadrQueryRegistration",
        PendingRequest.Register => "oadrCreatePartyRegistration",
        PendingRequest.CancelRegistration => "oadrCancelPartyRegistration",
        PendingRequest.ConfirmCancelledRegistration => "oadrCanceledPartyRegistration",
        PendingRequest.Acknowledge => "oadrResponse",
        PendingRequest.PublishMetadata => "oadrRegisterReport",
        PendingRequest.AcceptMetadata => "oadrRegisteredReport",
        PendingRequest.RequestVtnMetadata => "oadrCreateReport",
        PendingRequest.CancelVtnMetadata => "oadrCancelReport",
        PendingRequest.RequestEvents => "oadrRequestEvent",
        PendingRequest.AnswerEvents => "oadrCreatedEvent",
        PendingRequest.ConfirmReports => "oadrCreatedReport",
        PendingRequest.ConfirmCancelledReports => "oadrCanceledReport",
        PendingRequest.AcceptReportData => "oadrUpdatedReport",
        PendingRequest.SendReport => "oadrUpdateReport",
        PendingRequest.CreateOpt => "oadrCreateOpt",
        PendingRequest.CancelOpt => "oadrCancelOpt",
        PendingRequest.Poll => "oadrPoll",
        _ => throw new ArgumentOutOfRangeException(nameof(item)),
    };
}
