using System.Text.Json;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Messages;

/// <summary>A client's memory is JSON: every resource must survive it.</summary>
public sealed class JsonTests
{
    [Fact]
    public void Every_resource_comes_back_from_json_equal()
    {
        foreach (var specimen in Specimens.All)
        {
            Assert.Equal(specimen, JsonSerializer.Deserialize<Resource>(JsonSerializer.Serialize<Resource>(specimen)));
        }
    }

    [Fact]
    public void Every_kind_of_resource_has_a_specimen_and_a_name_in_json()
    {
        var kinds = typeof(Resource).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Resource)) && !t.IsAbstract && t != typeof(OtherResource)).ToHashSet();
        var named = typeof(Resource).GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonDerivedTypeAttribute), inherit: false)
            .Cast<System.Text.Json.Serialization.JsonDerivedTypeAttribute>().Select(a => a.DerivedType).ToHashSet();
        Assert.Empty(kinds.Except(named).Select(k => k.Name));
    }

    [Fact]
    public void A_resource_goes_by_its_element_name()
    {
        foreach (var specimen in Specimens.All)
        {
            using var reader = System.Xml.XmlReader.Create(new MemoryStream(Sep2Xml.Write(specimen, Sep2Dialect.CsipAus13)));
            reader.MoveToContent();
            Assert.Equal(reader.LocalName, Sep2Xml.GetName(specimen));
        }
    }

    [Fact]
    public void Watts_are_exact()
    {
        Assert.Equal(-32_768_000m, new ActivePower(-32768, 3).Watts);
        Assert.Equal(0.000_000_000_001m, new ActivePower(1, -12).Watts);
        Assert.Equal(new ActivePower(5000, 0), ActivePower.FromWatts(5000));
        Assert.Equal(new ActivePower(10000, 1), ActivePower.FromWatts(100_000));
        Assert.Equal(new ActivePower(-3276, 1), ActivePower.FromWatts(-32769));
        Assert.Equal(new ActivePower(15, -1), ActivePower.FromWatts(1.5m));
        Assert.Equal(new ActivePower(0, 0), ActivePower.FromWatts(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ActivePower.FromWatts(1e20m));
    }
}
