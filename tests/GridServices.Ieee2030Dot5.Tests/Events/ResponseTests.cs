using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

public sealed class ResponseTests
{
    [Theory]
    [InlineData(0x00, "")]
    [InlineData(0x01, "1")]
    [InlineData(0x02, "2 3")]
    [InlineData(0x03, "1 2 3")]
    [InlineData(0x04, "")]
    public void Only_what_is_asked_for_is_answered(byte required, string statuses)
    {
        var utility = new Utility().Program("P", 0);
        utility.Add("P", utility.Make("A", 10, 60, Say.Both(10)) with { ResponseRequired = required });
        utility.Read(0).Pass(100);
        Assert.Equal(statuses, string.Join(' ', utility.Responses.Select(r => r.Status)));
    }

    [Fact]
    public void Without_a_place_to_answer_to_or_bits_nothing_is_owed()
    {
        var utility = new Utility().Program("P", 0);
        utility.Add("P", utility.Make("A", 10, 60, Say.Both(10)) with { ReplyTo = null });
        utility.Add("P", utility.Make("B", 10, 60, Say.Both(10)) with { ResponseRequired = null });
        utility.Read(0).Pass(100);
        Assert.Empty(utility.Responses);
    }

    [Fact]
    public void After_a_long_sleep_everything_that_fell_due_is_told_in_order()
    {
        var utility = new Utility().Program("P", 0);
        utility.Control("A", "P", 100, 100, Say.Both(10));
        utility.Control("B", "P", 200, 100, Say.Both(10));
        utility.Read(0).Leap(10_000);
        Assert.Equal(["0 A 1", "0 B 1", "100 A 2", "200 A 3", "200 B 2", "300 B 3"], utility.Said);
    }

    [Fact]
    public void Started_carries_the_end_until_which_it_is_worth_sending()
    {
        var utility = new Utility().Program("P", 0);
        utility.Control("A", "P", 0, 100, Say.Both(10));
        utility.Read(0);
        Assert.Equal(Utility.At(100), utility.Responses.Single(r => r.Status == ResponseStatus.Started).Until);
    }

    [Fact]
    public void A_server_that_forgets_and_lists_again_gets_no_second_answer()
    {
        var utility = new Utility().Program("P", 0);
        utility.Control("A", "P", 10, 60, Say.Both(10));
        var listed = utility.Make("A", 10, 60, Say.Both(10));
        utility.Read(0).Pass(100);
        utility.Unlist("A");
        utility.Read(120);
        utility.Add("P", listed);
        utility.Read(180);
        Assert.Equal(["0 A 1", "10 A 2", "70 A 3"], utility.Said);
    }

    [Fact]
    public void What_is_long_over_is_forgotten()
    {
        var utility = new Utility().Program("P", 0);
        utility.Control("A", "P", 10, 60, Say.Both(10));
        utility.Read(0).Pass(100);
        utility.Unlist("A");
        utility.Read(200_000);
        Assert.Empty(utility.State.Controls);
    }

    [Fact]
    public void Disappearing_from_the_list_is_no_cancellation()
    {
        var utility = new Utility().Program("P", 0);
        utility.Control("A", "P", 0, 300, Say.Both(10));
        utility.Control("B", "P", 300, 300, Say.Both(20));
        utility.Read(0);
        utility.Unlist("A");
        utility.Unlist("B");
        utility.Read(60);
        Assert.Equal((500, 1_000), (utility.Limits(200).ImportLimitW, utility.Limits(400).ImportLimitW));
        utility.Pass(700);
        Assert.Equal(["0 A 1", "0 B 1", "0 A 2", "300 A 3", "300 B 2", "600 B 3"], utility.Said);
    }

    [Theory]
    [InlineData(ResponseEdition.Ieee2018, 252)]
    [InlineData(ResponseEdition.Ieee2023, 251)]
    public void A_control_none_of_whose_modes_is_carried_out_is_answered_by_the_code_of_the_edition(ResponseEdition edition, byte status)
    {
        var utility = new Utility().Program("P", 0);
        utility.Config = utility.Config with { Edition = edition };
        utility.Control("A", "P", 0, 300, new DerControlBase { OpModFixedVar = new FixedVar(1, 100) });
        utility.Control("B", "P", 0, 300, new DerControlBase { UnknownModes = ["opModTelepathy"] });
        utility.Read(0).Read(60);
        Assert.Equal([$"0 A {status}", $"0 B {status}"], utility.Said);
        Assert.All(utility.Notes.Where(n => n.Class is not null), n => Assert.Equal(ErrorClass.UnsupportedSignal, n.Class));
    }

