using GridServices.Local.Feed;
using NodaTime;

namespace GridServices.Local.Tests;

public sealed class TallyTests
{
    private static readonly Instant At = Instant.FromUtc(2027, 1, 15, 18, 4, 5);

    [Fact]
    public void The_summary_counts_things_once_and_names_the_last_limit_of_each_site()
    {
        var tally = new Tally();
        tally.Add(new Change("openadr", "site-1", "event a", "event a: far"), At);
        tally.Add(new Change("openadr", "site-1", "event a", "event a: active"), At);
        tally.Add(new Change("openadr", "site-1", "event b", "event b: far"), At);
        tally.Add(new Change("ieee2030-5", "site-1", "control c", "control c: active"), At);
        tally.Add(new Change(Tally.LimitSource, "site-1", "import", "import ≤ 60.0 kW"), At - Duration.FromMinutes(1));
        tally.Add(new Change(Tally.LimitSource, "site-1", "export", "export ≤ 0.0 kW"), At - Duration.FromMinutes(1));
        tally.Add(new Change(Tally.LimitSource, "site-1", "import", "import ≤ 30.0 kW"), At);
        var lines = tally.Lines("logs", "logs/console.log");
        Assert.Equal("What happened: 2 OpenADR events, 1 IEEE 2030.5 control.", lines[0]);
        Assert.Equal("  site-1: 3 changes of what is allowed, the last at 18:04:05Z; at the end:", lines[1]);
        Assert.Equal(["    export ≤ 0.0 kW", "    import ≤ 30.0 kW"], lines.Skip(2).Take(2));
        Assert.Equal(["Nothing needs attention.", "Every line in full: logs/console.log"], lines.Skip(4));
    }

    [Fact]
    public void An_alarm_that_lasts_is_what_to_look_at_next_and_one_that_ended_is_not()
    {
        var tally = new Tally();
        tally.Add(Line("VEN a", ChangeWeight.Alarm), At);
        tally.Add(Line("VEN b", ChangeWeight.Alarm), At);
        tally.Add(Line("VEN b", ChangeWeight.Normal), At);
        tally.AddWarning("openadr");
        tally.AddWarning("openadr");
        var lines = tally.Lines("logs", "logs/console.log");
        Assert.Equal("To look at next:", lines[0]);
        Assert.DoesNotContain("Nothing needs attention.", lines);
        Assert.Contains(lines, line => line.Contains("openadr: VEN a", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("VEN b", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("openadr wrote 2 warnings into " + Path.Combine("logs", "openadr.log"), StringComparison.Ordinal));
    }

    private static Change Line(string ven, ChangeWeight weight) => new("openadr", "site-1", ven, $"{ven}: the line") { Weight = weight };
}
