namespace GridServices.Contracts.Tests;

public sealed class IdentifiersTests
{
    [Theory]
    [InlineData("EVSE 1, north", true)]
    [InlineData("Zähler \U0001F50C \uFFFD", true)]
    [InlineData("EVSE\uFFFF", false)]
    [InlineData("EVSE\uFFFE", false)]
    [InlineData("bell\u0007", false)]
    [InlineData("", false)]
    public void Plain_text_is_what_every_format_can_hold(string text, bool isPlain) => Assert.Equal(isPlain, Identifiers.IsPlainText(text, 64));

    [Theory]
    [InlineData(0xD800)]
    [InlineData(0xDC00)]
    public void Half_a_character_is_none(int half)
    {
        Assert.False(Identifiers.IsPlainText($"half {(char)half}", 64));
        Assert.False(Identifiers.IsPlainText($"{(char)half} half", 64));
    }
}
