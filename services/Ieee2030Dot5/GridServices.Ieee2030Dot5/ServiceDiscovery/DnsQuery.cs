using System.Buffers.Binary;
using System.Text;

namespace GridServices.Ieee2030Dot5.ServiceDiscovery;

/// <summary>Writes a question of DNS (RFC 1035 4).</summary>
public static class DnsQuery
{
    /// <param name="id">Drawn by the caller, and compared with the answer's; 0 by multicast.</param>
    /// <param name="name">What is asked about.</param>
    /// <param name="kind">What is asked.</param>
    /// <param name="isMulticast">True: with the bit that asks for an answer to us alone (RFC 6762 5.4); false: with recursion desired.</param>
    public static byte[] Write(ushort id, DnsName name, DnsKind kind, bool isMulticast)
    {
        ArgumentNullException.ThrowIfNull(name);
        var labels = name.Labels.Select(Encoding.UTF8.GetBytes).ToList();
        var message = new byte[12 + labels.Sum(l => l.Length + 1) + 1 + 4];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)(isMulticast ? 0 : 0x0100));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), 1);
        var at = 12;
        foreach (var label in labels)
        {
            message[at] = (byte)label.Length;
            label.CopyTo(message, at + 1);
            at += label.Length + 1;
        }

        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 1), (ushort)kind);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 3), (ushort)(isMulticast ? 0x8001 : 1));
        return message;
    }
}

/// <summary>Kinds of records that are asked for.</summary>
public enum DnsKind : ushort
{
    Address4 = 1,
    Pointer = 12,
    Text = 16,
    Address6 = 28,
    Service = 33,
}
