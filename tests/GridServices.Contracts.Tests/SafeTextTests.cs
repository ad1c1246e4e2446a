namespace GridServices.Contracts.Tests;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("plain, with ä and €", "plain, with ä and €")]
    [InlineData("two\r\nlines\u2028three\u0000", "two\\u000d\\u000alines\\u2028three\\u0000")]
    [InlineData("gpj\u202E.exe", "gpj\\u202e.exe")]
    public void A_line_shows_what_can_not_be_seen(string? text, string line) => Assert.Equal(line, SafeText.Line(text));

    [Fact]
    public void Long_text_is_cut_and_says_so()
    {
        Assert.Equal(new string('a', 300) + "…", SafeText.Line(new string('a', 301)));
        Assert.Equal(new string('a', 300), SafeText.Line(new string('a', 300)));
        Assert.Equal("ab?cd", SafeText.Short("ab\u200bcd"));
        Assert.Equal(new string('a', 120) + "…", SafeText.Short(new string('a', 121)));
        Assert.Equal(@"half \ud800", SafeText.Line("half " + (char)0xD800));
        Assert.Equal("'ab\uFFFD…'", SafeText.Quote("ab\u200bcd", 3));
        Assert.Equal("'ab'", SafeText.Quote("ab"));
    }

    [Fact]
    public void A_clause_goes_on_without_its_full_stop_and_clean_text_is_told_from_other()
    {
        Assert.Equal("it failed", SafeText.Clause("it failed. "));
        Assert.True(SafeText.IsClean("event-1 ⚡ 😀"));
        Assert.False(SafeText.IsClean("event\u200b1"));
    }
}
