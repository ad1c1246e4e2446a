using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Reports;

namespace GridServices.OpenAdr.Session;

/// <summary>What the VTN wants of a registered VEN, whichever way it came: found by a poll or pushed.</summary>
internal static class VtnRequests
{
    /// <returns>False for a message that is no VTN's to send.</returns>
    public static bool Process(StepContext context, OadrMessage message, string sha256)
    {
        switch (message)
        {
            case OadrDistributeEvent events:
                EventLedger.Receive(context, events, sha256);
                return true;
            case OadrCreateReport request:
                ReportSchedule.Requested(context, request);
                return true;
            case OadrCancelReport cancel:
                ReportSchedule.Cancelled(context, cancel);
                return true;
            case OadrRegisterReport metadata:
                VtnReports.Arrived(context, metadata);

                // OpenADR 2.0b rule 301: the VTN's METADATA is answered even when it offers nothing.
                context.Answer(new PendingRequest.AcceptMetadata(EiResponse.Ok(metadata.RequestId)) { Asks = VtnReports.Ride(context) });
                return true;
            case OadrUpdateReport data:
                context.Answer(new PendingRequest.AcceptReportData(EiResponse.Ok(data.RequestId)));
                return true;
            case OadrCancelPartyRegistration cancel:
                RegistrationRules.Cancelled(context, cancel);
                return true;
            case OadrRequestReregistration request:
                RegistrationRules.Requested(context, request);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The answer that says what is wrong with a message of this kind; null: the kind is no VTN's to send.</summary>
    /// <param name="message">Its element name.</param>
    /// <param name="response">What is wrong.</param>
    /// <param name="registration">In force.</param>
    /// <param name="isPushed">True: events are answered by oadrResponse; what a poll found, by oadrCreatedEvent.</param>
    public static PendingRequest? Refusal(string? message, EiResponse response, VenRegistration registration, bool isPushed) => message switch
    {
        "oadrDistributeEvent" when isPushed => new PendingRequest.Acknowledge(OadrServiceName.EiEvent, response, registration.VenId),
        "oadrDistributeEvent" => new PendingRequest.AnswerEvents(response, []),
        "oadrCreateReport" => new PendingRequest.ConfirmReports(response),
        "oadrCancelReport" => new PendingRequest.ConfirmCancelledReports(response),
        "oadrRegisterReport" => new PendingRequest.AcceptMetadata(response),
        "oadrUpdateReport" => new PendingRequest.AcceptReportData(response),
        "oadrCancelPartyRegistration" => new PendingRequest.ConfirmCancelledRegistration(response, null, registration.VenId),
        "oadrRequestReregistration" => new PendingRequest.Acknowledge(OadrServiceName.EiRegisterParty, response, registration.VenId),
        _ => null,
    };
}
