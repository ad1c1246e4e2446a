using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Tariffs.Service.Calculations;

namespace GridServices.Tariffs.Service.Tests.Calculations;

public sealed class CalculationTurnTests
{
    [Fact]
    public async Task No_more_than_allowed_calculate_at_once_and_who_waits_too_long_is_told_to_come_back()
    {
        using var turns = new CalculationLimiter(2, TimeSpan.FromMilliseconds(50));
        var first = await turns.EnterAsync(TestContext.Current.CancellationToken);
        using var second = await turns.EnterAsync(TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<ProblemException>(() => turns.EnterAsync(TestContext.Current.CancellationToken));
        Assert.Equal(ErrorClass.Backpressure, refused.Class);
        first.Dispose();
        first.Dispose();
        using var third = await turns.EnterAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<ProblemException>(() => turns.EnterAsync(TestContext.Current.CancellationToken));
    }
}
