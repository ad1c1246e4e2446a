using System.Text;
using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.EnvelopeHub.Tests.Hostile;

public sealed class EnvelopeApiTests
{
    [Fact]
    public async Task Every_case_of_the_collection_ends_as_its_index_says_and_a_refused_one_stores_nothing()
    {
        var wrong = new StringBuilder();
        var cases = HostileFile.ReadAll("envelope-api");
        Assert.True(cases.Count >= 42, $"only {cases.Count} cases");
        foreach (var file in cases)
        {
            // Each on a hub of its own: what one case leaves must not change the next.
            await using var hub = await HubUnderTest.StartAsync();
            if (file.Id == "EN-018")
            {
                await PostAsync(hub, HostileFile.Read(file.File), "application/json");
            }
            else if (file.Id is "EN-019" or "EN-020")
            {
                await PostAsync(hub, HostileFile.Read("envelope-api/EN-001-a.json"), "application/json");
            }

            var before = await StoredAsync(hub);
            var (status, body) = await PostAsync(hub, HostileFile.Read(file.File), file.Headers?.GetValueOrDefault("Content-Type") ?? "application/json");
            var changed = before != await StoredAsync(hub);
            if (Verdict(file, status, body, changed) is { } fault)
            {
                wrong.AppendLine($"{file.Id} ({file.Title}): {fault}; answered {status} {body[..Math.Min(body.Length, 300)]}");
            }
        }

        Assert.True(wrong.Length == 0, wrong.ToString());
    }

    private static string? Verdict(HostileFile file, int status, string body, bool changed) => file.Expected switch
    {
        "accept" => Results(body).All(result => result.Status == PublishStatus.Accepted) && changed ? null : "should be accepted",
        "accept-idempotent" => Results(body) is [{ Status: PublishStatus.Duplicate }] && !changed ? null : "should be a duplicate",
        "accept-noop" => Results(body) is [{ Status: PublishStatus.Stale }] && !changed ? null : "should be stale",
        "reject-or-ignore" => status == 200 || Is(body, file.ErrorClass) ? null : "should be refused or ignored",
        "reject-item" => Results(body) is [{ Status: PublishStatus.Accepted }, { Status: PublishStatus.Rejected } bad, { Status: PublishStatus.Accepted }]
            && bad.Problem!.Type == Problems.TypePrefix + file.ErrorClass ? null : "only the second should be rejected",
        "reject" when changed => "was refused and yet stored something",
        "reject" => status is >= 400 and < 500 && Is(body, file.ErrorClass) ? null : $"should be refused as {file.ErrorClass}",
        _ => $"the test doesn't know '{file.Expected}'",
    };

    private static bool Is(string body, string errorClass) => body.Contains($"\"{Problems.TypePrefix}{errorClass}\"", StringComparison.Ordinal);

    private static IReadOnlyList<PublishResult> Results(string body) =>
        body.Contains("\"results\"", StringComparison.Ordinal) ? JsonSerializer.Deserialize<PublishAnswer>(body, ContractJson.Options)!.Results : [];

    private static async Task<string> StoredAsync(HubUnderTest hub)
    {
        using var client = hub.Controller;
        var stored = await HubUnderTest.ReadAsync<SiteEnvelopes>(await client.GetAsync("/v1/sites/site-1/envelopes"));
        return stored.Sequence;
    }

    private static async Task<(int Status, string Body)> PostAsync(HubUnderTest hub, byte[] body, string mediaType)
    {
        using var client = hub.Publisher;
        using var answer = await client.PostAsync("/v1/envelopes", HubUnderTest.Content(body, mediaType));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
