using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;

namespace GridServices.Ieee2030Dot5.Service.Tests.Notifications;

/// <summary>Who gets in at the notification listener, what is read there and what comes of it: real TLS with the suite of the standard.</summary>
public sealed class NotificationListenerTests(ListenerFixture line) : IClassFixture<ListenerFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_control_is_told_of_over_mutual_tls_without_a_type_and_acts_long_before_it_would_have_been_asked_for() // CSIP-AUS ALL-14, GEN-05
    {
        await line.IssueAsync(4000);

        await line.Rig.HubHasAsync(e => e.Segments.Any(s => s.Limits.ExportLimitW == 4000));
        var told = await ServiceRig.UntilAsync(() => line.UtilityAsync("/sim/notifications"), n => n.AsArray().Any(x => x!["status"]!.GetValue<int>() == 204));
        Assert.All(told.AsArray(), n => Assert.Contains(n!["status"]!.GetValue<int>(), new[] { 204, 503 }));

        // A page leaves out what is being written to disk just then.
        var page = await ServiceRig.UntilAsync(
            () => line.Rig.GetAsync(ServiceRig.Path + "/messages"), m => m["messages"]!.AsArray().Any(r => r!["direction"]!.GetValue<string>() == "received"));
        var received = page["messages"]!.AsArray().Where(m => m!["direction"]!.GetValue<string>() == "received").Select(m => m!["href"]!.GetValue<string>());
        Assert.Equal("/ieee2030-5/notifications", received.Distinct().Single());
        var report = (await line.DoctorAsync())["notifications"]!;
        Assert.True(report["listening"]!.GetValue<bool>());
        Assert.NotNull(report["subscriptions"]!["lastNotificationAt"]);
        Assert.Equal("usual", report["subscriptions"]!["polls"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("device2")] // of the same PKI, another LFDI
    [InlineData("device1")] // our own
    [InlineData("device-other")] // another PKI
    [InlineData("device-self")] // its own
    public async Task Who_is_not_the_clients_server_gets_403_and_its_body_is_not_read(string certificate)
    {
        // Nothing of the body is ever sent: an answer that waited for it would never come.
        await using var stranger = await line.ConnectAsync(certificate, Ct);
        var answer = await AnswerAsync(stranger, $"POST {line.NotificationPath} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        var refused = await ServiceRig.UntilAsync(line.DoctorAsync, d => d["notifications"]!["lastRefused"] is not null);
        Assert.Contains(refused["advice"]!.AsArray(), a => a!.GetValue<string>().Contains("refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_certificate_nobody_gets_through_the_handshake()
    {
        using var nobody = line.Caller(null);
        await Assert.ThrowsAsync<HttpRequestException>(() => nobody.PostAsync(line.NotificationPath, Xml("<x/>"), Ct));

        // Told with its time: one of last week is not the fault of today.
        var report = await ServiceRig.UntilAsync(line.DoctorAsync, d => d["notifications"]!["lastRefusedCaller"] is not null);
        Assert.NotNull(report["notifications"]!["lastRefusedCallerAt"]);
    }

    [Fact]
    public async Task Nothing_else_is_served_there_and_notifications_nowhere_else()
    {
        using var server = line.Caller("server");
        foreach (var path in new[] { "/", "/v1/clients", "/health/ready", "/metrics", "/ieee2030-5/notifications", $"/ieee2030-5/notifications/{new string('0', 48)}" })
        {
            using var answer = await server.GetAsync(path, Ct);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        using (var other = await server.GetAsync(line.NotificationPath, Ct))
        {
            Assert.Equal(HttpStatusCode.MethodNotAllowed, other.StatusCode);
        }

        Assert.Equal(404, (int)(await line.Rig.SendAsync(HttpMethod.Post, line.NotificationPath, "<Notification/>", type: "application/sep+xml")).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_too_long_is_refused_whether_it_says_so_or_not(bool saysLength)
    {
        using var server = line.Caller("server");
        var content = Xml(new string(' ', ListenerFixture.MaxBody + 1));
        using var request = new HttpRequestMessage(HttpMethod.Post, line.NotificationPath) { Content = content };
        request.Headers.TransferEncodingChunked = !saysLength;
        using var answer = await server.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task What_is_neither_xml_nor_said_is_refused_and_gzip_is_unpacked()
    {
        using var server = line.Caller("server");
        using (var json = await server.PostAsync(line.NotificationPath, new StringContent("{}", Encoding.UTF8, "application/json"), Ct))
        {
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
        }

        var packed = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Notification("/edev/1/fsa")), Ct);
        }

        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var taken = await server.PostAsync(line.NotificationPath, content, Ct);
        Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
    }

    [Theory]
    [InlineData("HEAD {0} HTTP/1.1\r\nHost: localhost\r\n\r\n", 405)]
    [InlineData("PUT {0} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405)]
    [InlineData("POST {0} HTTP/1.0\r\nContent-Length: 4\r\n\r\n<x/>", 204)]
    [InlineData("POST {0} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 204)]
    [InlineData("POST {0} HTTP/1.1\r\nHost: elsewhere.example\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<x/>\r\n0\r\n\r\n", 204)]
    [InlineData("POST {0} HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", 204)]
    [InlineData("POST {0} HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n<x/>", 400)]
    [InlineData("POST {0} HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\n<x/>", 415)]
    [InlineData("POST {0}/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n<x/>", 404)]
    public async Task Odd_requests_get_an_answer_and_harm_nothing(string request, int status)
    {
        await using var server = await line.ConnectAsync("server", Ct);
        var answer = await AnswerAsync(server, request.Replace("{0}", line.NotificationPath, StringComparison.Ordinal));
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_storm_over_many_connections_is_taken_or_asked_to_come_again()
    {
        // More than are worked on at once; a hundred handshakes at once may take a busy machine longer than each is given.
        using var server = line.Caller("server", connections: 20);
        var all = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            using var answer = await server.PostAsync(line.NotificationPath, Xml(Notification("/edev/1/fsa")), Ct);
            return answer.StatusCode;
        }));
        Assert.All(all, code => Assert.True(code is HttpStatusCode.NoContent or HttpStatusCode.ServiceUnavailable, $"{code}"));
        Assert.Contains(HttpStatusCode.NoContent, all);
    }

    [Fact]
    public async Task A_sender_that_never_ends_is_cut_off()
    {
        await using var server = await line.ConnectAsync("server", Ct);
        var answer = await AnswerAsync(server, $"POST {line.NotificationPath} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n<Notification");

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
    }

    /// <summary>The head of the answer; empty: the listener hung up without a word.</summary>
    private static async Task<string> AnswerAsync(Stream connection, string request)
    {
        await connection.WriteAsync(Encoding.ASCII.GetBytes(request), Ct);
        var (answer, buffer) = (string.Empty, new byte[4096]);
        try
        {
            while (!answer.Contains("\r\n\r\n", StringComparison.Ordinal) && await connection.ReadAsync(buffer, Ct) is > 0 and var read)
            {
                answer += Encoding.ASCII.GetString(buffer, 0, read);
            }
        }
        catch (IOException)
        {
            // Cut off: what came before counts.
        }

        return answer;
    }

    private static string Notification(string resource) =>
        $"""<Notification xmlns="urn:ieee:std:2030.5:ns"><subscribedResource>{resource}</subscribedResource><status>0</status><subscriptionURI>/edev/1/sub/1</subscriptionURI></Notification>""";

    private static ByteArrayContent Xml(string text)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/sep+xml");
        return content;
    }
}
