using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Testing;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Tests;

/// <summary>What the engine says, as bytes: judged by the shapes of the profile.</summary>
public sealed class SentMessageTests
{
    [Fact]
    public void Every_kind_of_message_the_engine_sends_has_the_shape_of_the_profile_and_reads_back_equal()
    {
        var (sent, purposes) = Everything();
        Assert.Equal(
            typeof(PendingRequest).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(PendingRequest))).Select(t => t.Name).Order(StringComparer.Ordinal),
            purposes.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.All(sent, message =>
        {
            var xml = OadrXml.Write(message);
            Assert.Empty(PayloadShapes.Errors(xml).Select(e => $"{message.Name}: {e}"));
            Assert.Equal(message, OadrXml.Read(xml).Message);
        });
    }

    private static (List<OadrMessage> Sent, HashSet<Type> Purposes) Everything()
    {
        var purposes = new HashSet<Type>();
        var sent = new List<OadrMessage>();
        var ven = VenScript.Registered(Configs.Reporting);
        ven.State = VenState.Initial;
        Say(m => m is OadrQueryRegistration q ? Vtn.Offers(q.RequestId) : Vtn.Nothing);
        Say(m => m is OadrCreatePartyRegistration c ? Vtn.Registers(c.RequestId) : Vtn.Nothing);
        Say(_ => new OadrRegisteredReport(EiResponse.Ok("x"), [], Vtn.VenId));
        var unreadable = new UnreadableEvent("bad", 0, null, new ReadError(ErrorClass.SemanticTime, "/x", "wrong"), 459);
        Say(_ => Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))) with { Events = [Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))), Readable.Not<OadrEvent>(unreadable)] });
        Say(_ => Vtn.Nothing);
        ven.Takes(new VenInput.OptWanted("o1", new OptRequest { OptType = OptType.OptOut, OptReason = OptReasons.Emergency, EventId = "e1" }));
        Say(_ => new OadrCreatedOpt(EiResponse.Ok("x"), "o1"));
        ven.Takes(new VenInput.OptWanted("o2", new OptRequest
        {
            OptType = OptType.OptOut,
            OptReason = OptReasons.Schedule,
            MarketContext = Configs.MarketContext,
            Periods = [new(Vtn.Time("23:00"), Duration.FromHours(1)), new(Vtn.Time("23:30"), Duration.Zero)],
        }));
        Say(_ => new OadrCreatedOpt(EiResponse.Ok("x"), "o2"));
        ven.Takes(new VenInput.OptWithdrawn("o2"));
        Say(_ => new OadrCanceledOpt(EiResponse.Ok("x"), "o2"));
        Find(Vtn.Distributes() with { VtnId = "other" });
        Find(Vtn.AsksReports("q", Vtn.Wants("r1", "telemetry-usage", "PT1M", "PT5M", "power", "energy"), Vtn.Wants("r2", "telemetry-status", "PT0S", "PT0S", "status"), Vtn.Wants("m", "METADATA", "PT0S", "PT0S", "0")));
        Say(_ => new OadrRegisteredReport(EiResponse.Ok("x"), [], Vtn.VenId));
        Say(m => new OadrUpdatedReport(EiResponse.Ok(((OadrUpdateReport)m).RequestId), null, Vtn.VenId));
        Find(Vtn.AsksReports("q", Vtn.Wants("r1", "telemetry-usage", "PT1M", "PT5M", "power", "energy"), Vtn.Wants("r2", "telemetry-status", "PT0S", "PT0S", "status"), Vtn.Wants("r3", "telemetry-usage", "PT0S", "PT5M", "power")));
        Say(m => new OadrUpdatedReport(EiResponse.Ok(((OadrUpdateReport)m).RequestId), null, Vtn.VenId));
        ven.Takes(new VenInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = ven.Now, NetPowerW = -1500, EnergyImportWh = 12, ManualOverride = true })]));
        ven.At("18:05");
        Say(m => new OadrUpdatedReport(EiResponse.Ok(((OadrUpdateReport)m).RequestId), null, Vtn.VenId));
        Say(m => new OadrUpdatedReport(EiResponse.Ok(((OadrUpdateReport)m).RequestId), null, Vtn.VenId));
        Find(new OadrCancelReport("c", ["r1"], false, Vtn.VenId));
        Find(new OadrRegisterReport { RequestId = "m-1" });
        Find(new OadrUpdateReport { RequestId = "u-1" });
        ven.Person(VenAction.RequestVtnMetadata);
        Say(_ => new OadrCreatedReport(EiResponse.Ok("x"), [], Vtn.VenId));
        ven.Person(VenAction.CancelVtnMetadata);
        Say(_ => new OadrCanceledReport(EiResponse.Ok("x"), [], Vtn.VenId));
        Find(new OadrRequestReregistration(Vtn.VenId));
        Say(m => Vtn.Registers(((OadrCreatePartyRegistration)m).RequestId));
        Find(new OadrCancelPartyRegistration("c-1", "wrong", Vtn.VenId));
        ven.Person(VenAction.CancelRegistration);
        Say(_ => new OadrCanceledPartyRegistration(EiResponse.Ok("x"), "reg-1", Vtn.VenId));
        return (sent, purposes);

        void Say(Func<OadrMessage, OadrMessage> reply)
        {
            var (message, _, _, purpose) = ven.Request();
            sent.Add(message);
            purposes.Add(purpose.GetType());
            ven.Hears(reply(message));
        }

        // The queue holds this; it is answered, and the VTN thanks.
        void Find(OadrMessage found)
        {
            ven.State = ven.State with { Link = new OpenAdr.LinkState() };
            Assert.IsType<OadrPoll>(ven.Request().Message);
            Say(_ => found);
            while (ven.Next() is VenNext.SendRequest { Message: OadrCreatedEvent or OadrCreatedReport or OadrCanceledReport or OadrRegisteredReport or OadrUpdatedReport or OadrResponse or OadrCanceledPartyRegistration })
            {
                Say(_ => Vtn.Nothing);
            }
        }
    }
}
