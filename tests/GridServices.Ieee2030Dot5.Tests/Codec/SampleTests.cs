using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Tests.Codec;

/// <summary>What real servers and clients said.</summary>
public sealed class SampleTests
{
    [Fact]
    public void Every_sample_reads_without_a_single_item_refused()
    {
        var wrong = Samples().Select(Judge).OfType<string>().ToList();
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void What_is_written_reads_back_equal()
    {
        foreach (var (name, bytes) in Samples())
        {
            var read = Sep2Xml.Read(bytes).Resource!;
            var again = Sep2Xml.Read(Sep2Xml.Write(read, Sep2Dialect.CsipAus13));
            Assert.True(again.Refusal is null, $"{name}: {again.Refusal}");
            Assert.Equal(read, again.Resource);
        }
    }

    [Fact]
    public void The_element_name_is_the_one_read()
    {
        foreach (var (_, bytes) in Samples())
        {
            var read = Sep2Xml.Read(bytes).Resource!;
            Assert.Contains(Sep2Xml.GetName(read), System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Extensions_before_base_elements_are_seen()
    {
        var device = Assert.IsType<EndDevice>(Read("open-dynamic-export/getEdev_csipaus_edev1.xml"));
        Assert.Equal("/edev/1/cp", device.ConnectionPointLink?.Href);
        Assert.Equal("/sep2/edev/1/fsa", device.FunctionSetAssignmentsListLink?.Href);
    }

    [Fact]
    public void A_page_that_counts_wrongly_reads_and_says_so()
    {
        var list = Assert.IsType<EndDeviceList>(Read("open-dynamic-export/getEdev.xml"));
        Assert.Equal(3, list.Items.Count);
        Assert.Equal(Contracts.ErrorClass.ListInconsistent, list.Contradiction?.Class);
    }

    [Fact]
    public void Limits_of_every_csip_aus_version_are_seen()
    {
        var live = Assert.IsType<DerControlList>(Read("envoy-v1.3-live/edev_1_derp_1_derc_s_0_l_5.xml"));
        Assert.All(live.Readable, c => Assert.NotNull(c.Base.OpModExpLimW ?? c.Base.OpModImpLimW ?? c.Base.OpModGenLimW ?? c.Base.OpModLoadLimW));
        var sapn = Assert.IsType<DefaultDerControl>(Read("open-dynamic-export/getDerp_dderc_sapn.xml"));
        Assert.Equal(1500m, sapn.Base.OpModExpLimW?.Watts);
        Assert.Equal(27, sapn.SetGradW);
    }

    private static Resource Read(string sample) =>
        Sep2Xml.Read(File.ReadAllBytes(TestData.Path("ieee2030-5/samples/" + sample))).Resource!;

    private static string? Judge((string Name, byte[] Bytes) sample)
    {
        var outcome = Sep2Xml.Read(sample.Bytes);
        var refusal = outcome.Refusal ?? Unreadable(outcome.Resource).FirstOrDefault()?.Refusal;
        return refusal is null && outcome.Resource is not OtherResource ? null : $"{sample.Name}: {refusal} {outcome.Resource}";
    }

    private static IEnumerable<UnreadableItem> Unreadable(Resource? resource) => resource switch
    {
        EndDeviceList l => l.Unreadable,
        FunctionSetAssignmentsList l => l.Unreadable,
        DerList l => l.Unreadable,
        DerProgramList l => l.Unreadable,
        DerControlList l => l.Unreadable,
        MirrorUsagePointList l => l.Unreadable,
        ResponseSetList l => l.Unreadable,
        TariffProfileList l => l.Unreadable,
        RateComponentList l => l.Unreadable,
        TimeTariffIntervalList l => l.Unreadable,
        ConsumptionTariffIntervalList l => l.Unreadable,
        _ => [],
    };

    private static List<(string Name, byte[] Bytes)> Samples()
    {
        var files = Directory.GetFiles(TestData.Path("ieee2030-5/samples"), "*.xml", SearchOption.AllDirectories);
        Assert.True(files.Length > 90);
        return files.Select(f => (Path.GetFileName(f), File.ReadAllBytes(f))).ToList();
    }
}
