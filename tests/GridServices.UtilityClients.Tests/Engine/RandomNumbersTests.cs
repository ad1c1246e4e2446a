namespace GridServices.UtilityClients.Tests.Engine;

public sealed class RandomNumbersTests
{
    [Fact]
    public async Task No_number_is_handed_out_twice()
    {
        var drawn = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 1_000).Select(_ => RandomNumbers.Draw()).ToList())));
        Assert.Equal(4_000, drawn.SelectMany(d => d).Distinct().Count());
        Assert.DoesNotContain(0UL, drawn.SelectMany(d => d));
    }
}
