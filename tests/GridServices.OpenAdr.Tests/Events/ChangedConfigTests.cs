using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>A changed configuration that does not understand an event in force is never silent, and loosens nothing before the VTN knows.</summary>
public sealed class ChangedConfigTests
{
    private static readonly OadrEvent Event = Vtn.Event("e1", "18:00", "PT2H", Vtn.Simple(("PT2H", 2)));

    public static TheoryData<string> Losing => [.. Ways.Keys];

    private static Dictionary<string, VenConfig> Ways { get; } = new(StringComparer.Ordinal)
    {
        ["no policy"] = Configs.With(p => p with { Signals = new SignalPolicies() }),
        ["another market context"] = Configs.With(p => p with { MarketContext = "http://mc.example/other" }),
        ["an empty table"] = Configs.With(p => p with { Signals = p.Signals with { Simple = new SimplePolicy { Levels = new Dictionary<string, Limits>(StringComparer.Ordinal) } } }),
    };

    private static VenScript Active(VenConfig? config = null, OadrEvent? received = null, string answer = "e1/0 200 OptIn") =>
        VenScript.Registered(config).Gets(Vtn.Distributes(received ?? Event), answer).At("18:30");

    [Theory]
    [MemberData(nameof(Losing))]
    public void The_VTN_is_told_optOut_with_an_alarm_and_until_it_has_that_the_limits_stay(string way)
    {
        var ven = Active().Reconfigured(Ways[way]);
        Assert.Equal("18:00-20:00 import 30000", Limits(ven));
        Assert.True(ven.Noted(NoteKind.EventRefused, NoteLevel.Alarm));
        Assert.Contains(ven.State.Refused, r => r.EventId == "e1");

        ven.Fails(TransportFailure.Timeout).After(NodaTime.Duration.FromMinutes(1)).Takes(new VenInput.Tick());
        Assert.Equal("18:00-20:00 import 30000", Limits(ven));
        var created = Assert.Single(ven.State.Owed.OfType<PendingRequest.AnswerEvents>());
        Assert.Contains("Not understood", Assert.Single(created.Responses).Description, StringComparison.Ordinal);

        ven.State = ven.State with { Owed = ven.State.Owed.Select(o => o.WithoutHistory()).ToValueList(), Link = new LinkState() };
        Assert.Equal("e1/0 200 OptOut", Show.Format(ven.Request().Message));
        ven.Hears(Vtn.Nothing).Publishes("site-1 PROG7: nothing");

        // Listed again it gets the same answer, and no alarm more.
        ven.Notes.Clear();
        ven.Gets(Vtn.Distributes(Event), "e1/0 200 OptOut").Publishes();
        Assert.False(ven.Noted(NoteKind.EventRefused, NoteLevel.Warning));
    }

    [Fact]
    public void Put_back_in_time_nothing_was_published_and_the_VTN_hears_optIn()
    {
        var ven = Active().Reconfigured(Ways["no policy"]).Reconfigured(Configs.Ven).Publishes();
        ven.Answers("e1/0 200 OptIn");
        Assert.Null(Assert.Single(ven.State.Events).Lost);
        Assert.Empty(ven.State.Refused);
    }

    [Fact]
    public void Put_back_later_the_event_is_in_force_again() =>
        Active().Reconfigured(Ways["no policy"]).Answers("e1/0 200 OptOut").Reconfigured(Configs.Ven).Publishes("site-1 PROG7: 18:00-20:00 import 30000").Answers("e1/0 200 OptIn");

    [Fact]
    public void A_person_cannot_opt_in_to_what_is_not_understood_and_opting_out_ends_the_limits_at_once()
    {
        var ven = Active().Reconfigured(Ways["no policy"]).Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes();
        Assert.Contains(ven.Notes, n => n.Text.Contains("change it first", StringComparison.Ordinal));
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Publishes("site-1 PROG7: nothing");
    }

    [Fact]
    public void A_persons_optIn_is_dropped_with_an_alarm()
    {
        var manual = Configs.With(p => p with { OptPolicy = OptPolicy.Manual });
        var ven = Active(manual, answer: "e1/0 200 OptOut").Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Answers("e1/0 200 OptIn")
            .Reconfigured(manual with { Programs = [manual.Programs[0] with { Signals = new SignalPolicies() }] }).Publishes();
        Assert.True(ven.Noted(NoteKind.EventOptDropped, NoteLevel.Alarm));
        ven.Answers("e1/0 200 OptOut");
        Assert.Equal("nothing", Limits(ven));
    }

    [Fact]
    public void What_oadrCreateOpt_has_spoken_of_is_opted_out_of_by_oadrCreateOpt()
    {
        var ven = Active().Takes(new VenInput.OptWanted("opt-1", new OptRequest { EventId = "e1", OptType = OptType.OptIn, OptReason = OptReasons.Participating }));
        ven.Sends<OadrCreateOpt>(out var first).Hears(new OadrCreatedOpt(EiResponse.Ok(first.RequestId), first.OptId));
        ven.Reconfigured(Ways["no policy"]).Publishes().Sends<OadrCreateOpt>(out var second);
        Assert.Equal(OptType.OptOut, second.OptType);
        ven.Hears(new OadrCreatedOpt(EiResponse.Ok(second.RequestId), second.OptId)).Publishes("site-1 PROG7: nothing");
    }

