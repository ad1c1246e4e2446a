using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Certification;

/// <summary>Opt schedules (EiOpt) as the certification asks for them; the VEN speaks, so both transports say the same.</summary>
public class OptCaseTests : EitherWay
{
    private static readonly VenConfig Ours = Configs.Ven with { Targets = new TargetNames { ResourceIds = ["r1"] } };

    public OptCaseTests()
        : this(VenTransport.Pull)
    {
    }

    protected OptCaseTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void P1_2010_a_schedule_tells_its_optID_its_reason_and_each_period()
    {
        var told = Told(Registered(), "o1", Out(("19:00", 1), ("22:00", 2)));
        Assert.Equal(("o1", OptType.OptOut, "mustRun", Vtn.VenId, 2), (told.OptId, told.OptType, told.OptReason, told.VenId, told.Availability!.Count));
        Assert.Null(told.QualifiedEventId);
        Assert.Equal(told.CreatedDateTime, Vtn.Time("18:00"));
    }

    [Fact]
    public void P1_2015_a_schedule_without_end_has_duration_zero()
    {
        var period = Assert.Single(Told(Registered(), "o1", Out(("19:00", 0))).Availability!);
        Assert.Equal((Vtn.Time("19:00"), Period.Zero), (period.Start, period.Duration.Normalize()));
    }

    [Fact]
    public void P1_2020_a_schedule_is_cancelled_by_venID_and_optID()
    {
        var ven = Registered();
        Told(ven, "o1", Out(("19:00", 1)));
        ven.Takes(new VenInput.OptWithdrawn("o1")).Sends<OadrCancelOpt>(out var cancel);
        Assert.Equal(("o1", Vtn.VenId), (cancel.OptId, cancel.VenId));
        ven.Hears(new OadrCanceledOpt(EiResponse.Ok(cancel.RequestId), "o1")).Sends<OadrPoll>();
        Assert.Empty(ven.State.Opts);
    }

    [Fact]
    public void P1_2030_a_schedule_names_its_market_context_and_its_resource()
    {
        var told = Told(Registered(Ours), "o1", Out(("19:00", 1)) with { MarketContext = Configs.MarketContext, ResourceIds = ["r1"] });
        Assert.Equal(Configs.MarketContext, told.MarketContext);
        Assert.Equal(["r1"], told.Target.ResourceIds);
    }

    [Fact]
    public void P1_2030_a_schedule_names_classes_of_devices_by_their_endDeviceAssets_alone()
    {
        var told = Told(Registered(), "o1", Out(("19:00", 1)) with { DeviceClasses = ["Electric_Vehicle", "Thermostat"] });
        Assert.Equal(new EiTarget { EndDeviceAssets = ["Electric_Vehicle", "Thermostat"] }, told.DeviceClass);
        Assert.Null(Told(Registered(), "o2", Out(("19:00", 1))).DeviceClass);
    }

    [Fact]
    public void P1_2040_the_same_optID_is_made_once_and_one_cancellation_takes_it_away()
    {
        var ven = Registered();
        Told(ven, "o1", Out(("19:00", 1)));
        ven.Takes(new VenInput.OptWanted("o1", Out(("19:00", 1)))).Sends<OadrPoll>();
        ven.Takes(new VenInput.OptWithdrawn("o1")).Sends<OadrCancelOpt>(out var cancel).Hears(new OadrCanceledOpt(EiResponse.Ok(cancel.RequestId), "o1")).Sends<OadrPoll>();
        Assert.Empty(ven.State.Opts);
    }

    [Fact]
    public void P1_2050_a_schedule_that_the_vtn_refuses_is_told_to_people_and_not_sent_again_by_itself()
    {
        var ven = Registered().Takes(new VenInput.OptWanted("o1", Out(("19:00", 1)))).Sends<OadrCreateOpt>(out var told);
        ven.Hears(new OadrCreatedOpt(new EiResponse(452, "unknown market context", told.RequestId), "o1")).Sends<OadrPoll>();
        Assert.Equal(OptStatus.Refused, Assert.Single(ven.State.Opts).StatusIn(ven.State));
        Assert.True(ven.Noted(NoteKind.MessageGivenUp, NoteLevel.Alarm));
    }

    private static OadrCreateOpt Told(VenScript ven, string optId, OptRequest request)
    {
        ven.Takes(new VenInput.OptWanted(optId, request)).Sends<OadrCreateOpt>(out var told).Hears(new OadrCreatedOpt(EiResponse.Ok(told.RequestId), told.OptId));
        Assert.Equal(OptStatus.Held, ven.State.Opts.Single(o => o.OptId == optId).StatusIn(ven.State));
        return told;
    }

    private static OptRequest Out(params (string Start, int Hours)[] periods) => new()
    {
        OptType = OptType.OptOut,
        OptReason = OptReasons.MustRun,
        Periods = [.. periods.Select(p => new OptPeriod(Vtn.Time(p.Start), Duration.FromHours(p.Hours)))],
    };
}

/// <summary>The same of a VEN that is pushed to.</summary>
public sealed class PushedOptCaseTests() : OptCaseTests(VenTransport.Push);
