using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Tests.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Codec;

/// <summary>No input makes the reader throw.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void A_cut_or_twisted_body_reads_or_is_refused()
    {
        var bodies = Specimens.All.Select(s => Sep2Xml.Write(s, Sep2Dialect.CsipAus13)).ToArray();
        Prop.ForAll(
            Gen.Choose(0, bodies.Length - 1).Zip(Gen.Choose(0, 4000)).Zip(Gen.Choose(0, 255)).ToArbitrary(),
            t =>
            {
                var ((which, at), value) = t;
                var body = (byte[])bodies[which].Clone();
                body[at % body.Length] = (byte)value;
                var twisted = Sep2Xml.Read(body);
                var cut = Sep2Xml.Read(body.AsMemory(0, at % body.Length));
                return (twisted.Resource is null) != (twisted.Refusal is null) && (cut.Resource is null) != (cut.Refusal is null);
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_text_replaced_by_nonsense_never_throws()
    {
        string[] nonsense = ["", " ", "-1", "99999999999999999999", "1e9", "NaN", "0x10", "\u202e", "true", "ZZ", "9223372036854775807", "-9223372036854775808"];
        foreach (var specimen in Specimens.All)
        {
            var xml = Encoding.UTF8.GetString(Sep2Xml.Write(specimen, Sep2Dialect.CsipAus13));
            foreach (var (start, end) in Texts(xml))
            {
                foreach (var text in nonsense)
                {
                    var outcome = Sep2Xml.Read(Encoding.UTF8.GetBytes(xml[..start] + text + xml[end..]));
                    Assert.True((outcome.Resource is null) != (outcome.Refusal is null));
                }
            }
        }
    }

    private static IEnumerable<(int Start, int End)> Texts(string xml)
    {
        for (var open = xml.IndexOf('>', StringComparison.Ordinal); open >= 0 && open + 1 < xml.Length; open = xml.IndexOf('>', open + 1))
        {
            var end = xml.IndexOf('<', open);
            if (end > open + 1)
            {
                yield return (open + 1, end);
            }
        }
    }
}