    [Fact]
    public void A_control_with_some_modes_carried_out_is_followed_and_a_note_names_the_others()
    {
        var utility = new Utility().Program("P", 0);
        utility.Control("A", "P", 0, 300, Say.Both(10) with { OpModFixedVar = new FixedVar(1, 100), Curves = [new CurveLink("opModVoltVar", "/dc/1")] });
        utility.Read(0);
        Assert.Equal(["0 A 1", "0 A 2"], utility.Said);
        Assert.Contains(utility.Notes, n => n.Text.Contains("opModVoltVar", StringComparison.Ordinal) && n.Text.Contains("opModFixedVar", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refused_control_that_is_listed_again_gets_no_second_answer()
    {
        var utility = new Utility().Program("P", 0);
        var bad = utility.Make("A", 500, 60, Say.Both(10)) with { RandomizeStart = 4_000 };
        utility.Add("P", bad);
        utility.Read(0);
        utility.Unlist("A");
        utility.Read(60);
        utility.Add("P", bad with { Base = Say.Limits() with { OpModExpLimW = new ActivePower(-1, 0) }, RandomizeStart = 0 });
        utility.Read(120);
        Assert.Equal(["0 A 253"], utility.Said);
    }

    [Fact]
    public void What_was_superseded_in_the_2018_edition_stays_so_when_primacies_change()
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2);
        utility.Control("WEAK", "Q", 0, 600, Say.Limits(import: 2_000));
        utility.Read(0);
        utility.Control("STRONG", "P", 0, 300, Say.Limits(import: 1_000));
        utility.Read(60);
        utility.Primacy("Q", 0);
        utility.Read(120);
        Assert.Equal((1_000, null), (utility.Limits().ImportLimitW, utility.Limits(400).ImportLimitW));
        utility.Pass(700);
        Assert.Equal(["0 WEAK 1", "0 WEAK 2", "60 STRONG 1", "60 WEAK 7", "60 STRONG 2", "300 STRONG 3"], utility.Said);
    }

    [Fact]
    public void A_clock_that_is_put_back_brings_nothing_back_that_was_ended()
    {
        var utility = new Utility().Program("P", 0);
        utility.Default("P", Say.Both(30));
        utility.Control("A", "P", 0, 600, Say.Both(10));
        utility.Read(0);
        utility.Mark("A", EventState.Cancelled);
        utility.Read(100);
        utility.Leap(70);
        Assert.Equal(1_500, utility.Limits().ImportLimitW);
        utility.Leap(200);
        Assert.Equal(["0 A 1", "0 A 2", "100 A 6"], utility.Said);
    }

    [Fact]
    public void Rejections_are_not_sent_to_utilities_that_take_none()
    {
        var utility = new Utility().Program("P", 0);
        utility.Config = utility.Config with { SendRejections = false };
        utility.Control("A", "P", -100, 50, Say.Both(10));
        utility.Read(0);
        Assert.Empty(utility.Responses);
        Assert.Contains(utility.Notes, n => n.Class == ErrorClass.SemanticExpired);
    }

    [Fact]
    public void A_control_for_other_kinds_of_device_is_none_of_ours()
    {
        var utility = new Utility().Program("P", 0);
        utility.Config = utility.Config with { DeviceCategory = 0x01000000 };
        utility.Add("P", utility.Make("OTHERS", 0, 60, Say.Both(10)) with { DeviceCategory = 0x2 });
        utility.Add("P", utility.Make("OURS", 0, 60, Say.Both(20)) with { DeviceCategory = 0x01000002 });
        utility.Read(0);
        Assert.Equal(["0 OURS 1", "0 OURS 2"], utility.Said);
    }

    [Fact]
    public void First_seen_cancelled_it_is_received_and_cancelled_and_never_acts()
    {
        var utility = new Utility().Program("P", 0);
        utility.Control("A", "P", 0, 300, Say.Both(0));
        utility.Mark("A", EventState.Cancelled);
        utility.Control("OVER", "P", -300, 200, Say.Both(0));
        utility.Mark("OVER", EventState.Cancelled);
        utility.Read(0).Pass(400);
        Assert.Equal(["0 A 1", "0 A 6"], utility.Said);
        Assert.Equal(0, utility.Publications);
    }

    [Theory]
    [InlineData(1, 2, 0)]
    [InlineData(2, 1, 0)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 1, 2)]
    public void Of_one_name_what_is_ours_is_followed_whatever_is_listed_for_others(long ours, long others, byte primacyOfOthers)
    {
        var utility = new Utility().Program("P", 1).Program("Q", primacyOfOthers);
        utility.Config = utility.Config with { DeviceCategory = 0x01000000 };
        utility.Add("P", Item(0x01000002, 20, ours));
        utility.Add(primacyOfOthers == 1 ? "P" : "Q", Item(0x2, 10, others));
        utility.Read(0);
        Assert.Equal(Utility.Max * 20 / 100, utility.Limits().ExportLimitW);
        Assert.Equal("P", utility.State.Controls.Single().ProgramKey);

        DerControl Item(uint category, int percent, long at) => utility.Make("X", 0, 60, Say.Both(percent)) with
        {
            DeviceCategory = category,
            EventStatus = new EventStatus { CurrentStatus = EventState.Active, DateTime = Utility.At(at).ToUnixTimeSeconds() },
        };
    }
}
