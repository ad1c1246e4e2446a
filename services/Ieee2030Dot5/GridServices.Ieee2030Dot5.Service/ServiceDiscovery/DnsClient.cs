using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using GridServices.Ieee2030Dot5.ServiceDiscovery;

namespace GridServices.Ieee2030Dot5.Service.ServiceDiscovery;

/// <summary>Asks DNS over UDP: a server of it, or by multicast whoever is in the network.</summary>
/// <param name="at">Where the questions go.</param>
/// <param name="isMulticast">True: many may answer, each from its own address, for as long as we wait.</param>
internal sealed class DnsClient(IPEndPoint at, bool isMulticast)
{
    private const int MulticastPort = 5353;
    private const int MostAnswers = 256;
    private const int MostRecords = 2_048;

    // RFC 6762 3 for local; IEEE 2030.5-2018 7.7 for site (xmDNS), which reaches through the home area network.
    private static readonly IPEndPoint Local4 = new(IPAddress.Parse("224.0.0.251"), MulticastPort);
    private static readonly IPEndPoint Local6 = new(IPAddress.Parse("ff02::fb"), MulticastPort);
    private static readonly IPEndPoint Site6 = new(IPAddress.Parse("ff05::fb"), MulticastPort);

    /// <summary>The ways to a domain; empty: no DNS server is known.</summary>
    public static IReadOnlyList<DnsClient> To(string domain, IPEndPoint? resolver)
    {
        if (IsDomain(domain, "local"))
        {
            return [new DnsClient(Local4, isMulticast: true), new DnsClient(Local6, isMulticast: true)];
        }

        return IsDomain(domain, "site") ? [new DnsClient(Site6, isMulticast: true)]
            : (resolver ?? Machines()) is { } at ? [new DnsClient(at, isMulticast: false)] : [];
    }

    /// <summary>What is answered while we wait; nothing where the network is not there.</summary>
    public async Task<IReadOnlyList<DnsRecord>> QueryAsync(IReadOnlyList<(DnsName Name, DnsKind Kind)> questions, TimeSpan wait, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(wait);
        var records = new List<DnsRecord>();
        try
        {
            using var socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            var open = new HashSet<ushort>();
            foreach (var (name, kind) in questions)
            {
                var id = (ushort)RandomNumberGenerator.GetInt32(1, ushort.MaxValue + 1);
                open.Add(id);
                await socket.SendToAsync(DnsQuery.Write(id, name, kind, isMulticast), at, deadline.Token);
            }

            await ReceiveAsync(socket, open, records, deadline.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // Silence, and a network that is not there, are the usual end.
        }

        return records;
    }

    private async Task ReceiveAsync(Socket socket, HashSet<ushort> open, List<DnsRecord> records, CancellationToken ct)
    {
        var buffer = new byte[DnsReader.MostBytes + 1];
        var anybody = new IPEndPoint(at.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        for (var answers = 0; answers < MostAnswers && open.Count > 0; answers++)
        {
            var received = await socket.ReceiveFromAsync(buffer, anybody, ct);

            // Who was not asked is not heard; by multicast whoever answers to our question was.
            if ((!isMulticast && !received.RemoteEndPoint.Equals(at)) || DnsReader.Read(buffer.AsSpan(0, received.ReceivedBytes), out _) is not { } answer || !open.Contains(answer.Id))
            {
                continue;
            }

            records.AddRange(answer.Records.Take(MostRecords - records.Count));
            if (!isMulticast)
            {
                open.Remove(answer.Id);
            }
        }
    }

    private static IPEndPoint? Machines() => NetworkInterface.GetAllNetworkInterfaces().Where(i => i.OperationalStatus == OperationalStatus.Up)
        .SelectMany(i => i.GetIPProperties().DnsAddresses).Select(a => new IPEndPoint(a, 53)).FirstOrDefault();

    private static bool IsDomain(string domain, string which) => string.Equals(domain.TrimEnd('.'), which, StringComparison.OrdinalIgnoreCase);
}
