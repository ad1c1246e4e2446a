namespace GridServices.Contracts.Tests;

public sealed class CursorTests
{
    [Theory]
    [InlineData("e1.0", "e1", 0)]
    [InlineData("0193b0a4-6f5e.42", "0193b0a4-6f5e", 42)]
    [InlineData("e.9223372036854775807", "e", long.MaxValue)]
    public void Cursors_are_read_and_written_back(string text, string epoch, long sequence)
    {
        Assert.True(Cursor.TryParse(text, out var cursor));
        Assert.Equal(new Cursor(epoch, sequence), cursor);
        Assert.Equal(text, cursor.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("42")]
    [InlineData(".42")]
    [InlineData("e.")]
    [InlineData("e.042")]
    [InlineData("e.-1")]
    [InlineData("e.+1")]
    [InlineData("e. 1")]
    [InlineData("e.9223372036854775808")]
    [InlineData("e.1\n")]
    [InlineData("e/1.1")]
    [InlineData("a.b.1")]
    [InlineData("e.٣")]
    public void Others_are_not(string? text) => Assert.False(Cursor.TryParse(text, out _));

    [Fact]
    public void An_epoch_has_at_most_64_characters()
    {
        Assert.True(Cursor.TryParse(new string('e', 64) + ".1", out _));
        Assert.False(Cursor.TryParse(new string('e', 65) + ".1", out _));
    }
}
