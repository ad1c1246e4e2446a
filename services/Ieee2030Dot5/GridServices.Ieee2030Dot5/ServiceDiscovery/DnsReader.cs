using System.Buffers.Binary;
using System.Text;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.ServiceDiscovery;

/// <summary>
/// Reads an answer of DNS (RFC 1035 4). Whoever is in the same network may send one: every length and count is bounded, a pointer leads back only and further
/// back each time, and a message that is wrong anywhere is nothing at all.
/// </summary>
public static class DnsReader
{
    /// <summary>RFC 6762 17: a multicast answer has 9,000 bytes at most.</summary>
    public const int MostBytes = 9_000;

    private const int HeadBytes = 12;
    private const int MostQuestions = 16;
    private const int MostRecords = 256;
    private const int MostStrings = 64;
    private const int MostText = 4_096;
    private const ushort Internet = 1;

    /// <summary>RFC 6762 10.2: the highest bit of the class says that older records are to be forgotten.</summary>
    private const ushort ClassBits = 0x7FFF;

    /// <summary>The answer; null: it is none, or damaged.</summary>
    /// <param name="message">As it came.</param>
    /// <param name="why">Half a sentence, where it is null.</param>
    public static DnsAnswer? Read(ReadOnlySpan<byte> message, out string why)
    {
        why = string.Empty;
        try
        {
            return new Cursor(message).Answer();
        }
        catch (FormatException e)
        {
            why = e.Message;
            return null;
        }
    }

    private ref struct Cursor(ReadOnlySpan<byte> message)
    {
        private readonly ReadOnlySpan<byte> message = message;
        private int at;

        public DnsAnswer Answer()
        {
            if (message.Length is < HeadBytes or > MostBytes)
            {
                throw new FormatException($"it has {message.Length} bytes");
            }

            var (id, flags, questions) = (Two(), Two(), Two());
            var records = Two() + Two() + Two();
            if ((flags & 0x8000) == 0 || (flags & 0x7800) != 0)
            {
                throw new FormatException("it is no answer to a query");
            }

            if (questions > MostQuestions || records > MostRecords)
            {
                throw new FormatException($"it announces {questions} questions and {records} records");
            }

            for (var i = 0; i < questions; i++)
            {
                Name();
                Skip(4);
            }

            var read = new List<DnsRecord>();
            for (var i = 0; i < records; i++)
            {
                if (Record() is { } record)
                {
                    read.Add(record);
                }
            }

            return new DnsAnswer(id, flags & 0xF, (flags & 0x200) != 0, read);
        }

        // What is of another kind or class is skipped, and what is being taken back (time to live 0) is no record any more.
        private DnsRecord? Record()
        {
            var (name, kind, @class) = (Name(), Two(), Two() & ClassBits);
            var seconds = BinaryPrimitives.ReadUInt32BigEndian(ReadBytes(4));
            var length = Two();
            var end = at + length;
            if (end > message.Length)
            {
                throw new FormatException("a record is longer than the message");
            }

            var lives = Duration.FromSeconds(Math.Min(seconds, int.MaxValue));
            var record = @class == Internet ? Content(name, kind, lives, end) : null;
            at = record is null ? end : at;
            return at == end ? (seconds == 0 ? null : record) : throw new FormatException("a record is not as long as it says");
        }

        private DnsRecord? Content(DnsName name, ushort kind, Duration lives, int end)
        {
            switch (kind)
            {
                case 1 when end - at == 4:
                case 28 when end - at == 16:
                    return new DnsRecord.Address(name, lives, ReadBytes(end - at).ToArray().ToValueList());
                case 1 or 28:
                    throw new FormatException("an address has another length");
                case 12:
                    return new DnsRecord.Pointer(name, lives, Name());
                case 16:
                    return new DnsRecord.Text(name, lives, Strings(end));
                case 33:
                    var (priority, weight, port) = (Two(), Two(), Two());
                    return new DnsRecord.Service(name, lives, priority, weight, port, Name());
                default:
                    return null;
            }
        }

        private ValueList<string> Strings(int end)
        {
            if (end - at > MostText)
            {
                throw new FormatException($"a text has {end - at} bytes");
            }

            var strings = new List<string>();
            while (at < end)
            {
                var length = ReadBytes(1)[0];
                if (at + length > end || strings.Count == MostStrings)
                {
                    throw new FormatException("a text's strings are longer, or more, than it has room for");
                }

                strings.Add(Encoding.UTF8.GetString(ReadBytes(length)));
            }

            return strings.ToValueList();
        }

        private DnsName Name()
        {
            var (labels, total, from, end) = (new List<string>(), 0, at, -1);
            while (true)
            {
                var length = ReadBytes(1)[0];
                if (length >= 0xC0)
                {
                    var to = ((length & 0x3F) << 8) | ReadBytes(1)[0];
                    end = end < 0 ? at : end;

                    // Further back each time: there is no circle.
                    if (to >= from)
                    {
                        throw new FormatException("a name points ahead, or at itself");
                    }

                    (at, from) = (to, to);
                    continue;
                }

                total += length + 1;
                if (length > DnsName.MostLabelBytes || total > DnsName.MostBytes)
                {
                    throw new FormatException("a name or a label is too long");
                }

                if (length == 0)
                {
                    at = end < 0 ? at : end;
                    return new DnsName(labels.ToValueList());
                }

                labels.Add(Encoding.UTF8.GetString(ReadBytes(length)));
            }
        }

        private ushort Two() => BinaryPrimitives.ReadUInt16BigEndian(ReadBytes(2));

        private void Skip(int count) => ReadBytes(count);

        private ReadOnlySpan<byte> ReadBytes(int count)
        {
            if (count > message.Length - at)
            {
                throw new FormatException("it ends in the middle");
            }

            var taken = message.Slice(at, count);
            at += count;
            return taken;
        }
    }
}
