using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Rig;

/// <summary>
/// A 2030.5 server over plain HTTP that serves a fixed tree of documents, any of which a test may replace by whatever it likes,
/// good or bad; it takes every POST and PUT and remembers all that was asked.
/// </summary>
internal sealed class TreeServer : IAsyncDisposable
{
    public const string Lfdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";
    private const string Ns = "xmlns=\"urn:ieee:std:2030.5:ns\" xmlns:csipaus=\"https://csipaus.org/ns\"";
    private readonly WebApplication _app;
    private readonly IClock _clock;

    private TreeServer(WebApplication app, IClock clock) => (_app, _clock) = (app, clock);

    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>Path → document; served as application/sep+xml.</summary>
    public ConcurrentDictionary<string, string> Documents { get; } = new(StringComparer.Ordinal);

    /// <summary>Path → whatever; goes before <see cref="Documents"/>.</summary>
    public ConcurrentDictionary<string, RequestDelegate> Scripts { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<(string Method, string Path, string Body, Instant At)> Requests { get; } = new();

    /// <summary>Every request is answered 500.</summary>
    public bool IsOut { get; set; }

    private long Now => _clock.GetCurrentInstant().ToUnixTimeSeconds();

    public static async Task<TreeServer> StartAsync(IClock? clock = null, int pollRate = 1, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var server = new TreeServer(app, clock ?? SystemClock.Instance);
        server.Plant(pollRate);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        server.Url = new Uri(app.Urls.First());
        return server;
    }

    /// <summary>A DERControl in XML.</summary>
    public string Control(string mRid, string modes, long startIn, long duration, int status = 0, string more = "") => $"""
        <DERControl href="/derp/1/derc/{mRid}" replyTo="/rsps/1/rsp" responseRequired="03"><mRID>{mRid}</mRID><description>test</description><creationTime>{Now - 100}</creationTime>
        <EventStatus><currentStatus>{status}</currentStatus><dateTime>{Now - 100}</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus>
        <interval><duration>{duration}</duration><start>{Now + startIn}</start></interval>{more}<DERControlBase>{modes}</DERControlBase></DERControl>
        """;

    public static string Limit(string mode, int watts) => $"<csipaus:{mode}><multiplier>0</multiplier><value>{watts}</value></csipaus:{mode}>";

    /// <summary>Puts these controls into the list of the one program.</summary>
    public void Issue(params string[] controls) => Documents["/derp/1/derc"] =
        $"<DERControlList {Ns} href=\"/derp/1/derc\" subscribable=\"1\" all=\"{controls.Length}\" results=\"{controls.Length}\">{string.Concat(controls)}</DERControlList>";

    public void Default(string modes) => Documents["/derp/1/dderc"] =
        $"<DefaultDERControl {Ns} href=\"/derp/1/dderc\"><mRID>DDDD0000000000000000000000000001</mRID><DERControlBase>{modes}</DERControlBase><setGradW>27</setGradW></DefaultDERControl>";

    public IEnumerable<string> Responses => Requests.Where(r => r is { Method: "POST", Path: "/rsps/1/rsp" }).Select(r => r.Body);

    public IEnumerable<string> GetStatuses(string mRid) => Responses.Where(b => b.Contains(mRid, StringComparison.OrdinalIgnoreCase))
        .Select(b => b.Split("status>")[1].Split('<')[0]);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private void Plant(int pollRate)
    {
        Documents["/dcap"] = $"<DeviceCapability {Ns} href=\"/dcap\" pollRate=\"{pollRate}\"><MirrorUsagePointListLink href=\"/mup\" all=\"0\"/><EndDeviceListLink href=\"/edev\" all=\"1\"/><TimeLink href=\"/tm\"/></DeviceCapability>";
        Documents["/edev"] = $"""
            <EndDeviceList {Ns} href="/edev" all="1" results="1" pollRate="{pollRate}"><EndDevice href="/edev/1"><DERListLink href="/edev/1/der" all="1"/><lFDI>{Lfdi}</lFDI><sFDI>167261211391</sFDI>
            <changedTime>{Now}</changedTime><enabled>true</enabled><FunctionSetAssignmentsListLink href="/edev/1/fsa" all="1"/><RegistrationLink href="/edev/1/rg"/></EndDevice></EndDeviceList>
            """;
        Documents["/edev/1/rg"] = $"<Registration {Ns} href=\"/edev/1/rg\"><dateTimeRegistered>{Now}</dateTimeRegistered><pIN>111115</pIN></Registration>";
        Documents["/edev/1/der"] = $"<DERList {Ns} href=\"/edev/1/der\" all=\"1\" results=\"1\" pollRate=\"{pollRate}\"><DER href=\"/edev/1/der/1\"><DERCapabilityLink href=\"/edev/1/der/1/dercap\"/><DERSettingsLink href=\"/edev/1/der/1/derg\"/><DERStatusLink href=\"/edev/1/der/1/ders\"/></DER></DERList>";
        Documents["/edev/1/fsa"] = $"<FunctionSetAssignmentsList {Ns} href=\"/edev/1/fsa\" all=\"1\" results=\"1\" pollRate=\"{pollRate}\"><FunctionSetAssignments href=\"/edev/1/fsa/1\"><DERProgramListLink href=\"/derp\" all=\"1\"/><mRID>FFFF0000000000000000000000000001</mRID></FunctionSetAssignments></FunctionSetAssignmentsList>";
        Documents["/derp"] = $"<DERProgramList {Ns} href=\"/derp\" all=\"1\" results=\"1\" pollRate=\"{pollRate}\"><DERProgram href=\"/derp/1\"><mRID>AAAA0000000000000000000000000001</mRID><description>DOE</description><DefaultDERControlLink href=\"/derp/1/dderc\"/><DERControlListLink href=\"/derp/1/derc\" all=\"0\"/><primacy>1</primacy></DERProgram></DERProgramList>";
        Documents["/mup"] = $"<MirrorUsagePointList {Ns} href=\"/mup\" all=\"0\" results=\"0\" pollRate=\"{pollRate}\"/>";
        Default(Limit("opModExpLimW", 1500));
        Issue();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var path = http.Request.Path.Value!;
        Requests.Enqueue((http.Request.Method, path + http.Request.QueryString, await reader.ReadToEndAsync(), SystemClock.Instance.GetCurrentInstant()));
        if (IsOut)
        {
            http.Response.StatusCode = 500;
        }
        else if (Scripts.TryGetValue(path, out var script))
        {
            await script(http);
        }
        else if (http.Request.Method is "POST" or "PUT")
        {
            http.Response.StatusCode = http.Request.Method == "POST" ? 201 : 204;
            http.Response.Headers.Location = http.Request.Method == "POST" ? $"{path}/{Requests.Count}" : default;
        }
        else if (path == "/tm")
        {
            await WriteAsync(http, $"<Time {Ns} href=\"/tm\"><currentTime>{Now}</currentTime><dstEndTime>0</dstEndTime><dstOffset>0</dstOffset><dstStartTime>0</dstStartTime><quality>4</quality><tzOffset>0</tzOffset></Time>");
        }
        else if (Documents.TryGetValue(path, out var document))
        {
            await WriteAsync(http, document);
        }
        else
        {
            http.Response.StatusCode = 404;
        }
    }

    private static Task WriteAsync(HttpContext http, string document)
    {
        http.Response.ContentType = "application/sep+xml";
        return http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(document)).AsTask();
    }
}
