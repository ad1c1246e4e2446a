using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Tests.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Tests.Codec;

/// <summary>Reading costs in proportion to what is sent.</summary>
public sealed class CostTests
{
    [Fact]
    public void A_full_page_of_controls_reads_within_its_bounds()
    {
        var page = new DerControlList { All = 255, Results = 255, Items = Enumerable.Repeat(Readable.From(Specimens.Control), 255).ToValueList() };
        var xml = Sep2Xml.Write(page, Sep2Dialect.CsipAus13);
        Sep2Xml.Read(xml);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(page, Sep2Xml.Read(xml).Resource);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 40L * xml.Length, $"{allocated} bytes for a body of {xml.Length}");
    }
}
