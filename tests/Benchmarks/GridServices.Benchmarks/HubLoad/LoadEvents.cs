using System.Net.Http.Headers;
using System.Text;

namespace GridServices.Benchmarks.HubLoad;

/// <summary>Events of about 800 bytes, like those of an OpenADR program; the limit carries the microsecond they were due.</summary>
internal static class LoadEvents
{
    public static string Create(string site, long revision, long dueMicroseconds) =>
        $$$$"""
        {"specversion":"1.0","id":"{{{{site}}}}-{{{{revision}}}}","source":"/gridservices/load/1","type":"gridservices.envelope.published.v1","subject":"tenants/default/sites/{{{{site}}}}","time":"2027-01-15T18:00:00Z","datacontenttype":"application/json","data":{"envelopeId":"{{{{Guid.CreateVersion7()}}}}","revision":{{{{revision}}}},"siteId":"{{{{site}}}}","target":{"kind":"site","id":"{{{{site}}}}"},"stream":{"service":"openadr","key":"PROG7"},"tier":"contractual","obligation":"mandatory","segments":[{"from":"2027-01-15T20:00:00Z","until":"2027-01-15T21:00:00Z","limits":{"importLimitW":{{{{dueMicroseconds}}}}},"cause":{"eventId":"e17","modification":0,"receivedAt":"2027-01-15T18:00:00Z"}}],"failsafe":{"staleAfter":"PT2M","onStale":"holdSchedule","minDuration":"PT2H"},"provenance":{"protocol":"OpenADR 2.0b","authority":"VTN-1","program":"http://utility.example/dr"}}}
        """;

    public static ByteArrayContent Content(string json, bool batch)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
        content.Headers.ContentType = new MediaTypeHeaderValue(batch ? "application/cloudevents-batch+json" : "application/cloudevents+json");
        return content;
    }

    public static HttpClient Publisher(HubProcess hub)
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = new Uri($"http://{hub.EndPoint}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", HubProcess.Token);
        return client;
    }
}
