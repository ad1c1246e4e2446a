using System.Net.Http.Headers;
using System.Xml;

namespace GridServices.Benchmarks.OpenAdrPoll;

/// <summary>
/// The yardstick: an oadrPoll that HttpClient sends and XmlTextReader reads, one after the other in this process, and nothing else. No state, no journal, no rules,
/// no schedule: what any VEN on .NET pays at least.
/// </summary>
internal static class BarePolls
{
    private const string Poll = """
        <?xml version="1.0" encoding="utf-8"?><oadrPayload xmlns="http://openadr.org/oadr-2.0b/2012/07"><oadrSignedObject><oadrPoll
        d3p1:schemaVersion="2.0b" xmlns:d3p1="http://docs.oasis-open.org/ns/energyinterop/201110"><d3p1:venID>bare</d3p1:venID></oadrPoll></oadrSignedObject></oadrPayload>
        """;

    /// <summary>For each poll of the window, after a warm-up as long.</summary>
    public static async Task<Yardstick> MeasureAsync(Uri vtn, TimeSpan window)
    {
        using var http = new HttpClient();
        var endpoint = new Uri($"{vtn}/OadrPoll");
        await PollAsync(http, endpoint, window);
        var before = Environment.CpuUsage.TotalTime;
        var count = await PollAsync(http, endpoint, window);
        return new Yardstick((Environment.CpuUsage.TotalTime - before).TotalMilliseconds / count, window.TotalMilliseconds / count);
    }

    private static async Task<int> PollAsync(HttpClient http, Uri endpoint, TimeSpan window)
    {
        var (count, clock) = (0, System.Diagnostics.Stopwatch.StartNew());
        for (; clock.Elapsed < window; count++)
        {
            using var content = new StringContent(Poll, new MediaTypeHeaderValue("application/xml"));
            using var answer = await http.PostAsync(endpoint, content);
            using var reader = new XmlTextReader(await answer.Content.ReadAsStreamAsync()) { DtdProcessing = DtdProcessing.Prohibit };
            while (reader.Read())
            {
            }
        }

        return count;
    }
}

/// <summary>What figures are told beside, in milliseconds.</summary>
/// <param name="CpuMs">CPU of a bare poll.</param>
/// <param name="ClockMs">Its time from sending to the last byte.</param>
internal sealed record Yardstick(double CpuMs, double ClockMs);
