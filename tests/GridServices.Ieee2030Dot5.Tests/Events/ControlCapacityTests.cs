using System.Globalization;
using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>How many controls are held, and which.</summary>
public sealed class ControlCapacityTests
{
    [Fact]
    public void A_list_that_keeps_what_is_over_takes_a_new_limit_however_long_it_grew()
    {
        var utility = new Utility().Program("P", 1);
        Many(utility, "A", 2_500, 10);
        utility.Read(0);
        utility.Leap(30);
        Many(utility, "B", 2_500, 10);
        utility.Read(30);
        utility.Leap(60);
        utility.Control("NEW", "P", 10, 60, Say.Limits(export: 0));
        utility.Read(60).Read(75);

        Assert.Equal(0, utility.Limits().ExportLimitW);
        Assert.DoesNotContain(utility.Notes, n => n.Class == ErrorClass.LimitCount);
        Assert.DoesNotContain(utility.Responses, r => r.Status is 253 or 254);
        Assert.InRange(utility.State.Controls.Count, 1_024, 1_400);
        Assert.Equal(["60 NEW 1", "70 NEW 2"], utility.Said.Where(s => s.Contains("NEW", StringComparison.Ordinal)));

        // What made room is known by its name: listed on, it is not answered again.
        var said = utility.Said.Count;
        utility.Read(76);
        Assert.Equal(said, utility.Said.Count);
    }

    [Fact]
    public void What_a_running_control_gave_way_to_is_not_forgotten_while_that_runs()
    {
        var utility = new Utility().Program("P", 1);
        utility.Control("LONG", "P", 0, 100_000, Say.Limits(export: 4_000, load: 3_000));
        utility.Read(0);
        utility.Control("FIRST", "P", 1, 5, Say.Limits(export: 1_000));
        utility.Read(1);
        for (var batch = 0; batch < 2; batch++)
        {
            utility.Leap(20 + (30 * batch));
            Many(utility, $"A{batch}", 1_000, 10);
            utility.Read(20 + (30 * batch));
        }

        utility.Leap(100);
        utility.Read(100);
        Assert.InRange(utility.State.Controls.Count, 1_024, 1_400);

        // 2018: what was superseded stays so.
        Assert.Equal((null, 3_000), (utility.Limits().ExportLimitW, utility.Limits().LoadLimitW));
    }

    [Fact]
    public void Of_more_than_can_be_held_those_that_act_soonest_are_and_the_others_follow_when_there_is_room()
    {
        var utility = new Utility().Program("P", 1);
        foreach (var i in Enumerable.Range(0, 4_100))
        {
            utility.Add("P", utility.Make($"C{i:0000}", 1_000 + (10 * i), 10, Say.Limits(export: 1_000)));
        }

        utility.Control("SOON", "P", 60, 100, Say.Limits(export: 0));
        utility.Read(0);
        Assert.Equal(4_096, utility.State.Controls.Count);
        Assert.Single(utility.Notes, n => n is { Class: ErrorClass.LimitCount, Level: NoteLevel.Alarm });
        Assert.Contains("0 C4095 253", utility.Said);
        Assert.Contains("0 C4099 253", utility.Said);
        Assert.DoesNotContain("0 C4094 253", utility.Said);
        utility.Read(70);
        Assert.Equal(0, utility.Limits().ExportLimitW);

        utility.Pass(160);
        utility.Read(160);
        Assert.Contains("160 C4095 1", utility.Said);
        Assert.Equal(4_096, utility.State.Controls.Count(c => c.Over() > utility.Time));
        Assert.Single(utility.Notes, n => n is { Class: ErrorClass.LimitCount, Level: NoteLevel.Alarm });
    }

    private static void Many(Utility utility, string tag, int count, long inS)
    {
        foreach (var i in Enumerable.Range(0, count))
        {
            utility.Control(string.Create(CultureInfo.InvariantCulture, $"{tag}{i:0000}"), "P", inS, 10, Say.Limits(export: 2_000));
        }
    }
}
