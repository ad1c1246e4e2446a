using System.Text.Json.Nodes;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.FrequencyResponse.Service.Submission;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Submission;

/// <summary>Plans reach the receiver as they were decided, and what is not taken in time is told in time.</summary>
public sealed class SubmissionTests
{
    private static readonly Instant Evening = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly SubmissionOutcome Refused = new("answered 429");

    [Fact]
    public void What_is_not_taken_is_tried_ever_more_seldom_told_when_the_gate_passes_and_given_up_when_the_period_begins()
    {
        var at = Evening - AvailabilityPlan.Gate;
        var submission = PlanSubmission.Begin(Period());
        var waits = new List<double>();
        while (at < Evening - PlanSubmission.Gate)
        {
            submission = submission.Tried(Refused, at, at);
            Assert.Equal(SubmissionPhase.Pending, submission.State);
            waits.Add((submission.NextAt!.Value - at).TotalSeconds);
            at = submission.NextAt.Value;
        }

        Assert.Equal([5, 10, 20, 40, 60], waits.Take(5));
        Assert.InRange((at - (Evening - PlanSubmission.Gate)).TotalSeconds, 0, 5);
        submission = submission.Tried(Refused, at, at);
        Assert.Equal((SubmissionPhase.Overdue, 60), (submission.State, (submission.NextAt!.Value - at).TotalSeconds));
        Assert.Equal((SubmissionPhase.SubmittedLate, null), (submission.Tried(SubmissionOutcome.Taken, at, at).State, submission.Tried(SubmissionOutcome.Taken, at, at).NextAt));
        Assert.Equal((SubmissionPhase.Failed, "answered 429", null), (submission.Expire().State, submission.Expire().Problem, submission.Expire().NextAt));
        Assert.Equal(SubmissionPhase.Submitted, PlanSubmission.Begin(Period()).Tried(SubmissionOutcome.Taken, Evening - AvailabilityPlan.Gate, Evening - AvailabilityPlan.Gate).State);
    }

    [Fact]
    public async Task A_decided_plan_is_sent_until_it_is_taken_the_same_each_time()
    {
        var refuses = true;
        await using var receiver = await PlanReceiver.StartAsync(_ => Volatile.Read(ref refuses) ? ReceiverAnswer.Busy : ReceiverAnswer.Taken);
        var taken = receiver.Heard;
        var contract = Contract(50_000);
        await using var rig = await FrequencyRig.ArmedAsync(contract: contract, arguments: [$"--Submission:Url={receiver.Url}"]);

        // A period that begins while the receiver refuses is given up for that: those well ahead are looked at.
        var now = SystemClock.Instance.GetCurrentInstant();
        var (ahead, until) = (TimeText.Format(now + Duration.FromMinutes(10)), TimeText.Format(now + Duration.FromHours(2)));

        // The contract is changed between two tries: what was decided is sent on as it was.
        await FrequencyRig.UntilAsync(() => taken.Any(t => string.CompareOrdinal(t.Body["plan"]!["from"]!.GetValue<string>(), ahead) >= 0));
        await rig.PutAsync("/v1/contracts/c1", Contract(40_000));
        Volatile.Write(ref refuses, false);
        var plans = await FrequencyRig.UntilAsync(
            () => rig.GetAsync($"/v1/contracts/c1/plans?from={ahead}&until={until}"),
            p => p["submissions"] is JsonArray { Count: > 0 } all && all.All(s => s!["submittedAt"] is not null) && all.Count == p["periods"]!.AsArray().Count);
        Assert.Contains(plans["submissions"]!.AsArray(), s => s!["attempts"]!.GetValue<int>() >= 2);
        foreach (var period in plans["periods"]!.AsArray())
        {
            var tries = taken.Where(t => t.Body["plan"]!["from"]!.GetValue<string>() == period!["from"]!.GetValue<string>()).ToList();
            Assert.NotEmpty(tries);
            Assert.Contains(tries[0].Body["quantityW"]!.GetValue<long>(), new[] { 50_000L, 40_000 });
            Assert.All(tries, t => Assert.Equal((tries[0].Body.ToJsonString(), $"c1/{period!["from"]}"), (t.Body.ToJsonString(), t.Key)));
            Assert.All(new[] { "decidedAt", "availableW", "baselineW", "until" }, name => Assert.Equal(period![name]!.ToJsonString(), tries[0].Body["plan"]![name]!.ToJsonString()));
        }
    }

