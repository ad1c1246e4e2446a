using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests.Hostile;

public sealed class HttpRawTests
{
    /// <summary>How long a line that was answered is watched for a second answer.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Exact_bytes_of_the_collection_are_refused_once_and_leave_the_hub_well()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var wrong = new StringBuilder();
        var cases = HostileFile.ReadAll("http-raw");
        Assert.True(cases.Count >= 12, $"only {cases.Count} cases");

        // The slow ones wait for the server's own timeouts: all at once.
        var answers = await Task.WhenAll(cases.Select(file => SendAsync(hub, Adapt(HostileFile.Read(file.File), hub))));
        foreach (var (file, answer) in cases.Zip(answers))
        {
            var statuses = Regex.Matches(answer, @"^HTTP/1\.1 (?<status>\d{3})", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromMinutes(1)).Select(match => int.Parse(match.Groups["status"].Value)).ToList();
            if (statuses.Count > 1 || statuses.Any(status => !Allowed(file.Id).Contains(status)) || (statuses.Count == 0 && !MayJustClose(file.Id)))
            {
                wrong.AppendLine($"{file.Id} ({file.Title}): {string.Join(",", statuses)} {answer[..Math.Min(answer.Length, 200)]}");
            }
        }

        Assert.True(wrong.Length == 0, wrong.ToString());
        Assert.Single(await hub.PublishAsync(Some.Envelope()));
    }

    private static int[] Allowed(string id) => id switch
    {
        "HR-002" => [400, 501],
        "HR-004" => [413],
        "HR-005" => [431],
        "HR-006" => [414, 400],
        "HR-008" => [405, 501],
        "HR-009" => [415, 413],
        "HR-010" => [415, 406],
        "HR-011" or "HR-012" => [408, 400],
        _ => [400],
    };

    private static bool MayJustClose(string id) => id is "HR-001" or "HR-002" or "HR-011" or "HR-012";

    // The collection was written for the OpenADR endpoint: same bytes, the hub's path, media type and a token.
    private static byte[] Adapt(byte[] raw, HubUnderTest hub) => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(raw)
        .Replace("/openadr/OpenADR2/Simple/2.0b/EiEvent", "/v1/envelopes", StringComparison.Ordinal)
        .Replace("Content-Type: application/xml", "Content-Type: application/json", StringComparison.Ordinal)
        .Replace("Host: localhost\r\n", $"Host: localhost\r\nAuthorization: Bearer {hub.Tokens.Publisher}\r\n", StringComparison.Ordinal));

    private static async Task<string> SendAsync(HubUnderTest hub, byte[] bytes)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var until = Until.Deadline();
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, hub.App.Address.Port));
        var answer = new StringBuilder();
        try
        {
            await socket.SendAsync(bytes, until.Token);
            var buffer = new byte[16384];
            while (await socket.ReceiveAsync(buffer, until.Token) is > 0 and var read)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
                until.CancelAfter(Quiet);
            }
        }
        catch (Exception closed) when (closed is SocketException or OperationCanceledException)
        {
            // Cut by the server, or kept alive after its one answer.
            Assert.False(until.IsCancellationRequested && answer.Length == 0, $"neither answered nor closed: {Encoding.Latin1.GetString(bytes[..Math.Min(60, bytes.Length)])}");
        }

        return answer.ToString();
    }
}
