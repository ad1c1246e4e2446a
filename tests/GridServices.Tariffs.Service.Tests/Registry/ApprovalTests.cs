using System.Net;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Tariffs.Service.Tests.Registry;

/// <summary>A tariff that is put waits for a second person where the policy says so, and nothing uses it until then.</summary>
public sealed class ApprovalTests
{
    private const string Bill = """{"tariffId":"t","intervals":{"start":"2026-01-15","minutes":60,"kW":[10]}}""";

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_version_is_held_until_another_person_approves_what_they_have_seen(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var service = await TariffsUnderTest.StartAsync(store, null, "--Approval:Tariffs=required");
        using var second = service.App.Client(await service.App.AddTokenAsync("second", Role.Analyst));

        using var put = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.30m));
        var tag = put.Headers.ETag!.Tag;
        Assert.Equal((HttpStatusCode.Accepted, "held"), (put.StatusCode, (await TariffsUnderTest.OkAsync(put)).GetProperty("state").GetString()));
        using (var again = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.30m)))
        {
            Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        }

        using (var other = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.90m)))
        {
            await TariffsUnderTest.ProblemAsync(other, ErrorClass.Conflict);
        }

        // Visible as held, used by nothing.
        using (var inForce = await SendAsync(service.Operator, HttpMethod.Get, "/v1/tariffs/t"))
        {
            await TariffsUnderTest.ProblemAsync(inForce, ErrorClass.NotFound);
        }

        using (var held = await SendAsync(second, HttpMethod.Get, "/v1/tariffs/t?state=held"))
        {
            Assert.Equal((HttpStatusCode.OK, tag), (held.StatusCode, held.Headers.ETag!.Tag));
        }

        var listed = (await GetAsync(second, "/v1/tariffs")).GetProperty("items")[0];
        Assert.Equal((0, "operator"), (listed.GetProperty("versions").GetArrayLength(), listed.GetProperty("held")[0].GetProperty("by").GetString()));
        await service.RefusedAsync("/v1/bills", Bill, ErrorClass.UnknownId);
        using (var meter = await SendAsync(service.Operator, HttpMethod.Put, "/v1/meters/main", """{"siteId":"site-1","tariffId":"t"}"""))
        {
            await TariffsUnderTest.ProblemAsync(meter, ErrorClass.UnknownId);
        }

        const string Approval = "/v1/tariffs/t/approval";
        const string Version = """{"version":"1"}""";
        foreach (var (client, ifMatch, refusal, status) in new (HttpClient, string?, ErrorClass, HttpStatusCode)[]
        {
            (service.Operator, tag, ErrorClass.AuthzRole, HttpStatusCode.Forbidden),
            (second, "\"0000\"", ErrorClass.Conflict, HttpStatusCode.PreconditionFailed),
            (second, null, ErrorClass.SchemaInvalid, HttpStatusCode.BadRequest),
            (second, "*", ErrorClass.SchemaInvalid, HttpStatusCode.BadRequest),
        })
        {
            using var refused = await SendAsync(client, HttpMethod.Post, Approval, Version, ifMatch);
            await TariffsUnderTest.ProblemAsync(refused, refusal);
            Assert.True(refused.StatusCode == status || ifMatch is null or "*", refused.StatusCode.ToString());
        }

        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var approved = await SendAsync(second, HttpMethod.Post, Approval, Version, tag);
            Assert.Equal("inForce", (await TariffsUnderTest.OkAsync(approved)).GetProperty("state").GetString());
        }

        Assert.Equal("3", (await service.PostAsync("/v1/bills", Bill)).GetProperty("total").GetString());
        Assert.Equal([("held", "operator", null), ("approved", "second", "operator")], await ChangesAsync(second));
        using var same = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.30m));
        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
    }

    [Fact]
    public async Task A_change_is_turned_down_or_taken_back_and_never_stands_over_what_changed_meanwhile()
    {
        await using var service = await TariffsUnderTest.StartAsync(null, null, "--Approval:Tariffs=required", "--Approval:Tenants:free=none");
        using var second = service.App.Client(await service.App.AddTokenAsync("second", Role.Analyst));
        using var free = service.App.Client(await service.App.AddTokenAsync("free", Role.Operator, "free"));
        using (var atOnce = await SendAsync(free, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.30m)))
        {
            Assert.Equal((HttpStatusCode.Created, "inForce"), (atOnce.StatusCode, (await TariffsUnderTest.OkAsync(atOnce)).GetProperty("state").GetString()));
        }

        using var first = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.30m));
        (await SendAsync(second, HttpMethod.Post, "/v1/tariffs/t/approval", """{"version":"1"}""", first.Headers.ETag!.Tag)).Dispose();
        using var change = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.90m), first.Headers.ETag.Tag);
        Assert.Equal(HttpStatusCode.Accepted, change.StatusCode);
        Assert.Equal("3", (await service.PostAsync("/v1/bills", Bill)).GetProperty("total").GetString());

        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var rejected = await SendAsync(service.Operator, HttpMethod.Post, "/v1/tariffs/t/rejection", """{"version":"1","reason":"a slip of the pen"}""", change.Headers.ETag!.Tag);
            Assert.Equal("rejected", (await TariffsUnderTest.OkAsync(rejected)).GetProperty("state").GetString());
        }

        using (var gone = await SendAsync(second, HttpMethod.Post, "/v1/tariffs/t/approval", """{"version":"1"}""", change.Headers.ETag!.Tag))
        {
            await TariffsUnderTest.ProblemAsync(gone, ErrorClass.NotFound);
        }

        Assert.Equal("3", (await service.PostAsync("/v1/bills", Bill)).GetProperty("total").GetString());
        Assert.Equal([("held", "operator", null), ("approved", "second", "operator"), ("held", "operator", null), ("rejected", "operator", "operator")], await ChangesAsync(second));
        Assert.Equal("a slip of the pen", (await GetAsync(second, "/v1/tariffs/t/changes?limit=10")).GetProperty("items")[3].GetProperty("reason").GetString());
        Assert.Equal("put", (await GetAsync(free, "/v1/tariffs/t/changes")).GetProperty("items")[0].GetProperty("what").GetString());
    }

    [Fact]
    public async Task Nobody_deletes_what_another_person_put_and_a_rejection_records_what_was_turned_down()
    {
        await using var service = await TariffsUnderTest.StartAsync(null, null, "--Approval:Tariffs=required");
        using var second = service.App.Client(await service.App.AddTokenAsync("second", Role.Analyst));
        using var first = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.30m));
        (await SendAsync(second, HttpMethod.Post, "/v1/tariffs/t/approval", """{"version":"1"}""", first.Headers.ETag!.Tag)).Dispose();
        using var change = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.90m), first.Headers.ETag.Tag);
        using (var refused = await SendAsync(second, HttpMethod.Delete, "/v1/tariffs/t"))
        {
            Assert.Contains("'operator' put", (await TariffsUnderTest.ProblemAsync(refused, ErrorClass.Conflict)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var rejected = await SendAsync(second, HttpMethod.Post, "/v1/tariffs/t/rejection", """{"version":"1"}""", "*");
            Assert.Equal("rejected", (await TariffsUnderTest.OkAsync(rejected)).GetProperty("state").GetString());
        }

        var changes = (await GetAsync(second, "/v1/tariffs/t/changes")).GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal((4, change.Headers.ETag!.Tag), (changes.Length, $"\"{changes[3].GetProperty("hash").GetString()}\""));
    }

    [Fact]
    public async Task A_tariff_in_force_is_deleted_by_two_people_and_a_change_in_between_withdraws_it()
    {
        await using var service = await TariffsUnderTest.StartAsync(null, null, "--Approval:Tariffs=required", "--Approval:Tenants:free=none");
        using var second = service.App.Client(await service.App.AddTokenAsync("second", Role.Analyst));
        using var free = service.App.Client(await service.App.AddTokenAsync("free", Role.Operator, "free"));
        (await SendAsync(free, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.30m))).Dispose();
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(free));

        using var first = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.30m));
        (await SendAsync(second, HttpMethod.Post, "/v1/tariffs/t/approval", """{"version":"1"}""", first.Headers.ETag!.Tag)).Dispose();
        Assert.Equal(HttpStatusCode.Accepted, await DeleteAsync(service.Operator));
        Assert.Equal(HttpStatusCode.Accepted, await DeleteAsync(service.Operator));
        Assert.Equal("3", (await service.PostAsync("/v1/bills", Bill)).GetProperty("total").GetString());

        // A change that is put and turned down: the second person would delete what the first has not seen.
        using var change = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.90m), first.Headers.ETag.Tag);
        (await SendAsync(second, HttpMethod.Post, "/v1/tariffs/t/rejection", """{"version":"1"}""", "*")).Dispose();
        Assert.Equal(HttpStatusCode.Accepted, await DeleteAsync(second));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(service.Operator));
        Assert.Equal(
            ["held", "approved", "deletionAsked", "held", "rejected", "deletionAsked", "deleted"], (await ChangesAsync(second)).Select(c => c.Item1));
        Assert.Equal(("deleted", "operator", "second"), (await ChangesAsync(second))[^1]);
    }

    /// <summary>A wish of long ago is none, nor is one from a clock that was ahead of what was done after it.</summary>
    [Fact]
    public async Task A_wish_to_delete_ends_after_a_week_and_with_what_is_done_after_it()
    {
        var clock = new FakeClock(Instant.FromUtc(2026, 1, 15, 12, 0));
        await using var service = await TariffsUnderTest.StartAsync(null, clock, "--Approval:Tariffs=required");
        using var second = service.App.Client(await service.App.AddTokenAsync("second", Role.Analyst));
        using var first = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.30m));
        (await SendAsync(second, HttpMethod.Post, "/v1/tariffs/t/approval", """{"version":"1"}""", first.Headers.ETag!.Tag)).Dispose();
        Assert.Equal(HttpStatusCode.Accepted, await DeleteAsync(service.Operator));
        clock.Advance(Duration.FromDays(8));
        Assert.Equal(HttpStatusCode.Accepted, await DeleteAsync(second));

        var ahead = Guid.CreateVersion7(Instant.FromUtc(2100, 1, 1, 0, 0).ToDateTimeOffset()).ToString();
        await service.App.App.Services.GetRequiredService<Store>().WriteAsync(
            tx => tx.Connection!.ExecuteAsync("UPDATE tariff_changes SET change_id = @ahead WHERE what = 'DeletionAsked' AND by_token = 'second'", new { ahead }, tx), TestContext.Current.CancellationToken);
        using var change = await SendAsync(service.Operator, HttpMethod.Put, "/v1/tariffs/t", Tariff(0.90m), first.Headers.ETag.Tag);
        (await SendAsync(second, HttpMethod.Post, "/v1/tariffs/t/rejection", """{"version":"1"}""", "*")).Dispose();
        Assert.Equal(HttpStatusCode.Accepted, await DeleteAsync(service.Operator));
    }

    private static async Task<HttpStatusCode> DeleteAsync(HttpClient client)
    {
        using var answer = await SendAsync(client, HttpMethod.Delete, "/v1/tariffs/t");
        return answer.StatusCode;
    }

    private static async Task<(string?, string?, string?)[]> ChangesAsync(HttpClient client) => [.. (await GetAsync(client, "/v1/tariffs/t/changes")).GetProperty("items").EnumerateArray().Select(c =>
        (c.GetProperty("what").GetString(), c.GetProperty("by").GetString(), c.TryGetProperty("author", out var author) ? author.GetString() : null))];

    private static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var answer = await SendAsync(client, HttpMethod.Get, path);
        return await TariffsUnderTest.OkAsync(answer);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, string? json = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = json is null ? null : TariffsUnderTest.Json(json) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Tariff(decimal price) => $$"""
        {"schemaVersion":1,"id":"t","version":"1","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":{{price}}}]}]}]}
        """;
}
