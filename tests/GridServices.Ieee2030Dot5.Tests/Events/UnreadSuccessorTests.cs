using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>A control that is marked superseded by what can't be read, or believed: its limits hold on beside what else does.</summary>
public sealed class UnreadSuccessorTests
{
    [Theory]
    [InlineData(0, 3_000, 0)]
    [InlineData(4_000, 1_500, 1_500)]
    public void The_stricter_of_it_and_the_default_holds_until_what_supersedes_it_can_be_read(long held, long byDefault, long expected)
    {
        var utility = Marked(held, byDefault);
        utility.Add("P", utility.Make("B", 60, 600, Say.Limits(export: -5)));
        Assert.Equal(expected, utility.Read(70).Limits().ExportLimitW);
        Assert.Equal(expected, utility.Pass(300).Limits().ExportLimitW);
        Assert.DoesNotContain(utility.Said, s => s.EndsWith("A 7", StringComparison.Ordinal));
        Assert.Single(utility.Notes, n => n is { Class: ErrorClass.LastKnownGood, Level: NoteLevel.Alarm });

        utility.Change("B", b => b with { Base = Say.Limits(export: 1_000) });
        Assert.Equal(1_000, utility.Read(310).Limits().ExportLimitW);
        Assert.Contains("310 A 7", utility.Said);
    }

    [Fact]
    public void It_ends_where_what_can_not_be_read_is_gone_and_at_its_own_end()
    {
        var utility = Marked(0, 3_000);
        utility.AddUnreadable("P", [new UnreadableItem("/derc/9", "B", null, 0, new ReadError(ErrorClass.SchemaInvalid, "/", "illegible"))]);
        Assert.Equal(0, utility.Read(70).Limits().ExportLimitW);
        utility.AddUnreadable("P", []);
        Assert.Equal(3_000, utility.Read(80).Limits().ExportLimitW);
        Assert.Contains("80 A 7", utility.Said);

        var left = Marked(0, 3_000);
        left.AddUnreadable("P", [new UnreadableItem("/derc/9", null, null, 0, new ReadError(ErrorClass.SchemaInvalid, "/", "illegible"))]);
        Assert.Equal(3_000, left.Read(70).Pass(601).Limits().ExportLimitW);
        Assert.Contains("600 A 3", left.Said);
    }

    /// <summary>A list may hold something illegible for ever: what is read and stronger is what the server means.</summary>
    [Fact]
    public void What_is_read_and_has_its_limits_supersedes_it_whatever_else_can_not_be_read()
    {
        var utility = Marked(0, 3_000);
        utility.AddUnreadable("P", [new UnreadableItem("/derc/9", null, null, 0, new ReadError(ErrorClass.SchemaInvalid, "/", "illegible"))]);
        utility.Add("P", utility.Make("C", 60, 600, Say.Limits(export: 2_000)));
        Assert.Equal(2_000, utility.Read(70).Limits().ExportLimitW);
        Assert.Contains("70 A 7", utility.Said);
    }

    /// <summary>Of a weaker program nothing orders more than what is superseded did.</summary>
    [Fact]
    public void What_a_weaker_program_lists_supersedes_nothing()
    {
        var utility = Marked(0, 3_000).Program("Q", 9);
        utility.AddUnreadable("Q", [new UnreadableItem("/derc/9", null, null, 0, new ReadError(ErrorClass.SchemaInvalid, "/", "illegible"))]);
        Assert.Equal(3_000, utility.Read(70).Limits().ExportLimitW);
    }

    // A from 0 to 600, marked at 60.
    private static Utility Marked(long held, long byDefault)
    {
        var utility = new Utility().Program("P", 1);
        utility.Default("P", Say.Limits(export: byDefault));
        utility.Control("A", "P", 0, 600, Say.Limits(export: held));
        utility.Read(0).Pass(60);
        utility.Mark("A", EventState.Superseded);
        return utility;
    }
}
