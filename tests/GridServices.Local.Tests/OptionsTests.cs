using GridServices.Local.Feed;

namespace GridServices.Local.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void All_options_together()
    {
        var options = Options.Parse(["--bare", "--data", "x", "--ports=6000", "--sites", "a, b_1:2", "--quiet"]);
        Assert.True(options.Bare);
        Assert.Equal(("x", 6000, Verbosity.Quiet), (options.Data, options.FirstPort, options.Verbosity));
        Assert.Equal(["a", "b_1:2"], options.Sites);
    }

    [Theory]
    [InlineData("'--bare' follows it, which is an option", "--data", "--bare")]
    [InlineData("'--verbose' follows it", "--sites", "--verbose")]
    [InlineData("./--bare", "--data=--bare")]
    [InlineData("--data needs a value", "--data")]
    [InlineData("'a b/../x' can't be a site id", "--sites", "a b/../x")]
    [InlineData("'..' can't be a site id", "--sites", "site-1,..")]
    [InlineData("'a..b' can't be a site id", "--sites=a..b")]
    [InlineData("at least one site id", "--sites", ",")]
    [InlineData("takes no value", "--bare=yes")]
    [InlineData("is not an option", "--frobnicate")]
    [InlineData("from 1024 to 65000", "--ports", "80")]
    public void What_makes_no_sense_is_refused_with_the_way_out(string saying, params string[] args)
    {
        var fault = Assert.Throws<LaunchException>(() => Options.Parse(args));
        Assert.Contains(saying, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }
}
