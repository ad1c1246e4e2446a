using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Responses;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>A purpose as the request that serves it.</summary>
internal static class Requests
{
    public static DerNext.SendRequest For(DerClientConfig config, DerClientState state, DerPurpose purpose, Instant now)
    {
        var dialect = Dialects.For(config, state);
        var (method, href) = Target(config, purpose, state);
        var body = Body(config, state, purpose, now);
        var accept = purpose is DerPurpose.Read { Kind: NodeKind.WellKnown } ? "application/json" : dialect.MediaType();
        var at = LinkPolicy.Follow(state.Line.Moved, href) ?? href;
        return new DerNext.SendRequest(state.Line.Requests + 1, method, at, accept, body is null ? null : dialect.MediaType(), body is null ? null : Sep2Xml.Write(body, dialect), purpose)
        {
            IfNoneMatch = ConditionalReads.FindTag(state, purpose, at, now),
        };
    }

    private static (string Method, string Href) Target(DerClientConfig config, DerPurpose purpose, DerClientState state) => purpose switch
    {
        DerPurpose.Read read when IsList(read.Kind) => ("GET", Hrefs.Page(read.Href, read.From, config.Polling.PageSize)),
        DerPurpose.Read read => ("GET", read.Href),
        DerPurpose.Register register => ("POST", register.Href),
        DerPurpose.Respond respond => ("POST", Responding.Find(state, respond)!.Path),
        DerPurpose.PutConnectionPoint put => ("PUT", put.Href),
        DerPurpose.PutDer put => ("PUT", put.Href),
        DerPurpose.CreateMirror create => ("POST", create.Href),
        DerPurpose.SendReadings send => ("POST", send.Href),
        DerPurpose.SendLogEvent send => ("POST", send.Href),
        DerPurpose.AskReservation ask => ("POST", ask.Href),
        DerPurpose.CancelReservation cancel => ("PUT", cancel.Href),
        DerPurpose.TellSheddable tell => (tell.IsNew ? "POST" : "PUT", tell.Href),
        DerPurpose.Subscribe subscribe => ("POST", subscribe.Href),
        DerPurpose.Unsubscribe unsubscribe => ("DELETE", unsubscribe.Href),
        _ => throw new InvalidOperationException($"Nothing is known of how to do {purpose.GetType().Name}."),
    };

    private static Resource? Body(DerClientConfig config, DerClientState state, DerPurpose purpose, Instant now) => purpose switch
    {
        DerPurpose.Read => null,
        DerPurpose.Register register => DeviceRegistration.Message(config, register, state.Clock.OnServer(now)),
        DerPurpose.Respond respond => Responding.Message(Responding.Find(state, respond)!),
        _ => Reports.Message(config, state, purpose, now),
    };

    // IEEE 2030.5 lists: without a limit a server sends one item, so one is always given.
    private static bool IsList(NodeKind kind) => kind is NodeKind.EndDeviceList or NodeKind.AssignmentsList or NodeKind.ProgramList or NodeKind.ControlList
        or NodeKind.DerList or NodeKind.MirrorList or NodeKind.SubscriptionList
        or NodeKind.TariffList or NodeKind.ComponentList or NodeKind.IntervalList or NodeKind.PriceList or NodeKind.ReservationRequests or NodeKind.ReservationList
        or NodeKind.DemandResponseList or NodeKind.LoadControlList or NodeKind.SheddableList;
}
