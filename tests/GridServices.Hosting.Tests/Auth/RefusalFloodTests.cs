using System.Net;
using System.Net.Http.Headers;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Hosting.Tests.Auth;

/// <summary>Ten thousand refused logins: counted, bounded, told, and nobody else's matter.</summary>
public sealed class RefusalFloodTests
{
    private const int Many = 10_000;

    [Fact]
    public async Task Ten_thousand_refused_logins_slow_nobody_else_and_leave_a_trace()
    {
        var ct = TestContext.Current.CancellationToken;
        var time = new ManualTimeProvider();
        var log = new CapturingLogger();
        await using var service = await ServiceApp.StartAsync(args => SampleApp.Build(args, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Logging.AddProvider(log);
        }));
        var flood = Task.WhenAll(Enumerable.Range(0, 8).Select(guesser => GuessAsync(service.Address, guesser, Many / 8, ct)));
        using var neighbour = service.Client(service.Tokens.Controller);
        do
        {
            using var answer = await neighbour.GetAsync("/v1/whoami", ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        while (!flood.IsCompleted);

        var answers = (await flood).SelectMany(a => a).ToList();
        Assert.Equal(20, answers.Count(a => a == HttpStatusCode.Unauthorized));
        Assert.Equal(Many - 20, answers.Count(a => a == HttpStatusCode.TooManyRequests));
        var line = Assert.Single(log.Lines, l => l.Contains("Refused 127.0.0.1", StringComparison.Ordinal));
        Assert.Contains("(unknownToken), last at GET /v1/whoami", line, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Lines, l => l.Contains("guess-", StringComparison.Ordinal));
        Assert.Contains($"auth_refused_total{{reason=\"unknownToken\"}} {Many}", await neighbour.GetStringAsync("/metrics", ct), StringComparison.Ordinal);

        // The next line tells of all that were not told.
        time.Advance(Duration.FromMinutes(1));
        await GuessAsync(service.Address, 9, 1, ct);
        Assert.Contains(log.Lines, l => l.Contains($"({Many} times since", StringComparison.Ordinal));
    }

    [Fact]
    public void Ten_thousand_sources_and_more_cost_neither_memory_nor_the_disk()
    {
        var log = new CapturingLogger();
        using var refused = new RefusedTokens(new ManualTimeProvider(), new LoggerFactory([log]).CreateLogger<RefusedTokens>());
        for (var i = 0; i < 3 * Many; i++)
        {
            refused.Note(From(new IPAddress([10, (byte)(i >> 16), (byte)((i >> 8) & 255), (byte)(i & 255)])), RefusalReason.UnknownToken, $"{i:d12}");
        }

        Assert.InRange(refused.Addresses, RefusedTokens.MostSources / 2, RefusedTokens.MostSources);
        Assert.Equal(100, log.Lines.Count);
    }

    [Fact]
    public void What_was_left_out_of_the_log_is_told_by_number()
    {
        var (log, time) = (new CapturingLogger(), new ManualTimeProvider());
        using var refused = new RefusedTokens(time, new LoggerFactory([log]).CreateLogger<RefusedTokens>());
        for (var i = 0; i < 150; i++)
        {
            refused.Note(From(new IPAddress([10, 0, 0, (byte)i])), RefusalReason.NoToken, null);
        }

        time.Advance(Duration.FromSeconds(1));
        refused.Note(From(IPAddress.Parse("10.0.1.1")), RefusalReason.NoToken, null);
        Assert.Equal("50 more refusals were not reported one by one: they came from too many sources at once", log.Lines[^2]);
        Assert.StartsWith("Refused 10.0.1.1", log.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Who_keeps_coming_is_not_forgotten_among_ten_thousand_others()
    {
        using var refused = new RefusedTokens(new ManualTimeProvider(), new LoggerFactory([]).CreateLogger<RefusedTokens>());
        var guesser = From(IPAddress.Parse("192.0.2.1"));
        var slowed = 0;
        for (var i = 0; i < 2 * Many; i++)
        {
            refused.Note(From(new IPAddress([10, (byte)(i >> 16), (byte)((i >> 8) & 255), (byte)(i & 255)])), RefusalReason.NoToken, null);
            if (i % 1_000 == 0)
            {
                slowed += IsSlowed(refused, guesser, $"{i:d12}", 10) ? 1 : 0;
            }
        }

        Assert.Equal(18, slowed); // the first twenty guesses are free, once
    }

    [Fact]
    public void One_token_tried_from_many_addresses_is_slowed_and_one_network_is_one_source()
    {
        using var refused = new RefusedTokens(new ManualTimeProvider(), new LoggerFactory([]).CreateLogger<RefusedTokens>());
        for (var i = 0; i < 20; i++)
        {
            Assert.False(IsSlowed(refused, From(new IPAddress([10, 0, 0, (byte)i])), "gs-abcdefghi" + i, 1));
        }

        Assert.True(IsSlowed(refused, From(IPAddress.Parse("10.0.0.99")), "gs-abcdefghi-and-another-end", 1));
        Assert.False(IsSlowed(refused, From(IPAddress.Parse("10.0.0.98")), "gs-other-one", 1));
        for (var i = 0; i < 20; i++)
        {
            Assert.False(IsSlowed(refused, From(IPAddress.Parse($"2001:db8:0:1::{i:x}")), $"{i:d12}", 1));
        }

        Assert.True(IsSlowed(refused, From(IPAddress.Parse("2001:db8:0:1:ffff::1")), "fresh-token-1", 1));
        Assert.False(IsSlowed(refused, From(IPAddress.Parse("2001:db8:0:2::1")), "fresh-token-2", 1));
    }

    [Fact]
    public async Task Who_asks_for_what_it_may_not_have_is_told_by_the_name_of_its_token()
    {
        var log = new CapturingLogger();
        await using var service = await ServiceApp.StartAsync(args => SampleApp.Build(args, builder => builder.Logging.AddProvider(log)));
        using var client = service.Client(service.Tokens.Controller);
        for (var i = 0; i < 3; i++)
        {
            using var answer = await client.PostAsync("/v1/publish", null, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        var line = Assert.Single(log.Lines, l => l.StartsWith("Denied", StringComparison.Ordinal));
        Assert.StartsWith("Denied token 'controller' of tenant 'default' at 127.0.0.1: AuthzRole, last at POST /v1/publish", line, StringComparison.Ordinal);
        Assert.Contains("auth_denied_total 3", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static bool IsSlowed(RefusedTokens refused, HttpContext context, string token, int times)
    {
        for (var i = 0; i < times; i++)
        {
            try
            {
                refused.Note(context, RefusalReason.UnknownToken, token + i);
            }
            catch (ProblemException slow)
            {
                Assert.Equal(ErrorClass.RateLimit, slow.Class);
                Assert.NotNull(slow.RetryAfter);
                return true;
            }
        }

        return false;
    }

    private static DefaultHttpContext From(IPAddress address)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = address;
        return context;
    }

    private static async Task<IReadOnlyList<HttpStatusCode>> GuessAsync(Uri service, int guesser, int times, CancellationToken ct)
    {
        using var client = new HttpClient { BaseAddress = service };
        var answers = new List<HttpStatusCode>(times);
        for (var i = 0; i < times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/whoami");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", $"guess-{guesser}-{i}");
            using var answer = await client.SendAsync(request, ct);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
            answers.Add(answer.StatusCode);
        }

        return answers;
    }
}
