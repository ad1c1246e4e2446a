namespace GridServices.UtilityClients.Tests.Engine;

public sealed class DiceTests
{
    [Fact]
    public async Task Nobody_is_told_a_number_that_another_was_told()
    {
        var drawn = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 1_000).Select(_ => Dice.Draw()).ToList())));
        Assert.Equal(4_000, drawn.SelectMany(d => d).Distinct().Count());
        Assert.DoesNotContain(0UL, drawn.SelectMany(d => d));
    }
}
