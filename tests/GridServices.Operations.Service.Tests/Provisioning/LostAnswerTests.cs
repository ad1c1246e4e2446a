using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Storage;
using static GridServices.Operations.Service.Tests.Provisioning.Tries;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>What a service did and could not tell: it is known as our own afterwards, and goes when nobody wants it.</summary>
public sealed class LostAnswerTests
{
    private const string Ven = "/v1/vens/site-1";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_whose_answer_was_lost_is_our_own_and_no_drift()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await EnrollAsync(parts);
        await ApplyAsync(parts, enrollment.Id);
        Assert.Equal(EnrollmentState.Testing, await StateAsync(parts, enrollment.Id));

        service.Lost.Add($"PUT {Ven}");
        await ChangeAsync(parts, enrollment.Id, e => e with { Answers = e.Answers.With("levelOneKw", "55") });
        await ApplyAsync(parts, enrollment.Id);
        Assert.Contains("55000", service.Documents[Ven], StringComparison.Ordinal);

        // While it is open the watch does not call it a change by hand, and the next try neither.
        await parts.Get<DocumentWatch>().CheckAsync("default", Ct);
        service.Lost.Clear();
        service.Received.Clear();
        await ApplyAsync(parts, enrollment.Id);
        Assert.Empty(service.Received);
        var kept = await FindAsync(parts, Ven);
        Assert.Equal((false, (string?)null), (kept!.IsDrifted, kept.Sent));
        Assert.Contains("55000", kept.Wanted, StringComparison.Ordinal);
        Assert.False((await parts.Get<EnrollmentStore>().FindAsync("default", enrollment.Id, Ct))!.Drifted);
    }

    [Fact]
    public async Task What_arrived_without_an_answer_is_our_own_also_after_the_next_request_went_wrong()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await EnrollAsync(parts);
        service.Lost.Add($"PUT {Ven}");
        await ApplyAsync(parts, enrollment.Id);
        Assert.Contains(Ven, service.Documents.Keys);

        service.Lost.Clear();
        service.Refused.Add($"DELETE {Ven}");
        await ChangeAsync(parts, enrollment.Id, e => e with { State = EnrollmentState.Ending });
        await ApplyAsync(parts, enrollment.Id);
        Assert.Equal(EnrollmentState.Ending, await StateAsync(parts, enrollment.Id));

        service.Refused.Clear();
        await ApplyAsync(parts, enrollment.Id);
        Assert.Equal(EnrollmentState.Ended, await StateAsync(parts, enrollment.Id));
        Assert.DoesNotContain(Ven, service.Documents.Keys);
        Assert.Null(await FindAsync(parts, Ven));
    }

    [Fact]
    public async Task A_deletion_whose_answer_was_lost_ends_the_enrollment_at_the_next_try()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await EnrollAsync(parts);
        await ApplyAsync(parts, enrollment.Id);
        service.Lost.Add($"DELETE {Ven}");
        await ChangeAsync(parts, enrollment.Id, e => e with { State = EnrollmentState.Ending });
        await ApplyAsync(parts, enrollment.Id);
        Assert.Equal(EnrollmentState.Ending, await StateAsync(parts, enrollment.Id));

        await parts.Get<DocumentWatch>().CheckAsync("default", Ct);
        await ApplyAsync(parts, enrollment.Id);
        Assert.Equal(EnrollmentState.Ended, await StateAsync(parts, enrollment.Id));
        Assert.Null(await FindAsync(parts, Ven));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_made_and_not_answered_goes_where_the_enrollment_ends_or_its_key_changes_before_the_next_try(bool isEnded)
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await EnrollAsync(parts);
        service.Lost.Add($"PUT {Ven}");
        await ApplyAsync(parts, enrollment.Id);
        Assert.True(service.Documents.ContainsKey(Ven));

        await ChangeAsync(parts, enrollment.Id, e => isEnded ? e with { State = EnrollmentState.Ending } : e with { Identity = e.Identity with { VenKey = "another" } });
        await ApplyAsync(parts, enrollment.Id);
        string[] left = isEnded ? [] : ["/v1/vens/another"];
        Assert.Equal(left, service.Documents.Keys);
        Assert.Null(await FindAsync(parts, Ven));
        Assert.Equal(isEnded ? EnrollmentState.Ended : EnrollmentState.Testing, await StateAsync(parts, enrollment.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_taken_back_without_an_answer_is_kept_as_ours(bool isLost)
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await EnrollAsync(parts, tariff: "depot");
        var meter = $"/v1/meters/{enrollment.MeterPointIds.Single()}";
        service.Refused.Add($"PUT {Ven}");
        (isLost ? service.Lost : service.Refused).Add($"DELETE {meter}");
        await ApplyAsync(parts, enrollment.Id);
        Assert.Equal(EnrollmentState.Accepted, await StateAsync(parts, enrollment.Id));
        Assert.Equal(!isLost, service.Documents.ContainsKey(meter));
        Assert.NotNull(await FindAsync(parts, meter));
        Assert.Null(await FindAsync(parts, Ven));

        // Withdrawn, it goes at the service, where it is there still; and nothing is left of it.
        service.Lost.Clear();
        service.Refused.Clear();
        await ChangeAsync(parts, enrollment.Id, e => e with { State = EnrollmentState.Withdrawn });
        await ApplyAsync(parts, enrollment.Id);
        Assert.Empty(service.Documents);
        Assert.Null(await FindAsync(parts, meter));
    }

    [Fact]
    public async Task What_was_taken_back_is_kept_as_it_was_before()
    {
        await using var service = await ForgetfulService.StartAsync();
        await using var parts = await OperationsParts.MakeAsync(arguments: service.Arguments);
        var enrollment = await EnrollAsync(parts, tariff: "depot");
        var meter = $"/v1/meters/{enrollment.MeterPointIds.Single()}";
        await ApplyAsync(parts, enrollment.Id);
        var before = (Meter: await FindAsync(parts, meter), Ven: await FindAsync(parts, Ven));
        Assert.NotNull(before.Meter!.Seen);

        service.Refused.Add($"PUT {Ven}");
        await ChangeAsync(parts, enrollment.Id, e => e with { Answers = e.Answers.With("levelOneKw", "55"), MeterPointIds = [] });
        await ApplyAsync(parts, enrollment.Id);
        Assert.Contains($"DELETE {meter}", service.Received);
        Assert.True(service.Documents.ContainsKey(meter));
        Assert.Equal((before.Meter.Wanted, before.Meter.Seen, null), await ContentAsync(parts, meter));
        Assert.Equal((before.Ven!.Wanted, before.Ven.Seen, null), await ContentAsync(parts, Ven));
    }

    private static async Task<(string, string?, string?)> ContentAsync(OperationsParts parts, string path) => await FindAsync(parts, path) is { } row ? (row.Wanted, row.Seen, row.Sent) : default;
}
