using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Wire.Engine;
using NodaTime;

namespace GridServices.Wire.Tests.Engine;

public sealed class EngineStepTests
{
    private enum Kind
    {
        Started,
        Lost,
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(1_000, 60)]
    public void Pauses_double_up_to_the_longest(int failures, int seconds) =>
        Assert.Equal(Duration.FromSeconds(seconds), Backoff.UpTo(Duration.FromMinutes(1)).After(failures));

    [Fact]
    public void Jitter_is_a_tenth_to_either_side()
    {
        Assert.Equal(Duration.FromSeconds(54), Backoff.UpTo(Duration.FromMinutes(1)).After(10, 0));
        Assert.InRange(Backoff.UpTo(Duration.FromMinutes(1)).After(10, 0.999), Duration.FromSeconds(65), Duration.FromSeconds(66));
    }

    [Fact]
    public void Notes_are_kept_in_order_with_what_they_are_about()
    {
        var step = new Step("config", 1, Instant.FromUnixTimeSeconds(5));
        step.Inform(Kind.Started, "started");
        step.Warn(Kind.Lost, ErrorClass.Unavailable, "lost", "e1");
        step.Alarm(Kind.Lost, null, "still lost");
        Assert.Equal(
            [
                new Note<Kind>(NoteLevel.Information, Kind.Started, null, null, "started"),
                new Note<Kind>(NoteLevel.Warning, Kind.Lost, ErrorClass.Unavailable, "e1", "lost"),
                new Note<Kind>(NoteLevel.Alarm, Kind.Lost, null, null, "still lost"),
            ],
            step.Notes);
    }

    [Fact]
    public void State_comes_back_equal_from_its_JSON()
    {
        var state = new State(Instant.FromUnixTimeTicks(17_000_000_123), Duration.FromNanoseconds(1_500_000_001), Period.FromDays(3), Kind.Lost, null);
        var json = StateJson.Write(state);
        Assert.Equal(state, StateJson.Read<State>(json));
        Assert.Contains("\"kind\":\"lost\"", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
        Assert.DoesNotContain("nothing", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{\"at\":\"yesterday\"}")]
    [InlineData("{\"kind\":7}")]
    public void Text_that_is_no_state_is_refused(string json) =>
        Assert.Throws<JsonException>(() => StateJson.Read<State>(Encoding.UTF8.GetBytes(json)));

    private sealed record State(Instant At, Duration For, Period Every, Kind Kind, string? Nothing);

    private sealed class Step(string config, int state, Instant now) : StepContext<string, int, Kind>(config, state, now);
}
