using System.Text.Json;
using NodaTime;

namespace GridServices.Wire.Tests;

public sealed class ValueListTests
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new PeriodJsonConverter() } };

    private sealed record Row(ValueList<string> Names, Period Length);

    [Fact]
    public void Records_with_equal_lists_are_equal()
    {
        var row = new Row(["a", "b"], Period.FromMinutes(90));
        Assert.Equal(row, new Row(["a", "b"], Period.FromMinutes(90)));
        Assert.Equal(row.GetHashCode(), new Row(["a", "b"], Period.FromMinutes(90)).GetHashCode());
        Assert.NotEqual(row, row with { Names = ["b", "a"] });
        Assert.NotEqual(row, row with { Names = [] });
    }

    [Fact]
    public void Json_keeps_lists_and_periods_as_they_are()
    {
        var row = new Row(["a", "b"], Period.FromMinutes(90));
        var json = JsonSerializer.Serialize(row, Options);
        Assert.Equal("""{"Names":["a","b"],"Length":"PT90M"}""", json);
        Assert.Equal(row, JsonSerializer.Deserialize<Row>(json, Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Row>("""{"Names":[],"Length":"soon"}""", Options));
    }
}
