using GridServices.Local.Feed;
using NodaTime;

namespace GridServices.Local.Tests;

public sealed class ChangeLineTests
{
    private static readonly Instant At = Instant.FromUtc(2027, 1, 15, 18, 4, 5);

    [Fact]
    public void A_line_says_when_where_who_and_what() =>
        Assert.Equal("18:04:05Z  site-1      limit        import ≤ 60.0 kW", ChangeLine.Short(At, new Change("limit", "site-1", "import", "import ≤ 60.0 kW")));

    [Fact]
    public void A_long_line_ends_at_column_120_and_is_whole_in_the_log()
    {
        var change = new Change("openadr", "a-depot-with-a-long-name", "x", new string('w', 300));
        Assert.Equal(ChangeLine.Columns, ChangeLine.Short(At, change).Length);
        Assert.EndsWith("…", ChangeLine.Short(At, change), StringComparison.Ordinal);
        Assert.EndsWith(new string('w', 300), ChangeLine.Full(At, change), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_of_several_lines_stays_one_line() =>
        Assert.EndsWith("first second", ChangeLine.Short(At, new Change("utility", null, "", "first\r\n  second\n")), StringComparison.Ordinal);

    [Fact]
    public void What_is_about_no_site_has_a_dash_there() =>
        Assert.StartsWith("18:04:05Z  -           grid ", ChangeLine.Short(At, new Change("grid", null, "", "The frequency falls.")), StringComparison.Ordinal);
}
