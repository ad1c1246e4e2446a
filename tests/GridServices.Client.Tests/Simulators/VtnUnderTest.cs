using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using GridServices.Simulators.Vtn;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;

namespace GridServices.Client.Tests.Simulators;

/// <summary>A running simulated VTN, and a VEN made of raw XML.</summary>
internal sealed class VtnUnderTest : IAsyncDisposable
{
    public static readonly XNamespace Oadr = "http://openadr.org/oadr-2.0b/2012/07", Ei = "http://docs.oasis-open.org/ns/energyinterop/201110";
    private static readonly XNamespace Pyld = "http://docs.oasis-open.org/ns/energyinterop/201110/payloads";
    private readonly WebApplication app;

    private VtnUnderTest(WebApplication app)
    {
        this.app = app;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.First(u => u.StartsWith("http:", StringComparison.Ordinal))), Timeout = Until.Ceiling };
    }

    public HttpClient Http { get; }

    public IEnumerable<string> Urls => app.Urls;

    public string VenId { get; private set; } = "";

    public static async Task<VtnUnderTest> StartAsync(params string[] more)
    {
        var built = VtnApp.Build(["--http", "127.0.0.1:0", "--quiet", .. more]);
        await built.StartAsync();
        return new VtnUnderTest(built);
    }

    public async Task<XElement> RegisterAsync(string name = "site-1")
    {
        var reply = await SayAsync("EiRegisterParty", Root(
            "oadrCreatePartyRegistration", new XElement(Pyld + "requestID", "r1"), new XElement(Oadr + "oadrProfileName", "2.0b"),
            new XElement(Oadr + "oadrTransportName", "simpleHttp"), new XElement(Oadr + "oadrReportOnly", false), new XElement(Oadr + "oadrXmlSignature", false),
            new XElement(Oadr + "oadrVenName", name), new XElement(Oadr + "oadrHttpPullModel", true)));
        VenId = reply.Descendants(Ei + "venID").Single().Value;
        return reply;
    }

    public Task<XElement> PollAsync() => SayAsync("OadrPoll", Root("oadrPoll", new XElement(Ei + "venID", VenId)));

    public Task<XElement> RequestEventAsync() => SayAsync("EiEvent", Root(
        "oadrRequestEvent", new XElement(Pyld + "eiRequestEvent", new XElement(Pyld + "requestID", "r2"), new XElement(Ei + "venID", VenId))));

    public Task<XElement> OptInAsync(string requestId, string eventId, long modification) => SayAsync("EiEvent", Root(
        "oadrCreatedEvent",
        new XElement(
            Pyld + "eiCreatedEvent",
            new XElement(Ei + "eiResponse", new XElement(Ei + "responseCode", 200), new XElement(Pyld + "requestID")),
            new XElement(
                Ei + "eventResponses",
                new XElement(
                    Ei + "eventResponse", new XElement(Ei + "responseCode", 200), new XElement(Pyld + "requestID", requestId),
                    new XElement(Ei + "qualifiedEventID", new XElement(Ei + "eventID", eventId), new XElement(Ei + "modificationNumber", modification)),
                    new XElement(Ei + "optType", "optIn"))),
            new XElement(Ei + "venID", VenId))));

    /// <summary>The message of the reply, unwrapped.</summary>
    public async Task<XElement> SayAsync(string service, XElement message) => Unwrap(await SendAsync(service, message));

    public async Task<byte[]> SendAsync(string service, XElement message)
    {
        using var response = await PostAsync(service, message);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
        Assert.Equal("application/xml", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadAsByteArrayAsync();
    }

    public Task<HttpResponseMessage> PostAsync(string service, XElement message) => Http.PostAsync(
        $"/OpenADR2/Simple/2.0b/{service}",
        new ByteArrayContent(Encoding.UTF8.GetBytes(new XElement(Oadr + "oadrPayload", new XElement(Oadr + "oadrSignedObject", message)).ToString())) { Headers = { ContentType = new("application/xml") } });

    public async Task<JsonNode> SimAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body switch { null => null, byte[] raw => new ByteArrayContent(raw), _ => new ByteArrayContent(Encoding.UTF8.GetBytes(body as string ?? ToJson(body))) },
        };
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public Task<JsonNode> SimAsync(string path, object? body = null) => SimAsync(HttpMethod.Post, path, body);

    public async Task<JsonArray> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonArray>(path))!;

    public static XElement Unwrap(byte[] bytes)
    {
        var root = Load(bytes);
        return root.Name == Oadr + "oadrPayload" ? root.Element(Oadr + "oadrSignedObject")!.Elements().Single() : root;
    }

    public static XElement Load(byte[] bytes)
    {
        using var reader = XmlReader.Create(new MemoryStream(bytes), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        return XElement.Load(reader);
    }

    public static XElement Root(string name, params object[] content) => new(Oadr + name, new XAttribute(Ei + "schemaVersion", "2.0b"), content);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(patience.Token);
        await app.DisposeAsync();
    }

    private static string ToJson(object body) => System.Text.Json.JsonSerializer.Serialize(body);
}
