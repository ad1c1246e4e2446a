using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;

namespace GridServices.Contracts.Tests.Json;

public sealed class TextFormTests
{
    [Fact]
    public void Instants_are_written_in_UTC_and_read_back_to_the_nanosecond() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue).Two().Select(p => Instant.FromUtc(2000, 1, 1, 0, 0) + Duration.FromSeconds(2L * p.Item1) + Duration.FromNanoseconds(p.Item2 % 1_000_000_000))),
            i => TimeText.TryInstant(TimeText.Format(i), out var again) && again == i && TimeText.Format(i).EndsWith('Z')).QuickCheckThrowOnFailure();

    [Fact]
    public void Durations_are_read_back_to_the_nanosecond() =>
        Prop.ForAll(Arb.From(Gen.Choose(0, 31_000_000).Two().Select(p => Duration.FromSeconds(p.Item1) + Duration.FromNanoseconds(p.Item2))),
            d => TimeText.TryDuration(TimeText.Format(d), out var again) && again == d).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("PT2M", 120)]
    [InlineData("P1D", 86400)]
    [InlineData("P1DT2H3M4S", 93784)]
    [InlineData("PT0S", 0)]
    [InlineData("PT90S", 90)]
    [InlineData("P366D", 31622400)]
    public void Durations_of_fixed_length_are_read(string text, long seconds) =>
        Assert.True(TimeText.TryDuration(text, out var d) && d == Duration.FromSeconds(seconds));

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("P1W")]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("-PT1S")]
    [InlineData("PT1.S")]
    [InlineData("PT1H1H")]
    [InlineData("pt1h")]
    [InlineData("PT1S\n")]
    [InlineData("PT٣S")]
    [InlineData("P366DT1S")]
    [InlineData("PT9999999999S")]
    public void Other_durations_are_not(string text) => Assert.False(TimeText.TryDuration(text, out _));

    [Theory]
    [InlineData("PT2M", "PT2M")]
    [InlineData("P1DT30M", "PT24H30M")]
    [InlineData("PT0.5S", "PT0.5S")]
    [InlineData("PT0S", "PT0S")]
    public void Durations_are_written_short(string text, string written) =>
        Assert.Equal(written, TimeText.TryDuration(text, out var d) ? TimeText.Format(d) : null);

    [Theory]
    [InlineData("16.50", "16.5")]
    [InlineData("1e1", "10")]
    [InlineData("-0.0", "0")]
    [InlineData("1E-3", "0.001")]
    [InlineData("79228162514264337593543950335", null)]
    [InlineData("0.1234567890123456789012345678", "0.1234567890123456789012345678")]
    [InlineData("0.12345678901234567890123456789", null)]
    [InlineData("1e400", null)]
    [InlineData("1e-400", null)]
    public void Decimals_are_read_exactly_or_not_at_all(string text, string? expected)
    {
        var read = TryRead<decimal>(text, out var value);

        Assert.Equal(expected is not null, read);
        Assert.Equal(expected ?? "0", JsonSerializer.Serialize(value, ContractJson.Options));
    }

    [Theory]
    [InlineData("\"holdSchedule\"", true)]
    [InlineData("\"HoldSchedule\"", false)]
    [InlineData("\"holdschedule\"", false)]
    [InlineData("0", false)]
    [InlineData("\"0\"", false)]
    [InlineData("\"holdSchedule, failsafe\"", false)]
    public void Enums_are_exact_names(string json, bool accepted) => Assert.Equal(accepted, TryRead<OnStale>(json, out _));

    [Theory]
    [InlineData("""{"importLimitW":1}""", true)]
    [InlineData("""{"importLimitW":null}""", true)]
    [InlineData("""{"importLimitW":1,"importLimitW":2}""", false)]
    [InlineData("""{"importLimitW":"1"}""", false)]
    [InlineData("""{"ImportLimitW":1}""", false)]
    [InlineData("""{"importLimitKW":1}""", false)]
    [InlineData("""{"perPhase":{"L1":{"importLimitA":1}}}""", true)]
    [InlineData("""{"perPhase":{"l1":{"importLimitA":1}}}""", false)]
    [InlineData("""{"importLimitW":1,}""", false)]
    public void The_options_alone_are_strict_too(string json, bool accepted) => Assert.Equal(accepted, TryRead<Limits>(json, out _));

    [Fact]
    public void What_is_not_stated_is_not_written_and_an_open_end_is()
    {
        Assert.Equal("""{"importLimitW":0}""", JsonSerializer.Serialize(new Limits { ImportLimitW = 0 }, ContractJson.Options));
        Assert.Equal("""{"from":"2027-01-15T18:00:00Z","until":null,"limits":{}}""",
            JsonSerializer.Serialize(new Segment { From = Sample.Start, Limits = Limits.None }, ContractJson.Options));
    }

    [Fact]
    public void The_canonical_form_does_not_depend_on_how_it_was_written()
    {
        var one = Read("""{"from":"2027-01-15T18:00:00.000Z","until":null,"limits":{"importLimitW":1e3,"perPhase":{"L1":{"importLimitA":16.50}}}}""");
        var two = Read("""{ "limits":{"perPhase":{"L1":{"importLimitA":16.5}},"importLimitW":1000}, "from":"2027-01-15T18:00:00Z" }""");

        Assert.Equal("""{"from":"2027-01-15T18:00:00Z","limits":{"importLimitW":1000,"perPhase":{"L1":{"importLimitA":16.5}}}}""", System.Text.Encoding.UTF8.GetString(CanonicalJson.Bytes(one)));
        Assert.Equal(CanonicalJson.Sha256(one), CanonicalJson.Sha256(two));

        static Segment Read(string segment) => ((EnvelopePublished)EnvelopeReader.ReadPublication(
            Sample.Utf8(Sample.With(Sample.Event, "/data/segments", $"[{segment}]"))).Items[0].Value!).Envelope.Segments[0];
    }

    private static bool TryRead<T>(string json, out T? value)
    {
        try
        {
            value = JsonSerializer.Deserialize<T>(json, ContractJson.Options);
            return true;
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }
}