    [Fact]
    public async Task Plans_of_a_contract_that_has_ended_are_not_submitted_and_nothing_goes_out_without_its_token()
    {
        await using var receiver = await PlanReceiver.StartAsync(_ => ReceiverAnswer.Busy);
        var taken = receiver.Heard;
        var file = Path.Combine(TestFolders.Create(), "token");
        await File.WriteAllTextAsync(file, "\n", TestContext.Current.CancellationToken);
        await using var rig = await FrequencyRig.ArmedAsync(contract: Contract(50_000), arguments: [$"--Submission:Url={receiver.Url}", $"--Submission:TokenFile={file}"]);
        // A period that begins before it was tried is given up for that: those well ahead are looked at.
        var now = SystemClock.Instance.GetCurrentInstant();
        var path = $"/v1/contracts/c1/plans?from={TimeText.Format(now + Duration.FromMinutes(10))}&until={TimeText.Format(now + Duration.FromHours(2))}";
        await FrequencyRig.UntilAsync(
            () => rig.GetAsync(path), p => p["submissions"] is JsonArray { Count: > 0 } all && all.All(s => s!["problem"]?.GetValue<string>().Contains("TokenFile", StringComparison.Ordinal) == true));
        Assert.Empty(taken);

        await File.WriteAllTextAsync(file, "secret\n", TestContext.Current.CancellationToken);
        await FrequencyRig.UntilAsync(() => !taken.IsEmpty);
        var deleted = SystemClock.Instance.GetCurrentInstant();
        await rig.SendAsync(HttpMethod.Delete, "/v1/contracts/c1");
        var ended = await FrequencyRig.UntilAsync(() => rig.GetAsync(path), p => p["submissions"]!.AsArray().All(s => s!["state"]!.GetValue<string>() == "failed"));

        // What began meanwhile was given up for that.
        var ahead = ended["submissions"]!.AsArray().Where(s => string.CompareOrdinal(s!["from"]!.GetValue<string>(), TimeText.Format(deleted + Duration.FromMinutes(10))) > 0).ToList();
        Assert.NotEmpty(ahead);
        Assert.All(ahead, s => Assert.Equal("the contract has ended", s!["problem"]!.GetValue<string>()));
    }

