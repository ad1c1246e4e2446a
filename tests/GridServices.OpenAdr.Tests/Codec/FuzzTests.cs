using System.Text;
using System.Xml;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Messages;
using GridServices.Testing;

namespace GridServices.OpenAdr.Tests.Codec;

/// <summary>Seeded mutations of our own messages: whatever comes, reading ends soon, as a message or a refusal.</summary>
public sealed class FuzzTests
{
    private const int Mutations = 5_000;

    private static readonly string[] Texts =
    [
        "", " ", "-1", "0", "4294967296", "1e309", "-1e-330", "NaN", "INF", "P", "PT", "P1Y", "-PT1S", "PT99999999999999999999S", "P2147483648D",
        "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "2027-13-01T00:00:00Z", "2027-01-01T00:00:60Z", "true", "x-", "x-a", "\u202E", "\uD83D\uDE00",
        new('A', 5_000), "<![CDATA[]]>", "--", "]]",
    ];

    [Fact]
    public void Reading_never_throws_never_hangs_and_always_comes_to_one_outcome()
    {
        // The seed stands for the run: the same failures come again.
        var random = new Random(20270115);
        var samples = Specimens.MessageTypes.SelectMany(t => Enum.GetValues<Fill>().Select(f => OadrXml.Write(new Specimens(f).Message(t)))).ToArray();
        var (read, refused, unreadable) = (0, 0, 0);
        for (var i = 0; i < Mutations; i++)
        {
            var bytes = Mutate(samples[random.Next(samples.Length)], random);
            var watch = ThreadTime.Start();
            var outcome = OadrXml.Read(bytes);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"mutation {i} took {watch.Elapsed}");
            Assert.True(outcome.Message is null != outcome.Refusal is null, $"mutation {i}");
            CheckWritable(outcome, i);
            read += outcome.Message is null ? 0 : 1;
            refused += outcome.Refusal is null ? 0 : 1;
            unreadable += outcome.Message is OadrDistributeEvent d && d.Events.Any(e => e.Unreadable is not null) ? 1 : 0;
        }

        // The mutations reach all three ends, or they prove nothing.
        Assert.True(read > 500 && refused > 500 && unreadable > 20, $"{read} read, {refused} refused, {unreadable} with unreadable events");
    }

    /// <summary>What was accepted means the same after it was written.</summary>
    private static void CheckWritable(ReadOutcome outcome, int mutation)
    {
        // What rides on an answer and can't be read is noted beside it.
        if (outcome.Message is { } message and not (OadrDistributeEvent { Events: [] } or OadrRegisteredReport { ReportRequests: [] } or OadrUpdatedReport { CancelReport: null }) && !(message is OadrDistributeEvent d && d.Events.Any(e => e.Unreadable is not null)))
        {
            var again = OadrXml.Read(OadrXml.Write(message));
            Assert.True(message.Equals(again.Message), $"mutation {mutation}: {again.Refusal}");
        }
    }

    private static byte[] Mutate(byte[] sample, Random random)
    {
        var bytes = random.Next(5) == 0 ? sample : Restructure(sample, random);
        for (var n = random.Next(3); n > 0; n--)
        {
            bytes = Damage(bytes, random);
        }

        return bytes;
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                var flipped = (byte[])bytes.Clone();
                flipped[random.Next(flipped.Length)] = (byte)random.Next(256);
                return flipped;
            case 2:
                return [.. bytes, .. bytes[..random.Next(bytes.Length)]];
            case 3:
                return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("201110", random.Next(2) == 0 ? "201111" : "201110/payloads", StringComparison.Ordinal));
            default:
                return bytes;
        }
    }

    private static byte[] Restructure(byte[] sample, Random random)
    {
        var document = new XmlDocument { XmlResolver = null };
        document.LoadXml(Encoding.UTF8.GetString(sample));
        for (var n = 1 + random.Next(3); n > 0; n--)
        {
            var elements = document.GetElementsByTagName("*");
            Change((XmlElement)elements[random.Next(elements.Count)]!, random);
        }

        return Encoding.UTF8.GetBytes(document.OuterXml);
    }

    private static void Change(XmlElement element, Random random)
    {
        if (element.ParentNode is not XmlElement parent)
        {
            return;
        }

        switch (random.Next(7))
        {
            case 0:
                parent.RemoveChild(element);
                break;
            case 1:
                parent.InsertAfter(element.CloneNode(deep: true), element);
                break;
            case 2:
                parent.AppendChild(element);
                break;
            case 3:
                parent.ReplaceChild(Renamed(element, random), element);
                break;
            case 4:
                element.SetAttribute("type", "http://www.w3.org/2001/XMLSchema-instance", "x:Any");
                break;
            default:
                var leaf = element;
                while (leaf.FirstChild is XmlElement inner)
                {
                    leaf = inner;
                }

                leaf.InnerText = Texts[random.Next(Texts.Length)];
                break;
        }
    }

    private static XmlElement Renamed(XmlElement element, Random random)
    {
        var renamed = random.Next(2) == 0
            ? element.OwnerDocument.CreateElement("q", element.LocalName, "urn:other")
            : element.OwnerDocument.CreateElement("q", element.LocalName + "x", element.NamespaceURI);
        renamed.InnerXml = element.InnerXml;
        return renamed;
    }
}
