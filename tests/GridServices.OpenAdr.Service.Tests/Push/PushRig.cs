using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Client.Access;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.OpenAdr.Service.Tests.Transport;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Push;

/// <summary>The service with its push listener, and a VTN that pushes over mutual TLS, both with certificates of one authority.</summary>
internal sealed class PushRig : IAsyncDisposable
{
    public const string EventPath = "/OpenADR2/Simple/2.0b/EiEvent";
    private readonly int _port;

    private PushRig(PrivatePki pki, VenRig rig, int port) => (Pki, Rig, _port) = (pki, rig, port);

    public PrivatePki Pki { get; }

    public VenRig Rig { get; }

    public Vtn Vtn => Rig.Vtn;

    public string Address => $"https://localhost:{_port}";

    public static Task<PushRig> StartAsync(params string[] vtnOptions) => StartAsync(null, "ven-1.pem", vtnOptions);

    /// <param name="clock">What the service takes for the time; null: the time.</param>
    /// <param name="listenersCertificate">The listener's file in the folder of the authority; need not be there.</param>
    /// <param name="vtnOptions">Besides.</param>
    public static async Task<PushRig> StartAsync(IClock? clock, string listenersCertificate, params string[] vtnOptions)
    {
        var pki = new PrivatePki();
        foreach (var name in new[] { "localhost", "ven-1" })
        {
            using var certificate = pki.Issue(name);
            pki.Write(name + ".pem", certificate);
        }

        var (port, own) = (FreePort(), Path.Combine(pki.Folder, listenersCertificate));
        var rig = await VenRig.StartAsync(
            [$"--Push:Listen=127.0.0.1:{port}", $"--Push:Certificate={own}", "--Push:MaxBodyBytes=20000"], clock, [.. VtnOptions(pki), .. vtnOptions]);
        return new PushRig(pki, rig, port);
    }

    public static string[] VtnOptions(PrivatePki pki)
    {
        var own = Path.Combine(pki.Folder, "localhost.pem");
        return ["--https", "127.0.0.1:0", "--cert", own, "--key", own, "--ca", pki.BundlePath];
    }

    /// <summary>A VEN that is pushed to.</summary>
    public JsonObject Config(string name = "site-1", string prefix = "", Vtn? vtn = null)
    {
        var config = VenRig.Config((vtn ?? Vtn).HttpsUrl!);
        (config["venName"], config["siteId"]) = (name, name);
        (config["transport"], config["transportAddress"]) = ("push", Address + prefix);
        config["profile"] = new JsonObject { ["clientCertificate"] = Path.Combine(Pki.Folder, "ven-1.pem"), ["trustedRoots"] = Pki.BundlePath };
        return config;
    }

    public async Task RegisterAsync(string name = "site-1", JsonObject? config = null, bool isPushed = true)
    {
        await Rig.PutAsync($"/v1/vens/{name}", config ?? Config(name));
        await VenRig.UntilAsync(async () => (await Rig.GetAsync($"/v1/vens/{name}"))["condition"]!, c => c["registrationId"] is not null && c["owed"]!.GetValue<int>() == 0);

        // What the VTN says at a registration comes by push, later: one that is accepted hides what was refused before it.
        await VenRig.UntilAsync(() => Vtn.GetAsync("/sim/vens"), vens => !isPushed || vens.All(v => v!["queued"]!.GetValue<int>() == 0));
    }

    /// <summary>A caller with this certificate; null: with none.</summary>
    public HttpClient Caller(X509Certificate2? certificate) => new(new ConnectionFaultHandler(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Issuer == "CN=Test root",
        },
    }))
    { BaseAddress = new Uri(Address) };

    /// <summary>A caller who is the VTN by its certificate.</summary>
    public HttpClient VtnCaller()
    {
        using var certificate = Pki.Issue("localhost");
        return Caller(X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null));
    }

    public static ByteArrayContent Xml(string text)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/xml");
        return content;
    }

    public static string Message(string name, string content) =>
        $"""<oadr:{name} xmlns:oadr="http://openadr.org/oadr-2.0b/2012/07" xmlns:ei="http://docs.oasis-open.org/ns/energyinterop/201110" """
        + $"""xmlns:pyld="http://docs.oasis-open.org/ns/energyinterop/201110/payloads" ei:schemaVersion="2.0b">{content}</oadr:{name}>""";

    public static string NoEvents(string vtnId, string requestId = "d-1") =>
        Message("oadrDistributeEvent", $"<pyld:requestID>{requestId}</pyld:requestID><ei:vtnID>{vtnId}</ei:vtnID>");

    public async ValueTask DisposeAsync()
    {
        await Rig.DisposeAsync();
        Pki.Dispose();
    }

    /// <summary>Of the tests' own: one that the system draws may be another program's before the listener begins, or while it is stopped.</summary>
    public static int FreePort() => GridServices.Testing.TestPorts.Next();
}
