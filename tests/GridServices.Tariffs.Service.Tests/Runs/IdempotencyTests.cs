using System.Net;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Service.Tests.Meters;
using GridServices.Testing;

namespace GridServices.Tariffs.Service.Tests.Runs;

/// <summary>The same Idempotency-Key with the same body starts one run, however often and however many at once it is sent.</summary>
public sealed class IdempotencyTests
{
    private const string Run = """{"meters":"all","from":"2026-01-01","until":"2026-02-01"}""";

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Many_at_once_make_one_run_and_all_hear_of_it(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var rig = await MeterRig.StartAsync(store);
        await BillingRunTests.FillAsync(rig, 2, alsoEmpty: false);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync(rig, Run, "k-1")));
        var bodies = await Task.WhenAll(answers.Select(a => a.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Accepted, a.StatusCode));
        Assert.Single(bodies.Distinct());
        Assert.Single(answers.Select(a => a.Headers.Location).Distinct());
        Assert.Equal(7, answers.Count(a => a.Headers.Contains(StoredReply.ReplayedHeader)));
        Assert.Equal(1, (await rig.GetAsync("/v1/billing-runs")).GetArrayLength());
        Array.ForEach(answers, a => a.Dispose());
    }

    [Fact]
    public async Task A_key_outlives_a_restart_stands_for_one_content_and_belongs_to_its_tenant()
    {
        await using var store = TestStores.Create(Dialect.Sqlite);
        Uri? location;
        {
            await using var before = await MeterRig.StartAsync(store);
            await BillingRunTests.FillAsync(before, 1, alsoEmpty: false);
            using var first = await PostAsync(before, Run, "k-1");
            location = first.Headers.Location;
        }

        await using var rig = await MeterRig.StartAsync(store);
        using var again = await PostAsync(rig, Run, "k-1");
        Assert.Equal(location, again.Headers.Location);
        using var other = await PostAsync(rig, Run.Replace("2026-02-01", "2026-03-01", StringComparison.Ordinal), "k-1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        await TariffsUnderTest.ProblemAsync(other, ErrorClass.SemanticId);
        using var next = await PostAsync(rig, Run, "k-2");
        Assert.NotEqual(location, next.Headers.Location);
        using var bare = await PostAsync(rig, Run, null);
        Assert.Equal(3, (await rig.GetAsync("/v1/billing-runs")).GetArrayLength());
        using var wrong = await PostAsync(rig, Run, "two words");
        await TariffsUnderTest.ProblemAsync(wrong, ErrorClass.SemanticText);
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free()
    {
        await using var rig = await MeterRig.StartAsync();
        using var refused = await PostAsync(rig, Run, "k-1");
        await TariffsUnderTest.ProblemAsync(refused, ErrorClass.SemanticEmpty);
        await BillingRunTests.FillAsync(rig, 1, alsoEmpty: false);
        using var started = await PostAsync(rig, Run, "k-1");
        Assert.Equal((HttpStatusCode.Accepted, false), (started.StatusCode, started.Headers.Contains(StoredReply.ReplayedHeader)));
    }

    private static async Task<HttpResponseMessage> PostAsync(MeterRig rig, string json, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/billing-runs") { Content = TariffsUnderTest.Json(json) };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation(IdempotencyKey.Header, key);
        }

        return await rig.Service.Operator.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
