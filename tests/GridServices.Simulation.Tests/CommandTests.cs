namespace GridServices.Simulation.Tests;

/// <summary>The command line of tests/simulate.sh.</summary>
public sealed class CommandTests
{
    [Fact]
    public void A_finding_is_told_with_the_command_that_replays_it()
    {
        var (code, text) = Run("--seeds", "2", "--variant", "ControllerWithoutFailsafe");
        Assert.Equal(1, code);
        Assert.Contains("Seed 1: P2", text, StringComparison.Ordinal);
        Assert.Contains("replay: tests/simulate.sh --seed 1 --trace --storms 1 --variant ControllerWithoutFailsafe", text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_seed_is_told_line_by_line()
    {
        var (code, text) = Run("--seed", "3", "--trace");
        Assert.Equal(0, code);
        Assert.Contains("openadr-a  engine ven-1 starts, number 1, new", text, StringComparison.Ordinal);
        Assert.Contains("all properties held", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--seeds", "many")]
    [InlineData("--variant", "Unknown")]
    [InlineData("--what", "1")]
    public void What_is_not_understood_is_named(string option, string value)
    {
        var (code, text) = Run(option, value);
        Assert.Equal(2, code);
        Assert.StartsWith($"'{option} {value}' is not understood.", text, StringComparison.Ordinal);
    }

    private static (int Code, string Text) Run(params string[] args)
    {
        using var output = new StringWriter();
        return (SimulationCommand.Run(args, output), output.ToString());
    }
}
