using System.Buffers.Binary;
using System.Text;

namespace GridServices.Ieee2030Dot5.Tests.ServiceDiscovery;

/// <summary>Answers of DNS, byte by byte, as a responder packs them.</summary>
internal sealed class DnsBytes
{
    private readonly List<byte> bytes = [];
    private ushort records;

    public DnsBytes(ushort id = 0, ushort flags = 0x8400, ushort questions = 0)
    {
        foreach (var word in new[] { id, flags, questions, (ushort)0, (ushort)0, (ushort)0 })
        {
            Two(word);
        }
    }

    public int Length => bytes.Count;

    public DnsBytes Two(int word)
    {
        bytes.AddRange([(byte)(word >> 8), (byte)(word & 0xFF)]);
        return this;
    }

    public DnsBytes Raw(params byte[] raw)
    {
        bytes.AddRange(raw);
        return this;
    }

    public DnsBytes Name(params string[] labels)
    {
        foreach (var label in labels)
        {
            var text = Encoding.UTF8.GetBytes(label);
            bytes.Add((byte)text.Length);
            bytes.AddRange(text);
        }

        bytes.Add(0);
        return this;
    }

    public DnsBytes Record(Action<DnsBytes> name, int kind, Action<DnsBytes> content, int seconds = 120, int @class = 1, int? length = null)
    {
        records++;
        name(this);
        Two(kind).Two(@class).Two(seconds >> 16).Two(seconds & 0xFFFF);
        var at = Length;
        Two(0);
        content(this);
        var says = length ?? (Length - at - 2);
        (bytes[at], bytes[at + 1]) = ((byte)(says >> 8), (byte)(says & 0xFF));
        return this;
    }

    public byte[] Done(int? records = null)
    {
        var done = bytes.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(done.AsSpan(6), (ushort)(records ?? this.records));
        return done;
    }

    public static byte[] Strings(params string[] strings) => [.. strings.SelectMany(s => Encoding.UTF8.GetBytes(s) is var text ? text.Prepend((byte)text.Length) : [])];
}
