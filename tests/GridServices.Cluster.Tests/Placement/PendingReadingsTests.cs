using GridServices.Cluster.Placement;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Cluster.Tests.Placement;

/// <summary>A caller waits some seconds for a key that waits for its utility, and the same readings are applied once.</summary>
public sealed class PendingReadingsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly TaskCompletionSource _exchange = new();
    private readonly PendingReadings _readings;
    private int _taken;

    public PendingReadingsTests() => _readings = new PendingReadings(_time);

    private Task TakeAsync(byte item, Task? ends = null) => _readings.ApplyAsync(
        [item],
        _ =>
        {
            _taken++;
            return ends ?? _exchange.Task;
        },
        "VEN a");

    [Fact]
    public async Task The_same_again_hears_what_became_of_what_its_caller_gave_up()
    {
        var first = TakeAsync(1);
        _time.Advance(Duration.FromTimeSpan(PendingReadings.Longest));
        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        Assert.Contains("after its exchange", told.Message, StringComparison.Ordinal);

        var other = await Assert.ThrowsAsync<StoreUnavailableException>(() => TakeAsync(2));
        Assert.Contains("earlier readings", other.Message, StringComparison.Ordinal);

        var again = TakeAsync(1);
        Assert.False(again.IsCompleted);
        _exchange.SetResult();
        await again;
        await TakeAsync(1);
        Assert.Equal(1, _taken);

        await TakeAsync(2);
        Assert.Equal(2, _taken);
    }

    [Fact]
    public async Task What_failed_is_tried_anew()
    {
        var first = TakeAsync(1);
        _exchange.SetException(new InvalidOperationException("no such asset"));
        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        Assert.Equal("VEN a does not take its readings now: no such asset", told.Message);

        await TakeAsync(1, Task.CompletedTask);
        Assert.Equal(2, _taken);
    }
}
