using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

public sealed class SupersessionTests
{
    [Fact]
    public void In_the_2018_edition_what_is_superseded_does_not_come_back()
    {
        var utility = Nested(ResponseEdition.Ieee2018);
        Assert.Equal([1_000L, 500, 4_000, 4_000], Imports(utility));
        Assert.Equal(["0 LONG 1", "0 LONG 2", "0 SHORT 1", "100 LONG 7", "100 SHORT 2", "200 SHORT 3"], Run(utility));
    }

    [Fact]
    public void In_the_2023_edition_it_resumes_and_says_so()
    {
        var utility = Nested(ResponseEdition.Ieee2023);
        Assert.Equal([1_000L, 500, 1_000, 4_000], Imports(utility));
        Assert.Equal(["0 LONG 1", "0 LONG 2", "0 SHORT 1", "100 LONG 7", "100 SHORT 2", "200 LONG 14", "200 SHORT 3", "300 LONG 3"], Run(utility));
    }

    [Fact]
    public void A_control_that_finds_all_its_modes_taken_never_starts()
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2);
        utility.Control("STRONG", "P", 0, 300, Say.Limits(500, 500));
        utility.Control("WEAK", "Q", 100, 100, Say.Limits(2_000));
        utility.Read(0).Pass(400);
        Assert.Equal(["0 STRONG 1", "0 WEAK 1", "0 STRONG 2", "100 WEAK 7", "300 STRONG 3"], utility.Said);
    }

    [Fact]
    public void In_the_2023_edition_it_starts_late()
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2);
        utility.Config = utility.Config with { Edition = ResponseEdition.Ieee2023 };
        utility.Control("STRONG", "P", 0, 150, Say.Limits(500));
        utility.Control("WEAK", "Q", 100, 100, Say.Limits(2_000));
        utility.Read(0).Pass(400);
        Assert.Equal(["0 STRONG 1", "0 WEAK 1", "0 STRONG 2", "100 WEAK 7", "150 STRONG 3", "150 WEAK 2", "200 WEAK 3"], utility.Said);
    }

    [Fact]
    public void Superseded_is_told_only_when_nothing_remains()
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2);
        utility.Control("BOTH", "Q", 0, 400, Say.Limits(2_000, 2_000));
        utility.Control("IMPORT", "P", 100, 100, Say.Limits(import: 0));
        utility.Control("EXPORT", "P", 300, 50, Say.Limits(export: 0));
        utility.Read(0).Pass(250);
        Assert.DoesNotContain("BOTH 7", string.Join(';', utility.Said), StringComparison.Ordinal);
        Assert.Equal((null, 2_000), (utility.Limits().ImportLimitW, utility.Limits().ExportLimitW));
        utility.Pass(500);
        Assert.Contains("300 BOTH 7", utility.Said);
        Assert.DoesNotContain("400 BOTH 3", utility.Said);
    }

    [Fact]
    public void A_superseding_control_that_is_cancelled_before_its_start_supersedes_nothing()
    {
        var utility = new Utility().Program("P", 1);
        utility.Control("OLD", "P", 0, 300, Say.Limits(1_000));
        utility.Read(0);
        utility.Pass(10);
        utility.Control("NEW", "P", 90, 100, Say.Limits(500));
        utility.Read(20);
        Assert.Equal(500, utility.Limits(100).ImportLimitW);
        utility.Mark("NEW", EventState.Cancelled);
        utility.Read(50).Pass(400);
        Assert.Equal(["0 OLD 1", "0 OLD 2", "20 NEW 1", "50 NEW 6", "300 OLD 3"], utility.Said);
    }

    [Fact]
    public void Server_marks_of_supersede_are_obeyed_also_for_controls_first_seen_so()
    {
        var utility = new Utility().Program("P", 1);
        utility.Control("OLD", "P", -10, 300, Say.Limits(1_000));
        utility.Mark("OLD", EventState.Superseded);
        utility.Read(0).Pass(400);
        Assert.Equal(["0 OLD 1", "0 OLD 7"], utility.Said);
        Assert.Empty(utility.Live);
    }

    [Fact]
    public void A_mode_not_superseded_goes_on_while_the_other_is_another_programs()
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2);
        utility.Default("Q", Say.Limits(4_000, 4_000));
        utility.Control("BOTH", "Q", 0, 400, Say.Limits(2_000, 2_000));
        utility.Control("IMPORT", "P", 100, 100, Say.Limits(import: 0));
        utility.Read(0);
        Assert.Equal((0, 2_000), (utility.Limits(150).ImportLimitW, utility.Limits(150).ExportLimitW));
        Assert.Equal((4_000, 2_000), (utility.Limits(250).ImportLimitW, utility.Limits(250).ExportLimitW));
    }

    [Theory]
    [InlineData(ResponseEdition.Ieee2018, 0)]
    [InlineData(ResponseEdition.Ieee2018, 50)]
    [InlineData(ResponseEdition.Ieee2023, 0)]
    [InlineData(ResponseEdition.Ieee2023, 50)]
    public void What_a_control_superseded_comes_back_when_that_is_removed_with_its_program(ResponseEdition edition, long strongerAt)
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2);
        utility.Config = utility.Config with { Edition = edition };
        utility.Control("WEAK", "Q", 0, 300, Say.Limits(4_000));
        utility.Control("STRONG", "P", strongerAt, 250, Say.Limits(500));
        utility.Read(0);
        utility.Pass(100);
        Assert.Equal(500, utility.Limits(100).ImportLimitW);
        utility.RemoveProgram("P");
        utility.Read(100);
        Assert.Equal(4_000, utility.Limits(101).ImportLimitW);
        utility.Pass(200);
        Assert.Equal(4_000, utility.Limits(250).ImportLimitW);
        utility.Pass(400);
        Assert.Null(utility.Limits(401).ImportLimitW);
        Assert.Equal(utility.Said.Count, utility.Said.Select(s => s[(s.IndexOf(' ', StringComparison.Ordinal) + 1)..]).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory, InlineData(ResponseEdition.Ieee2018), InlineData(ResponseEdition.Ieee2023)]
    public void What_a_programs_own_control_superseded_does_not_come_back_when_both_go_with_their_program(ResponseEdition edition)
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2);
        utility.Config = utility.Config with { Edition = edition };
        utility.Control("OLDER", "P", 0, 300, Say.Limits(4_000));
        utility.Control("NEWER", "P", 50, 100, Say.Limits(500));
        utility.Read(0).Pass(100);
        utility.RemoveProgram("P");
        utility.Read(100);
        Assert.Null(utility.Limits(101).ImportLimitW);
        utility.Pass(200);
        Assert.Null(utility.Limits(201).ImportLimitW);
    }

    [Fact]
    public void What_a_lasting_control_superseded_stays_so_in_the_2018_edition_when_another_is_removed()
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2).Program("R", 3);
        utility.Control("WEAK", "R", 0, 300, Say.Limits(4_000));
        utility.Control("MIDDLE", "Q", 20, 30, Say.Limits(2_000));
        utility.Control("STRONG", "P", 60, 200, Say.Limits(500));
        utility.Read(0).Pass(100);
        utility.RemoveProgram("P");
        utility.Read(100);
        Assert.Null(utility.Limits(120).ImportLimitW);
    }

    private static Utility Nested(ResponseEdition edition)
    {
        var utility = new Utility().Program("P", 1).Program("Q", 2);
        utility.Config = utility.Config with { Edition = edition };
        utility.Default("Q", Say.Limits(4_000));
        utility.Control("LONG", "Q", 0, 300, Say.Limits(1_000));
        utility.Control("SHORT", "P", 100, 100, Say.Limits(500));
        return utility.Read(0);
    }

    private static IEnumerable<long> Imports(Utility utility) => new[] { 50L, 150, 250, 350 }.Select(s => utility.Limits(s).ImportLimitW!.Value);

    private static IEnumerable<string> Run(Utility utility)
    {
        utility.Pass(1_000);
        return utility.Said.OrderBy(s => long.Parse(s.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).ThenBy(s => s, StringComparer.Ordinal);
    }
}
