using GridServices.UtilityClients.Listening;

namespace GridServices.UtilityClients.Tests.Listening;

public sealed class ListenerSlotsTests
{
    [Fact]
    public void Messages_that_wait_hold_the_places_of_their_own_caller_alone()
    {
        var places = new ListenerSlots(reading: 4, perCaller: 2);
        var waiting = new List<ListenerSlot>();
        foreach (var hanging in new[] { "a", "a", "b", "b", "c", "c" })
        {
            var place = places.TryAcquire(hanging);
            Assert.NotNull(place);
            place.EndReading();
            waiting.Add(place);
        }

        Assert.Null(places.TryAcquire("a"));
        using (var other = places.TryAcquire("d"))
        {
            Assert.NotNull(other);
        }

        waiting.ForEach(p => p.Dispose());
        Assert.NotNull(places.TryAcquire("a"));
    }

    [Fact]
    public void A_caller_that_sends_slowly_leaves_places_to_read_others()
    {
        var places = new ListenerSlots(reading: 3, perCaller: 2);
        using var slow = places.TryAcquire("a");
        using var slower = places.TryAcquire("a");
        Assert.Null(places.TryAcquire("a"));
        using var other = places.TryAcquire("b");
        Assert.NotNull(other);
        Assert.Null(places.TryAcquire("c"));
        other.EndReading();
        other.EndReading();
        using var third = places.TryAcquire("c");
        Assert.NotNull(third);
        Assert.Null(places.TryAcquire("d"));
    }

    [Fact]
    public void A_place_is_given_back_once()
    {
        var places = new ListenerSlots(reading: 1, perCaller: 1);
        var place = places.TryAcquire("a");
        place!.Dispose();
        place.Dispose();
        using var next = places.TryAcquire("b");
        Assert.NotNull(next);
        Assert.Null(places.TryAcquire("c"));
    }
}
