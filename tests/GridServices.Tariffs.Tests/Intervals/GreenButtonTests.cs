using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Tests.Intervals;

/// <summary>What ReadingType says of the numbers decides what they are; what is not certain to be energy per interval is refused.</summary>
public sealed class GreenButtonTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    [InlineData("9")]
    public void A_register_is_billed_by_its_differences(string behaviour)
    {
        var read = Feed($"<accumulationBehaviour>{behaviour}</accumulationBehaviour><uom>72</uom>", 1_000_000, 1_001_000, 1_003_000, 1_003_500);
        var series = read.OrThrow().Readings[0].Series;
        Assert.Equal([1m, 2m, 0.5m], Enumerable.Range(0, series.Count).Select(i => series[i]));
        Assert.Equal(1_772_341_200 + 900, series.Start.ToUnixTimeSeconds());
        Assert.Contains(read.Warnings, w => w.Detail.Contains("differences", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<accumulationBehaviour>0</accumulationBehaviour>")]
    [InlineData("<accumulationBehaviour>4</accumulationBehaviour><kind>12</kind><dataQualifier>12</dataQualifier>")]
    public void Amounts_per_interval_stay_what_they_are(string more)
    {
        var series = Feed($"{more}<uom>72</uom>", 1000, 2000).OrThrow().Readings[0].Series;
        Assert.Equal([1m, 2m], Enumerable.Range(0, series.Count).Select(i => series[i]));
    }

    [Theory]
    [InlineData("<accumulationBehaviour>12</accumulationBehaviour><uom>72</uom>", "accumulationBehaviour")]
    [InlineData("<accumulationBehaviour>6</accumulationBehaviour><uom>38</uom>", "accumulationBehaviour")]
    [InlineData("<accumulationBehaviour>3</accumulationBehaviour><uom>38</uom>", "accumulationBehaviour")]
    [InlineData("<accumulationBehaviour>99</accumulationBehaviour><uom>72</uom>", "accumulationBehaviour")]
    [InlineData("<uom>29</uom>", "uom")]
    [InlineData("<kind>8</kind><uom>72</uom>", "kind")]
    [InlineData("<kind>54</kind><uom>38</uom>", "kind")]
    [InlineData("<dataQualifier>8</dataQualifier><uom>38</uom>", "dataQualifier")]
    [InlineData("<flowDirection>20</flowDirection><uom>72</uom>", "flowDirection")]
    [InlineData("<powerOfTenMultiplier>13</powerOfTenMultiplier><uom>72</uom>", "powerOfTenMultiplier")]
    public void What_is_not_energy_or_mean_power_per_interval_is_refused(string type, string member) =>
        Assert.EndsWith(member, Assert.Single(Feed(type, 1000, 2000).Refusals).Path, StringComparison.Ordinal);

    [Fact]
    public void A_register_that_falls_is_refused_and_one_with_a_gap_loses_no_energy()
    {
        Assert.Equal(ErrorClass.Plausibility, Assert.Single(Feed("<accumulationBehaviour>3</accumulationBehaviour><uom>72</uom>", 1000, 900).Refusals).Class);
        var gap = Feed("<accumulationBehaviour>3</accumulationBehaviour><uom>72</uom>", [0, 1000, null, null, 4000]).OrThrow().Readings[0].Series;
        Assert.Equal([1m, 1m, 1m, 1m], Enumerable.Range(0, gap.Count).Select(i => gap[i]));
        Assert.Equal(3, gap.Estimated.Sum(r => r.Count));
    }

    [Fact]
    public void A_reading_of_another_length_is_refused_also_where_the_type_states_none() =>
        Assert.Equal(ErrorClass.DataOverlap, Assert.Single(Feed("<uom>72</uom>", [1000, 2000], intervalLength: 0, lastDuration: 3600).Refusals).Class);

    [Theory]
    [InlineData("8", true)]
    [InlineData("10", true)]
    [InlineData("13", true)]
    [InlineData("0", false)]
    [InlineData("17", false)]
    public void Only_measured_qualities_are_not_marked_as_estimated(string quality, bool isEstimated) => Assert.Equal(
        isEstimated, !Feed("<uom>72</uom>", [1000, 2000], more: $"<ReadingQuality><quality>{quality}</quality></ReadingQuality>").OrThrow().Readings[0].Series.Estimated.IsEmpty);

    private static ReadResult<GreenButtonFeed> Feed(string type, params long[] values) => Feed(type, [.. values.Select(v => (long?)v)]);

    private static ReadResult<GreenButtonFeed> Feed(string type, long?[] values, int intervalLength = 900, int lastDuration = 900, string more = "")
    {
        var readings = string.Concat(values.Select((v, i) => v is null ? string.Empty
            : $"<IntervalReading>{more}<timePeriod><duration>{(i == values.Length - 1 ? lastDuration : 900)}</duration><start>{1_772_341_200 + i * 900}</start></timePeriod><value>{v}</value></IntervalReading>"));
        return GreenButton.Read(Encoding.UTF8.GetBytes($"""
            <feed xmlns="http://www.w3.org/2005/Atom"><entry><content><ReadingType xmlns="http://naesb.org/espi">{type}<intervalLength>{intervalLength}</intervalLength></ReadingType></content></entry>
            <entry><content><IntervalBlock xmlns="http://naesb.org/espi">{readings}</IntervalBlock></content></entry></feed>
            """));
    }
}