    /// <summary>18:00 was tried and left over, 18:30 was never tried; 17:00 is from before anything was submitted.</summary>
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task What_was_owed_and_left_over_is_due_however_late_one_looks(Dialect dialect)
    {
        await using var place = await TestStores.OpenAsync(dialect, typeof(SubmissionStore).Assembly);
        var (store, contract) = (new SubmissionStore(place.Store), new EntryId("default", "c1"));
        foreach (var minutes in new[] { -60, 0, 30 })
        {
            var from = Evening + Duration.FromMinutes(minutes);
            await place.Store.WriteAsync(tx => PlanStore.DecideAsync(tx, contract, Period() with { From = from, DecidedAt = from - AvailabilityPlan.Gate }), default);
        }

        var untried = new DueSubmission(contract, Period(), PlanSubmission.Begin(Period()), null);
        Assert.True(await store.MarkAsync(untried, untried.Submission.Sending(Evening), default, "first"));
        await store.SaveAsync(contract, untried.Submission.Tried(Refused, Evening, Evening - AvailabilityPlan.Gate), default);
        Assert.False(await store.MarkAsync(untried, untried.Submission.Sending(Evening), default, "second"));

        // A row that can't be read is told, and leaves the others alone.
        await place.Store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync("UPDATE decided_plans SET record = '{' WHERE starts_at = @at", new { at = Evening - Duration.FromHours(1) }, tx), default);
        var (due, unread) = await store.DueAsync("default", Evening + Duration.FromHours(3), default);
        Assert.Equal([(Evening, 1, "first"), (Evening + Duration.FromMinutes(30), 0, null)], due.Select(d => (d.Plan.From, d.Submission.Attempts, d.Document)));
        Assert.Empty(unread);
        (due, unread) = await store.PassedAsync("default", Evening - Duration.FromHours(2), Evening + Duration.FromHours(3), default);
        Assert.Equal((2, Evening - Duration.FromHours(1), false), (due.Count, Assert.Single(unread).From, unread[0].IsNoted));
        await store.SaveAsync(contract, PlanSubmission.Unread(unread[0].From, unread[0].Problem, unread[0].IsNoted), default);
        Assert.True(Assert.Single((await store.PassedAsync("default", Evening - Duration.FromHours(2), Evening, default)).Unread).IsNoted);
        Assert.Contains("can't be read", Assert.Single(await store.FindAsync(contract, Evening - Duration.FromHours(2), Evening, default)).Problem, StringComparison.Ordinal);
        Assert.Empty((await store.DueAsync("other", Evening + Duration.FromHours(3), default)).Due);

        // What somebody noted meanwhile is not overwritten by what the clock says.
        var looked = (await store.PassedAsync("default", Evening, Evening + Duration.FromHours(1), default)).Due;
        await store.SaveAsync(contract, looked[0].Submission.Tried(SubmissionOutcome.Taken, Evening, Evening - AvailabilityPlan.Gate), default);
        bool[] marked = [await MarkAsync(looked[0]), await MarkAsync(looked[1]), await MarkAsync(looked[1])];
        Assert.Equal([false, true, false], marked);
        Assert.Equal([SubmissionPhase.Submitted, SubmissionPhase.Failed], (await store.FindAsync(contract, Evening, Evening + Duration.FromHours(1), default)).Select(s => s.State));

