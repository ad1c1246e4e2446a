using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Tests.Notify;
using GridServices.Testing;
using Microsoft.Playwright;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

/// <summary>A signer comes by the link in a real mail; all on one service, each test with a site of its own.</summary>
[Collection(BrowserTests.Name)]
public sealed partial class SignerTests(SignerTests.Shared shared, Browser browser) : IClassFixture<SignerTests.Shared>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static BrowserNewContextOptions Phone(bool script) => new() { ViewportSize = new() { Width = 360, Height = 740 }, JavaScriptEnabled = script, Locale = "en-GB" };

    [Fact]
    public async Task Play_18_a_signer_signs_on_a_phone_without_an_account()
    {
        var (console, mail, clock) = await shared.StartAsync(browser);
        var enrollment = await shared.EnrollAsync("quay-1", "José Álvarez", "jose@example.com", "fr");
        Assert.Contains("signature.missing", Codes(enrollment), StringComparison.Ordinal);

        // An enroller sends the link from the enrollment's page.
        var office = await console.SignedInAsync("enroller");
        await office.GotoAsync($"/enrollments/{enrollment["id"]}");
        await office.GetByRole(AriaRole.Button, new() { Name = "Mail the signer a link" }).ClickAsync();
        await Assertions.Expect(office.Locator("#signature")).ToContainTextAsync("waits for the signer: mailed");
        await Axe.NoViolationsAsync(office);
        await Assertions.Expect(office.Locator("#open")).ToContainTextAsync("has a link to sign by");
        var message = await mail.ToAsync("jose@example.com", "/sign/");
        Assert.Equal("Merci de signer", message.Subject);

        // Without script, on a phone, in the contact's language whatever the browser's is.
        var phone = await console.BrowserAsync(Phone(script: false));
        await phone.GotoAsync(ReadLink(message.TextBody));
        await Assertions.Expect(phone.Locator("html")).ToHaveAttributeAsync("lang", "fr");
        await Assertions.Expect(phone.Locator("#terms")).ToContainTextAsync("quay 1 (quay-1)");
        await Assertions.Expect(phone.Locator("#terms")).ToContainTextAsync("Signed programme");
        await Pages.ShootAsync(phone, "sign");
        await phone.Locator("#name").FillAsync("Somebody Else");
        await phone.GetByRole(AriaRole.Button, new() { Name = "Signer", Exact = true }).ClickAsync();
        await Assertions.Expect(phone.GetByRole(AriaRole.Alert)).ToContainTextAsync("José Álvarez");
        await phone.Locator("#name").FillAsync("josé  álvarez");
        await phone.GetByRole(AriaRole.Button, new() { Name = "Signer", Exact = true }).ClickAsync();
        await Assertions.Expect(phone.GetByRole(AriaRole.Status)).ToContainTextAsync("Vous avez signé");

        var signed = await shared.GetAsync($"/v1/enrollments/{enrollment["id"]}");
        Assert.Equal("readyToSubmit", (string)signed["state"]!);
        Assert.Equal((string)shared.Signers["quay-1"]!, (string)signed["consent"]!["contactId"]!);
        Assert.Equal(NodaTime.Text.InstantPattern.ExtendedIso.Format(clock.GetCurrentInstant()), (string)signed["consent"]!["signedAt"]!);
        Assert.Contains("Je suis habilité à signer", (string)signed["consent"]!["scope"]!, StringComparison.Ordinal);
        var written = await console.Get<AuditLog>().ListAsync("default", new AuditQuery(50) { Kind = "enrollment" }, Ct);
        Assert.Equal("127.0.0.1", Assert.Single(written, e => e.Write.Action == "enrollment.signed").Write.SourceIp);

        // The link is dead: it says so, and signs nothing again.
        await phone.GotoAsync(ReadLink(message.TextBody));
        await Assertions.Expect(phone.Locator("form")).ToHaveCountAsync(0);
        await Assertions.Expect(office.Locator("#signature")).ToContainTextAsync("by José Álvarez");
        await Assertions.Expect(office.Locator("#state")).ToContainTextAsync("Ready to submit");
    }

    [Fact]
    public async Task A_signer_declines_with_a_reason_and_links_that_are_over_say_what_to_do()
    {
        var (console, mail, clock) = await shared.StartAsync(browser);
        var id = (string)(await shared.EnrollAsync("quay-2", "Ana Silva", "ana@example.com", "en"))["id"]!;
        var first = await shared.AskAsync(id, mail, "ana@example.com", 1);
        var second = await shared.AskAsync(id, mail, "ana@example.com", 2);
        var phone = await console.BrowserAsync(Phone(script: true));
        await SaysAsync(phone, first, 410, "Open the link in the latest mail");
        await phone.GotoAsync(second);
        await Axe.NoViolationsAsync(phone);
        await Pages.FitAsync(phone);
        await phone.GetByText("I will not sign").ClickAsync();
        await phone.GetByRole(AriaRole.Button, new() { Name = "Decline" }).ClickAsync();
        await Assertions.Expect(phone.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Axe.NoViolationsAsync(phone);
        await phone.Locator("#reason").FillAsync("Bea Costa signs for us since June");
        await phone.GetByRole(AriaRole.Button, new() { Name = "Decline" }).ClickAsync();
        await Assertions.Expect(phone.GetByRole(AriaRole.Status)).ToContainTextAsync("You declined this");
        await Axe.NoViolationsAsync(phone);
        await Pages.FitAsync(phone);
        var declined = await shared.GetAsync($"/v1/enrollments/{id}");
        Assert.Equal("incomplete", (string)declined["state"]!);
        Assert.Contains("Bea Costa", declined["requiredActions"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(declined["consent"]);

        var third = await shared.AskAsync(id, mail, "ana@example.com", 3);
        await shared.PostAsync($"/v1/enrollments/{id}/signatures/revoke", """{ "reason": "sent to the wrong person" }""");
        await SaysAsync(phone, third, 410, "taken back");
        var fourth = await shared.AskAsync(id, mail, "ana@example.com", 4);
        clock.Advance(SignatureRequest.Life);
        await SaysAsync(phone, fourth, 410, "Ask who sent it for another");
        await SaysAsync(phone, "/sign/not-a-token", 404, "This link is not known");
        Assert.Equal(["replaced", "declined", "revoked", "expired"], (await shared.GetAsync($"/v1/enrollments/{id}/signatures"))["items"]!.AsArray().Select(i => (string)i!["state"]!));

        // Another person at the contact's place does not inherit a link that went to the first.
        var fifth = await shared.AskAsync(id, mail, "ana@example.com", 5);
        await shared.ChangeSignerAsync("quay-2", """{ "name": "Bea Costa", "email": "bea@example.com" }""");
        await SaysAsync(phone, fifth, 410, "taken back");
    }

    private static async Task SaysAsync(IPage page, string link, int status, string text)
    {
        Assert.Equal(status, (await page.GotoAsync(link))!.Status);
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync(text);
        await Assertions.Expect(page.Locator("form")).ToHaveCountAsync(0);
    }

    private static string Codes(JsonNode enrollment) => string.Join(' ', enrollment["requiredActions"]!.AsArray().Select(a => (string)a!["code"]!));

    private static string ReadLink(string? text) => new Uri(Link().Match(text!).Value).PathAndQuery;

    [GeneratedRegex(@"https?://\S+/sign/\S+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Link();

    /// <summary>The service and the mail server, started by the first test.</summary>
    public sealed class Shared : IAsyncDisposable
    {
        private readonly FakeClock _clock = new(SystemClock.Instance.GetCurrentInstant());
        private MailServer? _mail;
        private ConsoleService? _console;
        private HttpClient? _http;

        internal Dictionary<string, string> Signers { get; } = new(StringComparer.Ordinal);

        internal async Task<(ConsoleService Console, MailServer Mail, FakeClock Clock)> StartAsync(Browser browser)
        {
            if (_console is null)
            {
                _mail = await MailServer.StartAsync();
                _console = await ConsoleService.StartAsync(browser, _clock, _mail.Arguments);
                _http = _console.Client();
                await _console.AddUserAsync(UserRole.Enroller);
                var template = await GetAsync("/v1/programs/OPENADR-PLAIN");
                (template["code"], template["name"], template["needsConsent"]) = ("SIGNED", "Signed programme", true);
                await SendAsync(HttpMethod.Put, "/v1/programs/SIGNED", template.ToJsonString());
            }

            return (_console, _mail!, _clock);
        }

        /// <summary>Everything is there but the signature.</summary>
        internal async Task<JsonNode> EnrollAsync(string siteId, string signer, string email, string language)
        {
            await Samples.SiteAsync(_console!, siteId);
            var customer = (await GetAsync($"/v1/sites?filter=siteId:{siteId}"))["items"]![0]!["customerId"];
            Signers[siteId] = (string)(await PostAsync("/v1/contacts", $$"""{ "customerId": "{{customer}}", "name": "{{signer}}", "email": "{{email}}", "role": "authorizedSigner", "language": "{{language}}" }"""))["id"]!;
            var meter = await Samples.MeterAsync(_console!, siteId);
            return await PostAsync("/v1/enrollments", $$"""
                { "siteId": "{{siteId}}", "program": "SIGNED", "meterPointIds": ["{{meter.Id}}"], "period": { "from": "2026-01-01" },
                  "identity": { "vtnUrl": "http://127.0.0.1:9/OpenADR2/Simple/2.0b", "venName": "{{siteId}}" },
                  "answers": { "peakDemandKw": 100, "levelOneKw": 60, "levelTwoKw": 30, "levelThreeKw": 10 } }
                """);
        }

        /// <summary>The link of the n-th mail to the signer.</summary>
        internal async Task<string> AskAsync(string id, MailServer mail, string email, int nth)
        {
            _clock.Advance(Duration.FromSeconds(1));
            await PostAsync($"/v1/enrollments/{id}/signatures", null);
            return ReadLink((await mail.ToAsync(email, "/sign/", nth)).TextBody);
        }

        internal async Task ChangeSignerAsync(string siteId, string patch) => await SendAsync(HttpMethod.Patch, $"/v1/contacts/{Signers[siteId]}", patch);

        internal Task<JsonNode> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

        internal Task<JsonNode> PostAsync(string path, string? json) => SendAsync(HttpMethod.Post, path, json);

        private async Task<JsonNode> SendAsync(HttpMethod method, string path, string? json)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            request.Content = json is null ? null : new StringContent(json, System.Text.Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
            using var answer = await _http!.SendAsync(request, Ct);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Ct)}");
            return (await answer.Content.ReadFromJsonAsync<JsonNode>(Ct))!;
        }

        public async ValueTask DisposeAsync()
        {
            _http?.Dispose();
            if (_console is not null)
            {
                await _console.DisposeAsync();
            }

            if (_mail is not null)
            {
                await _mail.DisposeAsync();
            }
        }
    }
}
