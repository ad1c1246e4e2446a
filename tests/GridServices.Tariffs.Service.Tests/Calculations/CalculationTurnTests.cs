using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Tariffs.Service.Tests.Calculations;

public sealed class CalculationTurnTests
{
    [Fact]
    public async Task No_more_than_allowed_calculate_at_once_and_who_waits_too_long_is_told_to_come_back()
    {
        using var turns = new CalculationLimiter(2, TimeSpan.FromMilliseconds(50));
        var first = await turns.AcquireAsync(TestContext.Current.CancellationToken);
        using var second = await turns.AcquireAsync(TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<ProblemException>(() => turns.AcquireAsync(TestContext.Current.CancellationToken));
        Assert.Equal(ErrorClass.Backpressure, refused.Class);
        first.Dispose();
        first.Dispose();
        using var third = await turns.AcquireAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<ProblemException>(() => turns.AcquireAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Laid out, sessions take many times the memory of their text: of no more requests at once than calculate.</summary>
    [Fact]
    public async Task Sessions_are_laid_out_when_their_turn_comes()
    {
        await using var service = await TariffsUnderTest.StartAsync(null, null, "--Limits:Calculations=1");
        var turns = service.App.App.Services.GetRequiredService<CalculationLimiter>();
        Task<System.Text.Json.JsonElement> refused;
        using (await turns.AcquireAsync(TestContext.Current.CancellationToken))
        {
            refused = service.RefusedAsync("/v1/allocations", "{}", ErrorClass.SchemaInvalid);
            await Until.HoldsAsync(() => Task.FromResult(turns.Waiting), waiting => waiting == 1, () => Task.FromResult("the request did not wait for its turn"));
        }

        await refused;
    }
}
