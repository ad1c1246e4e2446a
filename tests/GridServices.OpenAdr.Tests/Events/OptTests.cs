using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Events;

public sealed class OptTests
{
    private static readonly OadrEvent Evening = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    [Fact]
    public void E1_0280_a_person_who_opts_out_takes_the_limit_away_at_once_and_the_vtn_is_told()
    {
        var ven = VenScript.Registered().Gets(Vtn.DistributesAs("dist-9", Evening), "e1/0 200 OptIn");
        ven.At("20:10").Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Publishes("site-1 PROG7: nothing");
        ven.Sends<OadrCreatedEvent>(out var told);
        Assert.Equal("dist-9", told.EventResponses[0].RequestId);
        ven.Answers("e1/0 200 OptOut");
        ven.Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut").Publishes();
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes("site-1 PROG7: 20:00-21:00 import 60000");
        ven.Answers("e1/0 200 OptIn");
    }

    [Fact]
    public void A_persons_choice_outlives_a_modification() =>
        VenScript.Registered().Gets(Vtn.Distributes(Evening), "e1/0 200 OptIn")
            .Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Answers("e1/0 200 OptOut")
            .Gets(Vtn.Distributes(Evening.Modified(1)), "e1/1 200 OptOut").Publishes();

    [Fact]
    public void A_manual_program_opts_out_until_a_person_opts_in() =>
        VenScript.Registered(Configs.With(p => p with { OptPolicy = OptPolicy.Manual }))
            .Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut").Publishes()
            .Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes("site-1 PROG7: 20:00-21:00 import 60000").Answers("e1/0 200 OptIn");

    [Fact]
    public void A_program_that_never_takes_part_cannot_be_opted_in()
    {
        var ven = VenScript.Registered(Configs.With(p => p with { OptPolicy = OptPolicy.Never })).Gets(Vtn.Distributes(Evening), "e1/0 200 OptOut");
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptIn)).Publishes().Sends<OadrPoll>();
        Assert.True(ven.Noted(NoteKind.EventOpted, NoteLevel.Warning));
    }

    [Fact]
    public void The_choice_about_an_event_sent_with_never_is_not_told_to_the_vtn() =>
        VenScript.Registered().Gets(Vtn.Distributes(Evening.NoResponse()))
            .Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Publishes("site-1 PROG7: nothing").Sends<OadrPoll>();

    [Fact]
    public void A_choice_about_an_unknown_event_changes_nothing()
    {
        var ven = VenScript.Registered();
        var before = ven.State;
        ven.Takes(new VenInput.OptChosen("nope", OptType.OptOut));
        Assert.Same(before, ven.State);
    }
}
