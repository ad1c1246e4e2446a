using GridServices.Ieee2030Dot5.ServiceDiscovery;

namespace GridServices.Ieee2030Dot5.Tests.ServiceDiscovery;

/// <summary>Answers of DNS, in order and made to hurt.</summary>
public sealed class DnsReaderTests
{
    private static readonly string[] Service = ["_smartenergy", "_tcp", "site"];

    [Fact]
    public void An_answer_with_pointers_is_read_as_it_is_meant()
    {
        // The instance points at the service's name, the host at its last label.
        var answer = Read(Packed());
        Assert.Equal((0, 0, false), (answer.Id, answer.Code, answer.IsTruncated));
        var pointer = Assert.IsType<DnsRecord.Pointer>(answer.Records[0]);
        Assert.Equal("_smartenergy._tcp.site", pointer.Name.ToString());
        Assert.Equal(["device-000001111114", .. Service], pointer.Target.Labels);
        var service = Assert.IsType<DnsRecord.Service>(answer.Records[1]);
        Assert.Equal((pointer.Target, (ushort)80, "gateway.site"), (service.Name, service.Port, service.Target.ToString()));
        Assert.Equal(["txtvers=1", "dcap=/dcap", "https=8443"], Assert.IsType<DnsRecord.Text>(answer.Records[2]).Strings);
        Assert.Equal([192, 0, 2, 7], Assert.IsType<DnsRecord.Address>(answer.Records[3]).Bytes);
    }

    [Fact]
    public void What_is_of_another_kind_or_class_or_taken_back_is_skipped()
    {
        var bytes = new DnsBytes();
        bytes.Record(b => b.Name("a"), 99, b => b.Raw(1, 2, 3))
            .Record(b => b.Name("b"), 1, b => b.Raw(1, 2, 3), @class: 3)
            .Record(b => b.Name("c"), 1, b => b.Raw(192, 0, 2, 1), seconds: 0)
            .Record(b => b.Name("D"), 1, b => b.Raw(192, 0, 2, 2), @class: 0x8001);
        var record = Assert.Single(Read(bytes.Done()).Records);
        Assert.Equal(DnsName.Parse("d"), record.Name);
    }

