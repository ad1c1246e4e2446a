namespace GridServices.OpenAdr.Registration;

/// <summary>What is owed, in the words of the standard.</summary>
public static class OwedText
{
    private const int MostNamed = 10;

    /// <summary>The message's element name, and what it is about: <c>oadrCreatedEvent about event e1</c>.</summary>
    public static string Of(Owed item)
    {
        var events = EventsOf(item);
        return item switch
        {
            Owed.AnswerEvents when events.Count > 0 =>
                $"{NameOf(item)} about {(events.Count == 1 ? "event" : "events")} {string.Join(", ", events.Take(MostNamed).Select(Printable.Line))}{(events.Count > MostNamed ? "…" : string.Empty)}",
            Owed.SendReport report => $"{NameOf(item)} of report {Printable.Line(report.ReportRequestId)}",
            _ => NameOf(item),
        };
    }

    /// <summary>The events a message answers, in its order.</summary>
    public static IReadOnlyList<string> EventsOf(Owed item) =>
        item is Owed.AnswerEvents { Responses: var responses } ? [.. responses.Select(r => r.QualifiedEventId.EventId)] : [];

    /// <summary>The element name of the message that pays it.</summary>
    public static string NameOf(Owed item) => item switch
    {
        Owed.QueryRegistration => "oadrQueryRegistration",
        Owed.Register => "oadrCreatePartyRegistration",
        Owed.CancelRegistration => "oadrCancelPartyRegistration",
        Owed.ConfirmCancelledRegistration => "oadrCanceledPartyRegistration",
        Owed.Acknowledge => "oadrResponse",
        Owed.PublishMetadata => "oadrRegisterReport",
        Owed.AcceptMetadata => "oadrRegisteredReport",
        Owed.RequestVtnMetadata => "oadrCreateReport",
        Owed.RequestEvents => "oadrRequestEvent",
        Owed.AnswerEvents => "oadrCreatedEvent",
        Owed.ConfirmReports => "oadrCreatedReport",
        Owed.ConfirmCancelledReports => "oadrCanceledReport",
        Owed.AcceptReportData => "oadrUpdatedReport",
        Owed.SendReport => "oadrUpdateReport",
        Owed.Poll => "oadrPoll",
        _ => throw new ArgumentOutOfRangeException(nameof(item)),
    };
}
