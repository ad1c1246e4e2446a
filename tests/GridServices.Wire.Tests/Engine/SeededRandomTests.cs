using GridServices.Wire.Engine;
using NodaTime;

namespace GridServices.Wire.Tests.Engine;

public sealed class SeededRandomTests
{
    private static readonly Instant At = Instant.FromUtc(2026, 1, 2, 3, 4, 5);

    [Fact]
    public void Draws_are_those_of_SplitMix64()
    {
        // The reference sequence of Steele, Lea and Flood's generator from seed 0.
        var random = new SeededRandom(0);
        Assert.Equal(0xE220A8397B1DCDAFUL, random.Draw());
        Assert.Equal(0x6E789E6AA1B965F4UL, random.Draw());
        Assert.Equal(0x06C45D188009454FUL, random.Draw());
    }

    [Fact]
    public void Whole_numbers_reach_both_ends_and_nothing_beyond()
    {
        var random = new SeededRandom(7);
        var drawn = Enumerable.Range(0, 500).Select(_ => random.DrawUpTo(3)).ToHashSet();
        Assert.Equal([0L, 1L, 2L, 3L], drawn.Order());
        Assert.Equal(0, random.DrawUpTo(0));
        Assert.Equal(0, random.DrawUpTo(-5));
    }

    [Fact]
    public void Fractions_are_below_one()
    {
        var random = new SeededRandom(ulong.MaxValue);
        Assert.All(Enumerable.Range(0, 500).Select(_ => random.Fraction()), f => Assert.InRange(f, 0, 1 - double.Epsilon));
    }

    [Fact]
    public void A_named_draw_depends_on_seed_name_and_use_and_not_on_case()
    {
        var drawn = SeededRandom.Between(1_000_000, 1, "control-a", 1);
        Assert.Equal(drawn, SeededRandom.Between(1_000_000, 1, "CONTROL-A", 1));
        Assert.NotEqual(drawn, SeededRandom.Between(1_000_000, 2, "control-a", 1));
        Assert.NotEqual(drawn, SeededRandom.Between(1_000_000, 1, "control-b", 1));
        Assert.NotEqual(drawn, SeededRandom.Between(1_000_000, 1, "control-a", 2));
        Assert.Equal(-drawn, SeededRandom.Between(-1_000_000, 1, "control-a", 1));
    }

    [Fact]
    public void Uuids_carry_their_time_version_and_variant()
    {
        foreach (var id in new[] { SeededRandom.Uuid7(At, 5, 0), SeededRandom.Uuid7(At, 5, 1), SeededRandom.Uuid7(At, 5, "stream") })
        {
            Assert.Equal(7, id.Version);
            Assert.InRange(id.Variant, 8, 11);
            var bytes = id.ToByteArray(bigEndian: true);
            Assert.Equal(At.ToUnixTimeMilliseconds(), bytes[..6].Aggregate(0L, (sum, b) => (sum << 8) | b));
        }

        Assert.NotEqual(SeededRandom.Uuid7(At, 5, 0), SeededRandom.Uuid7(At, 5, 1));
        Assert.Equal(SeededRandom.Uuid7(At, 5, "x"), SeededRandom.Uuid7(At, 5, "x"));
    }
}