    [Fact]
    public void An_event_that_wants_no_answer_goes_on_to_its_end()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Event.NoResponse())).At("18:30").Reconfigured(Ways["no policy"]);
        ven.Takes(new VenInput.Tick()).PollsInVain();
        Assert.Equal("18:00-20:00 import 30000", Limits(ven));
        Assert.True(ven.Noted(NoteKind.EventRefused, NoteLevel.Alarm));
    }

    [Fact]
    public void One_of_two_signals_that_is_lost_counts_even_where_unknown_ones_are_passed_over()
    {
        var lenient = Configs.Ven with { Quirks = new VenQuirks { PassOverUnknownSignals = true } };
        var priced = Vtn.Event("e1", "18:00", "PT2H", Vtn.Simple(("PT2H", 2)), Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, ("PT2H", 1)));
        Active(lenient, priced).Reconfigured(lenient with { Programs = Ways["no policy"].Programs }).Answers("e1/0 200 OptOut");
    }

    // Each site's share refers to what it referred to at the loss, whatever later changes say of it.
    [Fact]
    public void Shares_of_a_site_keep_its_reference_that_was_taken_away_until_the_VTN_has_the_optOut()
    {
        var ven = Active(Shared(100_000, 60_000), Half).Reconfigured(Shared(null, null)).Publishes();
        Assert.Equal(("18:00-20:00 import 50000", "18:00-20:00 import 30000"), (Limits(ven, "s1"), Limits(ven, "s2")));
        Assert.True(ven.Noted(NoteKind.EventRefused, NoteLevel.Alarm));

        ven.Reconfigured(Shared(200_000, null)).Publishes();
        ven.Answers("e1/0 200 OptOut");
        Assert.Equal(("nothing", "nothing"), (Limits(ven, "s1"), Limits(ven, "s2")));
    }

    [Fact]
    public void A_lost_event_stored_by_an_earlier_version_is_read_and_refers_to_the_references_of_today()
    {
        var ven = Active(Shared(100_000, 60_000), Half).Reconfigured(Shared(100_000, 60_000) with { Programs = Ways["no policy"].Programs }).Publishes();
        var stored = System.Text.Json.Nodes.JsonNode.Parse(VenStateJson.Write(ven.State))!;
        var lost = stored["events"]![0]!["lost"]!.AsObject();
        Assert.True(lost.Remove("understood") && lost["still"]!.AsObject().Remove("references"));
        ven.State = VenStateJson.Read(System.Text.Encoding.UTF8.GetBytes(stored.ToJsonString()));
        ven.Takes(new VenInput.Tick()).Publishes();
        ven.Reconfigured(Shared(80_000, 60_000) with { Programs = Ways["no policy"].Programs });
        Assert.Equal(("18:00-20:00 import 40000", "18:00-20:00 import 30000"), (Limits(ven, "s1"), Limits(ven, "s2")));
    }

    [Fact]
    public void A_second_change_brings_nothing_back_as_long_as_a_signal_is_missing_that_was_once_understood()
    {
        var whole = Configs.Ven with { Quirks = new VenQuirks { PassOverUnknownSignals = true }, Programs = [Configs.Program with { Signals = Configs.Program.Signals with { ChargeState = new ChargeStatePolicy { Unit = EnergyUnit.KWh, OtherLoadW = 5_000 } } }] };
        var broken = whole with { Programs = [Configs.Program] };
        var ven = Active(whole, Vtn.Event("e1", "18:00", "PT2H", Vtn.Simple(("PT2H", 2)), Vtn.Signal("CHARGE_STATE", SignalType.Delta, ("PT2H", 10))));
        ven.Reconfigured(broken).Reconfigured(broken).Reconfigured(broken with { ReportBufferPoints = 500 }).Publishes();
        Assert.Contains("CHARGE_STATE", Assert.Single(EventMeaning.BrokenBy(broken, ven.Config, ven.State, ven.Now)), StringComparison.OrdinalIgnoreCase);
        Assert.Single(ven.Notes, n => n is { Kind: NoteKind.EventRefused, Level: NoteLevel.Alarm });
        ven.Answers("e1/0 200 OptOut");
        Assert.Equal("nothing", Limits(ven));
        ven.Reconfigured(broken with { ReportBufferPoints = 600 }).Publishes();
        ven.Reconfigured(whole).Answers("e1/0 200 OptIn");
        Assert.Null(Assert.Single(ven.State.Events).Lost);
    }

    [Fact]
    public void OptPolicy_never_ends_nothing_that_was_answered_with_optIn() =>
        Assert.Equal("18:00-20:00 import 30000", Limits(Active().Reconfigured(Configs.With(p => p with { OptPolicy = OptPolicy.Never }))));

    [Fact]
    public void The_person_who_changes_it_is_warned_beforehand()
    {
        var ven = Active();
        Assert.Contains("'e1' (Active) is not understood", Assert.Single(EventMeaning.BrokenBy(Ways["no policy"], Configs.Ven, ven.State, ven.Now)), StringComparison.Ordinal);
        Assert.Contains("ends here", Assert.Single(EventMeaning.BrokenBy(Configs.Ven with { VenName = "other" }, Configs.Ven, ven.State, ven.Now)), StringComparison.Ordinal);
        Assert.Empty(EventMeaning.BrokenBy(Configs.Ven with { ReportBufferPoints = 500 }, Configs.Ven, ven.State, ven.Now));
    }

    private static OadrEvent Half => Vtn.Event("e1", "18:00", "PT2H", Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlCapacity, ("PT2H", 0.5)));

    /// <summary>Two sites, and a program that states no reference of its own.</summary>
    private static VenConfig Shared(long? one, long? two) => Configs.With(p => p with { Signals = p.Signals with { LoadControl = new LoadControlPolicy() } }) with
    {
        SiteId = null,
        Sites = [new SiteConfig { SiteId = "s1", ReferenceW = one }, new SiteConfig { SiteId = "s2", ReferenceW = two }],
    };

    private static string Limits(VenScript ven, string siteId = "site-1") =>
        Show.Format(new EnginePublication.PublishEnvelope(ven.Hub[(siteId, "PROG7")]))[$"{siteId} PROG7: ".Length..];
}
