using GridServices.UtilityClients.Listening;

namespace GridServices.UtilityClients.Tests.Listening;

public sealed class ListenerPlacesTests
{
    [Fact]
    public void Messages_that_wait_hold_the_places_of_their_own_caller_alone()
    {
        var places = new ListenerPlaces(reading: 4, perCaller: 2);
        var waiting = new List<ListenerPlace>();
        foreach (var hanging in new[] { "a", "a", "b", "b", "c", "c" })
        {
            var place = places.Take(hanging);
            Assert.NotNull(place);
            place.EndReading();
            waiting.Add(place);
        }

        Assert.Null(places.Take("a"));
        using (var other = places.Take("d"))
        {
            Assert.NotNull(other);
        }

        waiting.ForEach(p => p.Dispose());
        Assert.NotNull(places.Take("a"));
    }

    [Fact]
    public void A_caller_that_sends_slowly_leaves_places_to_read_others()
    {
        var places = new ListenerPlaces(reading: 3, perCaller: 2);
        using var slow = places.Take("a");
        using var slower = places.Take("a");
        Assert.Null(places.Take("a"));
        using var other = places.Take("b");
        Assert.NotNull(other);
        Assert.Null(places.Take("c"));
        other.EndReading();
        other.EndReading();
        using var third = places.Take("c");
        Assert.NotNull(third);
        Assert.Null(places.Take("d"));
    }

    [Fact]
    public void A_place_is_given_back_once()
    {
        var places = new ListenerPlaces(reading: 1, perCaller: 1);
        var place = places.Take("a");
        place!.Dispose();
        place.Dispose();
        using var next = places.Take("b");
        Assert.NotNull(next);
        Assert.Null(places.Take("c"));
    }
}
