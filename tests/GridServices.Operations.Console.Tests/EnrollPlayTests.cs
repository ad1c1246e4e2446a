using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Auth;
using GridServices.OpenAdr.Service;
using GridServices.Operations.Access;
using GridServices.Simulators.SiteController;
using GridServices.Simulators.Vtn;
using GridServices.Simulators.Vtn.Pki;
using GridServices.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Playwright;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

/// <summary>A site from its registration to an active enrollment, with a utility that knows its VENs by certificate.</summary>
[Collection(BrowserTests.Name)]
public sealed class EnrollPlayTests(Browser browser)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Play_1_a_site_with_a_wrong_certificate_becomes_active_by_following_the_advice()
    {
        await using var land = await Land.StartAsync(browser);
        var console = land.Console;
        await console.AddUserAsync(UserRole.Admin);
        await Samples.SiteAsync(console);
        await Samples.MeterAsync(console, "depot-1");
        var page = await console.SignedInAsync("admin");
        var id = await EnrollAsync(page, land);

        // The certificate is of another authority than the utility's.
        await InstallAsync(page, land.Issue("other-ca", await page.Locator("#csr").InnerTextAsync()));
        await page.GotoAsync($"/enrollments/{id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mark as submitted" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "The utility accepted" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up at the services" }).ClickAsync();
        await Assertions.Expect(page.Locator("#readiness")).ToContainTextAsync("has not registered the site yet");
        await Axe.NoViolationsAsync(page);
        // The doctor is asked anew for each page: one that took its time is no advice yet.
        await Until.HoldsAsync(
            async () =>
            {
                await page.GotoAsync($"/enroll/{id}/identity");
                return await page.Locator("main").TextContentAsync();
            },
            text => text!.Contains("is not below the utility's root \"CN=GridServices test CA\"", StringComparison.Ordinal));
        await Axe.NoViolationsAsync(page);

        // The advice: a certificate of the utility's authority.
        await page.GotoAsync("/certificates");
        await page.GetByRole(AriaRole.Button, new() { Name = "Renew" }).ClickAsync();
        await InstallAsync(page, land.Issue("ca", await page.Locator("pre[id^=csr-]").InnerTextAsync()));
        await page.GotoAsync($"/enroll/{id}/identity");
        await page.Locator("[id='identity.certificateId']").SelectOptionAsync(await NewestAsync(page));
        await page.GetByRole(AriaRole.Button, new() { Name = "Save and leave" }).ClickAsync();
        await Assertions.Expect(page.Locator("#readiness")).Not.ToContainTextAsync("has not registered the site yet");

        // The site's controller comes, and a test limit reaches it.
        await land.StartControllerAsync();
        await Assertions.Expect(page.Locator("#readiness")).Not.ToContainTextAsync("No site controller");
        await Assertions.Expect(page.Locator("#readiness")).Not.ToContainTextAsync("No measured power");
        await Assertions.Expect(page.Locator("#readiness")).ToContainTextAsync("No test has been run");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test limit" }).ClickAsync();
        await Assertions.Expect(page.Locator("#state")).ToContainTextAsync("Active");
        await Axe.NoViolationsAsync(page);

        // The utility calls; what it sent is shown with its time and SHA-256.
        await land.CallAsync("e-one");
        await page.GotoAsync("/events");
        await page.Locator("#events a").First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Raw messages" }).ClickAsync();
        await Assertions.Expect(page.Locator("details").First).ToContainTextAsync("SHA-256");
        await Assertions.Expect(page.Locator("details", new() { HasText = "oadrDistributeEvent" }).First).ToContainTextAsync("e-one");
        await Axe.NoViolationsAsync(page);
    }

    /// <summary>The wizard up to the request for a certificate.</summary>
    private static async Task<string> EnrollAsync(IPage page, Land land)
    {
        await page.GotoAsync("/enroll?program=OPENADR-PLAIN&site=depot-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save and go on" }).ClickAsync();
        foreach (var (field, kilowatts) in new[] { ("peakDemandKw", "100"), ("levelOneKw", "60"), ("levelTwoKw", "30"), ("levelThreeKw", "10") })
        {
            await page.Locator($"[id='answers.{field}']").FillAsync(kilowatts);
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Save and go on" }).ClickAsync();
        await page.GetByLabel("VTN URL").FillAsync(land.VtnUrl);
        await page.GetByLabel("root certificates").FillAsync(land.Roots);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a key and a request" }).ClickAsync();
        await Assertions.Expect(page.Locator("#csr")).ToContainTextAsync("BEGIN CERTIFICATE REQUEST");
        return new Uri(page.Url).Segments[2].TrimEnd('/');
    }

    private static async Task InstallAsync(IPage page, string pem)
    {
        await page.GotoAsync("/certificates");
        await page.Locator("textarea[name=pem]").FillAsync(pem);
        await page.GetByRole(AriaRole.Button, new() { Name = "Install" }).ClickAsync();
        await Assertions.Expect(page.Locator("textarea[name=pem]")).ToHaveCountAsync(0);
    }

    private static async Task<string> NewestAsync(IPage page) =>
        (await page.Locator("[id='identity.certificateId'] option").EvaluateAllAsync<string[]>("options => options.map(o => o.value)")).Max(StringComparer.Ordinal)!;

    /// <summary>A utility with mutual TLS, the hub, the OpenAdr service and the console, and later the site's controller.</summary>
    private sealed class Land : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly string _pki;
        private readonly WebApplication _vtn;
        private readonly ServiceApp _hub;
        private readonly ServiceApp _openAdr;
        private Task _controller = Task.CompletedTask;

        private Land(string pki, WebApplication vtn, ServiceApp hub, ServiceApp openAdr, ConsoleService console) => (_pki, _vtn, _hub, _openAdr, Console) = (pki, vtn, hub, openAdr, console);

        internal ConsoleService Console { get; }

        internal string VtnUrl => _vtn.Urls.First(url => url.StartsWith("https", StringComparison.Ordinal)).TrimEnd('/') + "/OpenADR2/Simple/2.0b";

        internal string Roots => File.ReadAllText(Path.Combine(_pki, "ca.crt"));

        internal static async Task<Land> StartAsync(Browser browser)
        {
            var pki = TestFolders.Create();
            TestPki.Make(pki, SystemClock.Instance.GetCurrentInstant());
            var vtn = VtnApp.Build(["--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--cert", $"{pki}/vtn-ec.crt", "--key", $"{pki}/vtn-ec.key", "--ca", $"{pki}/ca.crt", "--quiet", "--poll-freq", "PT1S"]);
            await vtn.StartAsync(Ct);
            var hub = await ServiceApp.StartAsync(EnvelopeHubApp.Build);
            var openAdr = await ServiceApp.StartAsync(OpenAdrApp.Build, null, $"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}");
            var console = await ConsoleService.StartAsync(
                browser, null, $"--Hub:Url={hub.Address}", $"--Hub:Token={hub.Tokens.Publisher}", $"--Services:EnvelopeHub:Url={hub.Address}", $"--Services:EnvelopeHub:Token={hub.Tokens.Operator}",
                $"--Services:OpenAdr:Url={openAdr.Address}", $"--Services:OpenAdr:Token={openAdr.Tokens.Operator}", "--Watch:Every=00:00:00.200");
            return new Land(pki, vtn, hub, openAdr, console);
        }

        /// <summary>What an authority makes of a request.</summary>
        internal string Issue(string authority, string csr)
        {
            using var ca = X509Certificate2.CreateFromPemFile(Path.Combine(_pki, authority + ".crt"), Path.Combine(_pki, authority + ".key"));
            var request = CertificateRequest.LoadSigningRequestPem(csr.Trim(), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            using var key = ca.GetRSAPrivateKey()!;
            using var issued = request.Create(ca.SubjectName, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), new DateTimeOffset(ca.NotBefore), new DateTimeOffset(ca.NotAfter).AddDays(-1), RandomNumberGenerator.GetBytes(12));
            return issued.ExportCertificatePem();
        }

        internal async Task CallAsync(string eventId)
        {
            using var http = new HttpClient { BaseAddress = new Uri(_vtn.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal))) };
            using var content = new StringContent(
                $$"""{ "eventId": "{{eventId}}", "marketContext": "http://utility.example/dr", "start": "+PT1H", "signals": [ { "name": "SIMPLE", "type": "level", "intervals": [ { "duration": "PT1H", "value": 1 } ] } ] }""",
                System.Text.Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri("/sim/events", UriKind.Relative), content, Ct);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
        }

        internal async Task StartControllerAsync()
        {
            var token = await _hub.AddTokenAsync("depot-1-controller", Role.Controller, sites: ["depot-1"]);
            var program = new SiteProgram(new ControllerOptions { Hub = _hub.Address, Token = token, SiteId = "depot-1", LoadW = 50_000, TelemetrySeconds = 1 }, TextWriter.Null);
            _controller = RunAsync(program);
        }

        private async Task RunAsync(SiteProgram program)
        {
            using (program)
            {
                await program.RunAsync(_stop.Token);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _controller;
            await Console.DisposeAsync();
            await _openAdr.DisposeAsync();
            await _hub.DisposeAsync();
            await _vtn.StopAsync();
            await _vtn.DisposeAsync();
            _stop.Dispose();
            TestFolders.Remove(_pki);
        }
    }
}
