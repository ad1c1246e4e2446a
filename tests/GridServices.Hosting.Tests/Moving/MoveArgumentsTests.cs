using GridServices.Hosting.Moving;

namespace GridServices.Hosting.Tests.Moving;

public sealed class MoveArgumentsTests
{
    [Fact]
    public void Options_of_the_move_are_taken_out_and_the_rest_goes_to_the_service()
    {
        var read = MoveArguments.Parse(["--to", "Host=db", "--Settings", "/etc/x.json", "--empty-target", "--schema=other", "--Storage:Path=/data"], out _)!;
        Assert.Equal(("Host=db", "other", true), (read.To, read.Schema, read.EmptyTarget));
        Assert.Equal(["--Settings", "/etc/x.json", "--Storage:Path=/data"], read.Settings);
    }

    [Fact]
    public void A_connection_string_with_equals_signs_stays_whole() =>
        Assert.Equal("Host=db;Username=grid", MoveArguments.Parse(["--to=Host=db;Username=grid"], out _)!.To);

    [Theory]
    [InlineData("--to takes a value", "--to")]
    [InlineData("--schema takes a value", "--schema", " ")]
    [InlineData("'tariffs' is neither an option nor the value of one", "tariffs")]
    public void What_cannot_be_meant_is_told(string problem, params string[] args)
    {
        Assert.Null(MoveArguments.Parse(args, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }
}
