using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests;

public sealed class EntityIdTests
{
    private static readonly Instant Moment = Instant.FromUnixTimeMilliseconds(1469922850259);

    // The example of the ULID specification: 01ARZ3NDEKTSV4RRFFQ69G5FAV begins with the time 01ARZ3NDEK.
    [Fact]
    public void The_specification_s_example_is_read()
    {
        Assert.True(EntityId.IsValid("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
        Assert.Equal(Instant.FromUnixTimeMilliseconds(1469922850259), EntityId.GetTime("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    }

    [Fact]
    public void An_id_keeps_its_time_and_sorts_by_it()
    {
        byte[] high = [255, 255, 255, 255, 255, 255, 255, 255, 255, 255];
        var early = EntityId.Create(Moment, high);
        var late = EntityId.Create(Moment + Duration.FromMilliseconds(1), new byte[10]);
        Assert.Equal(Moment, EntityId.GetTime(early));
        Assert.True(string.CompareOrdinal(early, late) < 0);
        Assert.Equal("ZZZZZZZZZZZZZZZZ", early[10..]);
        Assert.Equal("0000000000000000", late[10..]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("81ARZ3NDEKTSV4RRFFQ69G5FAV")]
    [InlineData("01arz3ndektsv4rrffq69g5fav")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAI")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FA")]
    public void What_is_no_ULID_is_refused(string? text) => Assert.False(EntityId.IsValid(text));

    [Fact]
    public void Too_few_random_bytes_are_refused() => Assert.Throws<ArgumentException>(() => EntityId.Create(Moment, new byte[9]));
}