    [Fact]
    public void What_was_cut_says_so_and_a_name_that_is_not_there_too()
    {
        var answer = Read(new DnsBytes(id: 7, flags: 0x8203).Done());
        Assert.Equal((7, 3, true), (answer.Id, answer.Code, answer.IsTruncated));
    }

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "nothing", [] },
        { "half a head", [0, 0, 0x84] },
        { "a query", new DnsBytes(flags: 0).Done() },
        { "another operation", new DnsBytes(flags: 0xA800).Done() },
        { "more records than it has", new DnsBytes().Done(3) },
        { "records without end", new DnsBytes().Done(60_000) },
        { "questions without end", new DnsBytes(questions: 60_000).Done() },
        { "a name that points at itself", new DnsBytes().Record(b => b.Raw(0xC0, 12), 1, b => b.Raw(1, 2, 3, 4)).Done() },
        { "a name that points ahead", new DnsBytes().Record(b => b.Raw(0xC0, 40), 1, b => b.Raw(1, 2, 3, 4)).Done() },
        { "two names that point at each other", new DnsBytes().Record(b => b.Raw(1, (byte)'a', 0xC0, 12), 1, b => b.Raw(1, 2, 3, 4)).Done() },
        { "a pointer beyond the end", new DnsBytes().Record(b => b.Raw(0xFF, 0xFF), 1, b => b.Raw(1, 2, 3, 4)).Done() },
        { "half a pointer", [.. new DnsBytes().Done(1), 0xC0] },
        { "a label of a kind that is none", new DnsBytes().Record(b => b.Raw(0x41, 0), 1, b => b.Raw(1, 2, 3, 4)).Done() },
        { "a label that is too long", new DnsBytes().Record(b => b.Raw([64, .. new byte[64], 0]), 1, b => b.Raw(1, 2, 3, 4)).Done() },
        { "a name that is too long", new DnsBytes().Record(b => b.Name([.. Enumerable.Repeat(new string('a', 60), 5)]), 1, b => b.Raw(1, 2, 3, 4)).Done() },
        { "an address of three bytes", new DnsBytes().Record(b => b.Name("a"), 1, b => b.Raw(1, 2, 3)).Done() },
        { "an address of IPv6 of four", new DnsBytes().Record(b => b.Name("a"), 28, b => b.Raw(1, 2, 3, 4)).Done() },
        { "a record longer than the message", new DnsBytes().Record(b => b.Name("a"), 99, b => b.Raw(1), length: 500).Done() },
        { "a pointer record longer than its name", new DnsBytes().Record(b => b.Name("a"), 12, b => b.Name("b").Raw(1, 2)).Done() },
        { "a name that leaves its record", new DnsBytes().Record(b => b.Name("a"), 12, b => b.Name("bcd"), length: 2).Done() },
        { "a string that leaves its text", new DnsBytes().Record(b => b.Name("a"), 16, b => b.Raw(200, 1, 2)).Done() },
        { "strings without end", new DnsBytes().Record(b => b.Name("a"), 16, b => b.Raw(new byte[200])).Done() },
        { "half a service", new DnsBytes().Record(b => b.Name("a"), 33, b => b.Raw(0, 1, 0)).Done() },
        { "too much of it", new byte[DnsReader.MostBytes + 1] },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_is_wrong_anywhere_is_nothing_and_says_why(string what, byte[] message)
    {
        Assert.Null(DnsReader.Read(message, out var why));
        Assert.True(why.Length > 5, what);
    }

    [Fact]
    public void Whatever_is_cut_or_changed_ends_in_an_answer_or_a_reason()
    {
        var whole = Packed();
        var chance = new Random(20270115);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Null(DnsReader.Read(whole.AsSpan(0, length), out var why));
            Assert.NotEmpty(why);
        }

        for (var i = 0; i < 20_000; i++)
        {
            var changed = whole.ToArray();
            for (var j = 0; j < 1 + (i % 4); j++)
            {
                changed[chance.Next(changed.Length)] = (byte)chance.Next(256);
            }

            Assert.Equal(DnsReader.Read(changed, out var why) is null, why.Length > 0);
        }
    }

    [Fact]
    public void A_question_is_written_as_it_is_read()
    {
        var name = DnsName.Parse("edev-000001111114._sub._smartenergy._tcp.site.");
        var query = DnsQuery.Write(0x1234, name, DnsKind.Pointer, isMulticast: false);
        Assert.Equal([0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 17, (byte)'e'], query[..14]);
        Assert.Equal([0, 0, 12, 0, 1], query[^5..]);
        Assert.Equal([0x80, 1], DnsQuery.Write(0, name, DnsKind.Pointer, isMulticast: true)[^2..]);

        // With its head turned to an answer's it is one without records.
        query[2] = 0x84;
        Assert.Empty(Read(query).Records);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(".a")]
    public void What_is_no_name_is_refused(string text) => Assert.Throws<FormatException>(() => DnsName.Parse(text));

    private static DnsAnswer Read(byte[] message) => DnsReader.Read(message, out var why) ?? throw new InvalidOperationException(why);

    /// <summary>What a gateway answers to a query for servers.</summary>
    internal static byte[] Packed()
    {
        var bytes = new DnsBytes();
        var at = bytes.Length;
        int instance = 0, site = at + 1 + Service[0].Length + 1 + Service[1].Length;
        bytes.Record(b => b.Name(Service), 12, b =>
        {
            instance = b.Length;
            b.Raw([19, .. "device-000001111114"u8, 0xC0, (byte)at]);
        });
        bytes.Record(b => b.Raw((byte)(0xC0 | (instance >> 8)), (byte)instance), 33, b => b.Two(0).Two(0).Two(80).Raw([7, .. "gateway"u8, 0xC0, (byte)site]), @class: 0x8001);
        bytes.Record(b => b.Raw((byte)(0xC0 | (instance >> 8)), (byte)instance), 16, b => b.Raw(DnsBytes.Strings("txtvers=1", "dcap=/dcap", "https=8443")), @class: 0x8001);
        bytes.Record(b => b.Name("GATEWAY", "site"), 1, b => b.Raw(192, 0, 2, 7));
        return bytes.Done();
    }
}
