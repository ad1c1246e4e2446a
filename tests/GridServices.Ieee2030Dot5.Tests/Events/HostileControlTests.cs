using System.Text.Json;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>The hostile DERControlLists, as far as it is the schedule that must withstand them; the clock is the index's: 18:00.</summary>
public sealed class HostileControlTests
{
    private const string MRid = "0123456789ABCDEF0123456789ABCDEF";

    public static TheoryData<string, string> Refused => new()
    {
        { "S5-022", "" }, { "S5-023", "" }, { "S5-024", "253" }, { "S5-025", "253" }, { "S5-026", "253" }, { "S5-027", "253" }, { "S5-028", "253" },
        { "S5-029", "254" }, { "S5-031", "253" }, { "S5-032", "253" }, { "S5-033", "253" }, { "S5-034", "253" }, { "S5-037", "253" }, { "S5-038", "253" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_item_that_cannot_be_meant_is_refused_alone_and_answered_once(string id, string status)
    {
        var utility = new Utility().Program("P", 1);
        utility.Default("P", Say.Limits(1_500, 1_500));
        utility.Control("GOOD", "P", 3_600, 600, Say.Limits(export: 4_000));
        Serve(utility, id);
        utility.Read(0).Read(60).Read(120);
        Assert.Equal(status, string.Join(' ', utility.Responses.Where(r => r.MRid != "GOOD").Select(r => r.Status)));
        Assert.Contains(utility.Notes, n => n.Class is { } c && Accepted(id).Contains(Snake(c)));
        Assert.Equal((1_500, 4_000, 1_500), (utility.Limits(3_599).ExportLimitW, utility.Limits(3_600).ExportLimitW, utility.Limits(4_200).ExportLimitW));
        Assert.Single(utility.State.Controls);
    }

    [Theory]
    [InlineData("S5-001", 5_000)]
    [InlineData("S5-003", 5_000)]
    [InlineData("S5-004", 5_000)]
    [InlineData("S5-005", 30)]
    [InlineData("S5-035", 5_000)]
    public void What_is_in_order_is_applied_watts_towards_zero(string id, long watts)
    {
        var utility = new Utility().Program("P", 1);
        Serve(utility, id);
        utility.Read(0);
        var held = Assert.Single(utility.State.Controls);
        Assert.Equal(watts, utility.Limits((long)(held.Start - Utility.Zero).TotalSeconds).ExportLimitW);
        Assert.Equal(id == "S5-035", utility.Notes.Any(n => n.Class == ErrorClass.SemanticStatus));
    }

    [Fact]
    public void S5_002_an_empty_list_ends_nothing()
    {
        var utility = new Utility().Program("P", 1);
        utility.Control("A", "P", 0, 600, Say.Limits(export: 100));
        utility.Read(0);
        utility.Unlist("A");
        Serve(utility, "S5-002");
        utility.Read(60);
        Assert.Equal(100, utility.Limits().ExportLimitW);
    }

    [Fact]
    public void S5_021_of_two_contents_under_one_mRID_the_stricter_holds_while_both_would()
    {
        var utility = new Utility().Program("P", 1);
        Serve(utility, "S5-021");
        utility.Read(0).Read(60);
        Assert.Equal([null, 0L, 0L, 5_000L, 5_000L, null], new long[] { 3_599, 3_600, 3_659, 3_660, 5_399, 5_400 }.Select(s => utility.Limits(s).ExportLimitW));
        Assert.Single(utility.Notes, n => n.Class == ErrorClass.DuplicateId && n.Level == NoteLevel.Alarm);
        utility.Pass(6_000);
        Assert.Equal(["0 1", "3600 2", "5400 3"], utility.Said.Select(s => s.Replace($" {MRid}", string.Empty, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true, 1_100)]
    [InlineData(false, 4_200)]
    public void What_is_remembered_of_refused_controls_is_bounded_whether_or_not_the_lists_are_read_whole(bool isWhole, int most)
    {
        var utility = new Utility().Program("P", 1);
        utility.Whole("P", isWhole);
        foreach (var round in Enumerable.Range(0, 6))
        {
            var refused = Enumerable.Range(0, 1_000).Select(i => $"R{round}-{i}").ToList();
            refused.ForEach(tag => utility.Add("P", utility.Make(tag, 60, 0, Say.Limits(export: 4_000))));
            utility.Read(round * 60);
            utility.Unlist(tag => tag[0] == 'R');
            utility.Read((round * 60) + 30);
        }

        Assert.Equal(6_000, utility.Responses.Count);
        Assert.InRange(utility.State.Remarks.Count, 1_000, most);

        // The latest are still known, and are not answered a second time.
        utility.Add("P", utility.Make("R5-999", 600, 0, Say.Limits(export: 4_000)));
        utility.Read(600);
        Assert.Equal(6_000, utility.Responses.Count);
    }

    [Fact]
    public void S5_030_the_far_future_is_kept()
    {
        var utility = new Utility().Program("P", 1);
        Serve(utility, "S5-030");
        utility.Read(0);
        Assert.Equal(NodaTime.Instant.FromUnixTimeSeconds(4_102_444_800), Assert.Single(utility.State.Controls).Start);
        Assert.Contains(utility.Notes, n => n.Class == ErrorClass.SemanticTime);
        Assert.Equal(NodaTime.Instant.FromUnixTimeSeconds(4_102_444_800), utility.Step.NextChange);
    }

    [Fact]
    public void S5_036_an_older_version_of_a_held_control_is_passed_over()
    {
        var utility = new Utility().Program("P", 1);
        utility.Add("P", utility.Make(MRid, 3_600, 1_800, Say.Limits(export: 1_000)) with { CreationTime = Utility.At(-600).ToUnixTimeSeconds() });
        utility.Read(0);
        utility.Unlist(MRid);
        Serve(utility, "S5-036");
        utility.Read(60).Read(120);
        Assert.Equal(1_000, utility.Limits(3_600).ExportLimitW);
        Assert.Single(utility.Notes, n => n.Class == ErrorClass.SeqRegression);
        Assert.Equal([$"0 {MRid} 1"], utility.Said);
    }

    [Fact]
    public void S5_039_a_control_without_modes_lifts_no_limit()
    {
        var utility = new Utility().Program("P", 1);
        utility.Default("P", Say.Limits(export: 1_500));
        Serve(utility, "S5-039");
        utility.Read(0).Pass(4_000);
        Assert.Equal(1_500, utility.Limits().ExportLimitW);
        Assert.Contains(utility.Notes, n => n.Class == ErrorClass.SemanticEmpty);
        Assert.Equal([$"0 {MRid} 1", $"3600 {MRid} 2"], utility.Said);
    }

    [Fact]
    public void S5_075_a_list_that_goes_away_leaves_the_active_limit_until_its_end_and_then_the_default()
    {
        var utility = new Utility().Program("P", 1);
        utility.Default("P", Say.Limits(export: 1_500));
        utility.Control("A", "P", -60, 3_600, Say.Limits(export: 5_000));
        utility.Read(0);
        utility.Unlist("A");
        utility.Read(60);
        Assert.Equal((5_000, 1_500), (utility.Limits(3_539).ExportLimitW, utility.Limits(3_540).ExportLimitW));
    }

    [Fact]
    public void Watts_beyond_all_belief_leave_the_last_good_default_and_refuse_the_control()
    {
        var utility = new Utility().Program("P", 1);
        utility.Default("P", Say.Limits(1_500, 1_500));
        utility.Read(0);
        var absurd = new DerControlBase { OpModExpLimW = new ActivePower(32_767, 9) };
        utility.Default("P", absurd);
        utility.Control("A", "P", 0, 600, absurd);
        utility.Read(60).Read(120);
        Assert.Equal((1_500, 1_500), (utility.Limits().ExportLimitW, utility.Limits().ImportLimitW));
        Assert.Equal(["60 A 253"], utility.Said);
        Assert.Equal(2, utility.Notes.Count(n => n.Class == ErrorClass.SemanticNumber));
    }

    [Fact]
    public void A_control_that_turns_illegible_goes_on_as_it_was_and_can_still_be_cancelled()
    {
        var utility = new Utility().Program("P", 1);
        utility.Control("A", "P", 0, 600, Say.Limits(export: 1_000));
        utility.Read(0);
        utility.Change("A", c => c with { Base = Say.Limits(export: 2_000) });
        utility.Read(60);
        Assert.Equal(1_000, utility.Limits().ExportLimitW);
        Assert.Contains(utility.Notes, n => n.Class == ErrorClass.SeqConflict);
        utility.Change("A", c => c with { Base = new DerControlBase { OpModExpLimW = new ActivePower(-5, 0) } });
        utility.Read(120);
        Assert.Equal(1_000, utility.Limits().ExportLimitW);
        utility.Mark("A", EventState.Cancelled);
        utility.Read(180);
        Assert.Equal(["0 A 1", "0 A 2", "180 A 6"], utility.Said);
    }

    [Fact]
    public void A_version_above_the_one_held_changes_a_control()
    {
        var utility = new Utility().Program("P", 1);
        utility.Control("A", "P", 0, 600, Say.Limits(export: 1_000));
        utility.Read(0);
        utility.Change("A", c => c with { Version = 1, Base = Say.Limits(export: 800), Interval = c.Interval with { DurationSeconds = 300 } });
        utility.Read(60);
        Assert.Equal((800, null), (utility.Limits(299).ExportLimitW, utility.Limits(300).ExportLimitW));
        utility.Pass(400);
        Assert.Equal(["0 A 1", "0 A 2", "300 A 3"], utility.Said);
    }

    [Fact]
    public void One_mRID_in_two_programs_counts_once()
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2);
        utility.Control("A", "Q", 0, 600, Say.Limits(export: 1_000));
        utility.Control("A", "P", 0, 600, Say.Limits(export: 2_000));
        utility.Read(0).Read(60);
        Assert.Equal(["0 A 1", "0 A 2"], utility.Said);
        Assert.Equal(2_000, utility.Limits().ExportLimitW);
        Assert.Single(utility.Notes, n => n.Class == ErrorClass.DuplicateId);
    }

    [Fact]
    public void Thousands_of_controls_are_bounded()
    {
        var utility = new Utility().Program("P", 1);
        var controls = Enumerable.Range(0, 5_000).Select(i => utility.Make($"C{i:0000}", 60 + (i % 700), 500, Say.Limits(i, i)) with { RandomizeStart = 30 }).ToList();
        controls.ForEach(c => utility.Add("P", c));
        utility.Read(0);
        Assert.Equal(4_096, utility.State.Controls.Count);
        Assert.Single(utility.Notes, n => n.Class == ErrorClass.LimitCount);
    }

    [Fact]
    public void A_creationTime_minutes_ahead_costs_no_limit_and_wins_nothing_for_longer_than_it_may()
    {
        var utility = new Utility().Program("P", 1);
        utility.Add("P", utility.Make("AHEAD", 0, 3_600, Say.Limits(export: 0)) with { CreationTime = Utility.At(360).ToUnixTimeSeconds() });
        utility.Read(0).Read(60);
        Assert.Equal(["0 AHEAD 1", "0 AHEAD 2"], utility.Said);
        Assert.Equal(0, utility.Limits().ExportLimitW);
        Assert.Single(utility.Notes, n => n.Class == ErrorClass.SemanticTime);

        utility.Add("P", utility.Make("LATER", 310, 600, Say.Limits(export: 100)) with { CreationTime = Utility.At(302).ToUnixTimeSeconds() });
        utility.Read(302).Read(310);
        Assert.Equal(0, utility.Limits().ExportLimitW);
    }

    [Fact]
    public void A_creationTime_hours_ahead_is_refused_and_taken_once_it_can_be_believed()
    {
        var utility = new Utility().Program("P", 1);
        utility.Add("P", utility.Make("AHEAD", 0, 20_000, Say.Limits(export: 0)) with { CreationTime = Utility.At(7_200).ToUnixTimeSeconds() });
        utility.Read(0);
        Assert.Equal(["0 AHEAD 253"], utility.Said);
        Assert.Equal(Utility.At(3_600), utility.Step.NextChange);
        utility.Read(3_600);
        Assert.Equal(["0 AHEAD 253", "3600 AHEAD 1", "3600 AHEAD 2"], utility.Said);
        Assert.Equal(0, utility.Limits().ExportLimitW);
    }

    [Fact]
    public void Until_further_notice_is_a_limit_for_ten_years()
    {
        var utility = new Utility().Program("P", 1);
        utility.Control("EVER", "P", 0, 4_294_967_295, Say.Limits(export: 0));
        utility.Read(0).Read(60);
        Assert.Equal(["0 EVER 1", "0 EVER 2"], utility.Said);
        Assert.Equal(0, utility.Limits().ExportLimitW);
        Assert.Equal(Utility.At(3_653 * 86_400), utility.State.Controls[0].End);
        Assert.Single(utility.Notes, n => n.Class == ErrorClass.SemanticDuration);
        utility.Mark("EVER", EventState.Cancelled);
        utility.Read(120);
        Assert.Null(utility.Limits().ExportLimitW);
    }

    [Fact]
    public void A_set_point_for_storage_is_for_what_stores()
    {
        var utility = new Utility().Program("P", 1);
        utility.Config = utility.Config with { Nameplate = new Nameplate { MaxW = Utility.Max } };
        utility.Control("A", "P", 0, 600, new DerControlBase { OpModStorageTargetW = Say.W(3_000) });
        utility.Read(0);
        Assert.Equal(["0 A 252"], utility.Said);
        Assert.Null(utility.SetPoint());
    }

    [Fact]
    public void Without_a_nameplate_no_generation_is_no_generation_and_a_percentage_is_nothing()
    {
        var utility = new Utility().Program("P", 1);
        utility.Config = utility.Config with { Nameplate = new Nameplate() };
        utility.Control("STOP", "P", 0, 60, new DerControlBase { OpModMaxLimW = 0 });
        utility.Control("HALF", "P", 100, 60, new DerControlBase { OpModMaxLimW = 5_000 });
        utility.Read(0);
        Assert.Equal(0, utility.Limits().GenerationLimitW);
        Assert.Equal(["0 HALF 252", "0 STOP 1", "0 STOP 2"], utility.Said.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_default_states_and_is_not_carried_out_is_told_once()
    {
        var utility = new Utility().Program("P", 1);
        utility.Default("P", Say.Limits(export: 1_500) with { OpModFixedVar = new FixedVar(0, 100), UnknownModes = ["opModHFRTMayTrip"] });
        utility.Read(0).Read(60).Read(120);
        var note = Assert.Single(utility.Notes, n => n.Class == ErrorClass.UnsupportedSignal);
        Assert.Contains("opModFixedVar", note.Text, StringComparison.Ordinal);
        Assert.Contains("opModHFRTMayTrip", note.Text, StringComparison.Ordinal);
        Assert.Equal(1_500, utility.Limits().ExportLimitW);
    }

    private static void Serve(Utility utility, string id)
    {
        var body = File.ReadAllBytes(TestData.Path($"hostile/ieee2030-5/{id}-a.xml"));
        var read = Sep2Xml.Read(body);
        var list = Assert.IsType<DerControlList>(read.Resource);
        foreach (var control in list.Readable)
        {
            utility.Add("P", control);
        }

        utility.AddUnreadable("P", [.. list.Unreadable]);
    }

    private static HashSet<string> Accepted(string id)
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("hostile/index.json")));
        var entry = index.RootElement.EnumerateArray().First(e => e.GetProperty("id").ValueEquals(id));
        var also = entry.TryGetProperty("also_ok", out var more) ? more.EnumerateArray().Select(a => a.GetString()!) : [];
        return [.. also, entry.GetProperty("error_class").GetString()!];
    }

    private static string Snake(ErrorClass error) => string.Concat(error.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{char.ToUpperInvariant(c)}"));
}