        Task<bool> MarkAsync(DueSubmission one) => store.MarkAsync(one, one.Submission.At(Evening + Duration.FromHours(1))!, default);
    }

    /// <summary>Two processes sent the same plan: one heard that it was taken, the other that it is under way.</summary>
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task What_was_taken_stays_so_and_an_alarm_from_an_older_copy_ends_with_the_next_look(Dialect dialect)
    {
        await using var place = await TestStores.OpenAsync(dialect, typeof(SubmissionStore).Assembly);
        var (store, contract, alarms) = (new SubmissionStore(place.Store), new EntryId("default", "c1"), new PlanAlarms());
        var gate = Evening - PlanSubmission.Gate;
        var before = PlanSubmission.Begin(Period()).Sending(gate - Duration.FromMinutes(3));
        var lost = before.Tried(new SubmissionOutcome("answered 409", MayBeTaken: true), gate, gate);
        Assert.Equal(SubmissionPhase.Unconfirmed, (await store.NoteAsync(contract, lost, default)).State);
        alarms.Note(contract, Evening, Period().Until, lost.FindAlarm(gate));
        await PlanSubmitter.ReviewAsync(alarms, store, "default", gate, default);
        Assert.NotNull(alarms.Find(contract, gate));

        Assert.Equal(SubmissionPhase.Submitted, (await store.NoteAsync(contract, lost.Tried(SubmissionOutcome.Taken, gate, gate), default)).State);
        Assert.Equal(SubmissionPhase.Submitted, (await store.NoteAsync(contract, lost, default)).State);
        Assert.Equal(SubmissionPhase.Submitted, Assert.Single(await store.FindAsync(contract, Evening, Evening + Duration.FromHours(1), default)).State);
        await PlanSubmitter.ReviewAsync(alarms, store, "default", gate, default);
        Assert.Null(alarms.Find(contract, gate));
    }

    [Fact]
    public void The_clock_alone_says_that_the_gate_passed_or_the_period_began()
    {
        var gate = Evening - PlanSubmission.Gate;
        var waiting = PlanSubmission.Begin(Period());
        Assert.Null(waiting.At(gate));
        var overdue = waiting.At(gate + Duration.FromSeconds(1))!;
        Assert.Equal((SubmissionPhase.Overdue, gate + Duration.FromSeconds(1)), (overdue.State, overdue.NextAt));
        Assert.Null(overdue.At(gate + Duration.FromSeconds(2)));
        Assert.Equal(SubmissionPhase.Failed, overdue.At(Evening)!.State);
        Assert.Null(waiting.Tried(SubmissionOutcome.Taken, gate, gate).At(Evening));
    }

    /// <summary>All lines to the receiver wait for it; the batch behind them does not come to be looked at.</summary>
    [Fact]
    public async Task What_passes_its_gate_while_the_receiver_hangs_is_told_then()
    {
        await using var receiver = await PlanReceiver.StartAsync(_ => ReceiverAnswer.None);
        var taken = receiver.Heard;
        await using var rig = await FrequencyRig.ArmedAsync(contract: Contract(50_000), arguments: [$"--Submission:Url={receiver.Url}", "--Submission:TimeoutSeconds=120"]);
        await FrequencyRig.UntilAsync(() => !taken.IsEmpty);

        // The first that is on disk before its gate passes is told; on a busy machine that may be a later one.
        var begins = new[] { 4, 20, 90 }.Select(s => Instant.FromUnixTimeSeconds(SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds() + s) + PlanSubmission.Gate).ToList();
        await rig.Service.App.Services.GetRequiredService<Store>().WriteAsync(
            async tx =>
            {
                foreach (var from in begins)
                {
                    await PlanStore.DecideAsync(tx, new EntryId("default", "c1"), Period() with { From = from, Until = from + Duration.FromSeconds(1), DecidedAt = from - AvailabilityPlan.Gate });
                }
            },
            default);
        var path = $"/v1/contracts/c1/plans?until={TimeText.Format(begins[^1] + Duration.FromMinutes(1))}";
        var told = await FrequencyRig.UntilAsync(
            async () => (await rig.GetAsync(path))["submissions"]?.AsArray().FirstOrDefault(s => begins.Any(b => s!["from"]!.GetValue<string>() == TimeText.Format(b))),
            s => s is not null);
        Assert.Equal(("overdue", 0), (told!["state"]!.GetValue<string>(), told["attempts"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("http://desk.example/plans", "TLS only")]
    [InlineData("https://user:secret@desk.example", "no address")]
    [InlineData("desk", "no address")]
    public void An_address_that_can_not_be_meant_ends_the_start(string url, string why)
    {
        var faults = new SubmissionOptions { Url = url }.Validate().ToList();
        Assert.Contains(faults, f => f.Contains(why, StringComparison.Ordinal));
        Assert.All(faults, f => Assert.DoesNotContain("secret", f, StringComparison.Ordinal));
        Assert.Empty(new SubmissionOptions { Url = "https://desk.example/plans" }.Validate());
    }

    /// <summary>A curve that names no duration: its plans wait for no energy.</summary>
    internal static JsonObject Contract(long watts)
    {
        var contract = FrequencyRig.Contract("GB-DCL", watts);
        contract.Remove("service");
        contract["custom"] = JsonNode.Parse("""{"id":"CURVE-1","nominalHz":50,"curve":[[49.5,1],[49.9,0],[50.1,0],[50.5,-1]],"numbers":{"fullActivationSeconds":1}}""");
        return contract;
    }

    private static PlannedPeriod Period() => new() { From = Evening, Until = Evening + Duration.FromMinutes(30), ProcuredSeconds = 1_800, BaselineW = 0, AvailableW = 1, Reasons = [] };
}
