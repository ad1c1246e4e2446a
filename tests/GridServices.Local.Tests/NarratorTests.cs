using GridServices.Local.Feed;
using NodaTime;

namespace GridServices.Local.Tests;

public sealed class NarratorTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public void A_limit_that_is_told_again_and_again_is_one_line()
    {
        var narrator = new Narrator(Verbosity.Normal);
        Assert.NotNull(narrator.Narrate(Limit("import ≤ 60.0 kW"), Start)?.Shown);
        for (var second = 1; second < 100; second++)
        {
            Assert.Null(narrator.Narrate(Limit("import ≤ 60.0 kW"), Start + Duration.FromSeconds(second)));
        }

        Assert.NotNull(narrator.Narrate(Limit("import ≤ 30.0 kW"), Start + Duration.FromSeconds(100))?.Shown);
        Assert.NotNull(narrator.Narrate(Limit("import ≤ 60.0 kW"), Start + Duration.FromSeconds(101))?.Shown);
    }

    [Fact]
    public void A_flood_of_one_client_is_folded_and_hides_no_other_client()
    {
        var narrator = new Narrator(Verbosity.Normal);
        var shown = Enumerable.Range(0, 43).Count(n => narrator.Narrate(Device(2, $"puts its status {n}"), Start + Duration.FromMilliseconds(n))?.Shown is not null);
        Assert.Equal(6, shown);
        Assert.NotNull(narrator.Narrate(Device(1, "started the control"), Start + Duration.FromSeconds(30))?.Shown);
        Assert.Empty(narrator.Due(Start + Duration.FromSeconds(59)));
        var folded = Assert.Single(narrator.Due(Start + Duration.FromSeconds(60)));
        Assert.Contains("and 37 more like this in the last minute, the latest: Device 2: puts its status 42", folded, StringComparison.Ordinal);
        Assert.NotNull(narrator.Narrate(Device(2, "puts its status 43"), Start + Duration.FromSeconds(61))?.Shown);
    }

    [Fact]
    public void A_flood_of_ever_new_sentences_is_folded_too()
    {
        var narrator = new Narrator(Verbosity.Normal);
        var words = Enumerable.Range(0, 100).Select(n => new string((char)('a' + (n % 26)), 1 + (n / 26)));
        Assert.Equal(20, words.Count(word => narrator.Narrate(Device(2, word), Start)?.Shown is not null));
        Assert.Contains("and 80 more", Assert.Single(narrator.Due(Start + Duration.FromMinutes(1))), StringComparison.Ordinal);
    }

    [Fact]
    public void Quiet_tells_alarms_and_their_end_only()
    {
        var narrator = new Narrator(Verbosity.Quiet);
        Assert.Null(narrator.Narrate(Line("ok"), Start)?.Shown);
        Assert.NotNull(narrator.Narrate(Line("lost"), Start)?.Shown);
        Assert.NotNull(narrator.Narrate(Line("ok"), Start)?.Shown);
        Assert.Null(narrator.Narrate(Limit("import ≤ 60.0 kW"), Start)?.Shown);
    }

    [Fact]
    public void Verbose_tells_details_and_floods_in_full()
    {
        var detail = Device(1, new string('x', 200)) with { Weight = ChangeWeight.Detail };
        Assert.Null(new Narrator(Verbosity.Normal).Narrate(detail, Start)?.Shown);
        var narrator = new Narrator(Verbosity.Verbose);
        Assert.All(Enumerable.Range(0, 50), _ => Assert.Contains(new string('x', 200), narrator.Narrate(detail, Start)?.Shown ?? "", StringComparison.Ordinal));
    }

    [Fact]
    public void The_log_keeps_what_the_terminal_folds()
    {
        var narrator = new Narrator(Verbosity.Normal);
        Assert.All(Enumerable.Range(0, 50), n => Assert.EndsWith($"says {n}", narrator.Narrate(Device(2, $"says {n}"), Start)?.Full ?? "", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_over_before_the_start_is_not_told_and_its_return_is()
    {
        var narrator = new Narrator(Verbosity.Normal);
        Assert.Null(narrator.Narrate(Limit("import is not limited any more") with { IsOver = true }, Start));
        Assert.NotNull(narrator.Narrate(Limit("import ≤ 60.0 kW"), Start));
        Assert.NotNull(narrator.Narrate(Limit("import is not limited any more") with { IsOver = true }, Start)?.Shown);
    }

    [Fact]
    public void A_moving_part_beside_what_matters_makes_no_line()
    {
        var narrator = new Narrator(Verbosity.Normal);
        Assert.NotNull(narrator.Narrate(Line("lost") with { Text = "lost: retry in 5 s", Sameness = "lost" }, Start));
        Assert.Null(narrator.Narrate(Line("lost") with { Text = "lost: retry in 4 s", Sameness = "lost" }, Start));
    }

    private static Change Limit(string text) => new(Tally.LimitSource, "site-1", "import at site-1", text) { Owner = "import" };

    private static Change Device(int number, string does) => new("der-utility", null, "", $"Device {number}: {does}") { Owner = $"Device {number}" };

    private static Change Line(string status) =>
        new("openadr", "site-1", "VEN site-1", $"VEN site-1: the line is {status}") { Weight = status == "ok" ? ChangeWeight.Normal : ChangeWeight.Alarm };
}
