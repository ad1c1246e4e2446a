namespace GridServices.Contracts.Tests;

public sealed class IdentifiersTests
{
    [Theory]
    [InlineData("EVSE 1, north", true)]
    [InlineData("Zähler \U0001F50C \uFFFD", true)]
    [InlineData("EVSE\uFFFF", false)]
    [InlineData("EVSE\uFFFE", false)]
    [InlineData("half \uD800", false)]
    [InlineData("\uDC00 half", false)]
    [InlineData("bell\u0007", false)]
    [InlineData("", false)]
    public void Plain_text_is_what_every_format_can_hold(string text, bool isPlain) => Assert.Equal(isPlain, Identifiers.IsPlainText(text, 64));
}
