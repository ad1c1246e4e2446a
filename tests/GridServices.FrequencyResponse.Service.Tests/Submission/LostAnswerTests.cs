using System.Net;
using System.Text.Json.Nodes;
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
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Submission;

/// <summary>A plan that went out and was not answered is neither taken nor not taken, until the receiver says so.</summary>
public sealed class LostAnswerTests
{
    private static readonly Instant Evening = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly Instant Gate = Evening - PlanSubmission.Gate;
    private static readonly Instant Decided = Evening - AvailabilityPlan.Gate;
    private static readonly SubmissionOutcome Refused = new("answered 429");
    private static readonly SubmissionOutcome Lost = new("no answer in time", MayBeTaken: true);
    private static readonly PlannedPeriod Period = new() { From = Evening, Until = Evening + Duration.FromMinutes(30), ProcuredSeconds = 1_800, BaselineW = 0, AvailableW = 1, Reasons = [] };
    private static readonly PlanSubmission Begun = PlanSubmission.Begin(Period);

    [Fact]
    public void A_refusal_after_a_lost_answer_says_nothing_of_what_was_sent_before_it_and_one_before_it_does()
    {
        var lost = Begun.Tried(Lost, Decided, Decided + Duration.FromSeconds(15));
        Assert.Equal((SubmissionPhase.Unconfirmed, Decided), (lost.State, lost.UnansweredSince));
        var refused = lost.Tried(Refused, Decided + Duration.FromSeconds(20), Decided + Duration.FromSeconds(20));
        Assert.Equal((SubmissionPhase.Unconfirmed, Decided, "answered 429"), (refused.State, refused.UnansweredSince, refused.Problem));

        var other = Begun.Tried(Refused, Decided, Decided);
        Assert.Equal((SubmissionPhase.Pending, null), (other.State, other.UnansweredSince));
        other = other.Tried(Lost, Decided + Duration.FromSeconds(5), Decided + Duration.FromSeconds(20));
        Assert.Equal((SubmissionPhase.Unconfirmed, Decided + Duration.FromSeconds(5)), (other.State, other.UnansweredSince));
    }

    [Fact]
    public void The_answer_to_the_same_plan_again_settles_it_and_one_after_the_gate_says_that_it_may_have_been_in_time()
    {
        var lost = Begun.Tried(Lost, Decided, Decided + Duration.FromSeconds(15));
        var taken = lost.Tried(SubmissionOutcome.Taken, Gate, Gate);
        Assert.Equal((SubmissionPhase.Submitted, null, null), (taken.State, taken.UnansweredSince, taken.Problem));
        taken = lost.Tried(SubmissionOutcome.Taken, Gate, Gate + Duration.FromSeconds(1));
        Assert.Equal((SubmissionPhase.SubmittedLate, Decided), (taken.State, taken.UnansweredSince));
        taken = Begun.Tried(Lost, Gate + Duration.FromSeconds(1), Gate + Duration.FromSeconds(2)).Tried(SubmissionOutcome.Taken, Gate + Duration.FromSeconds(7), Gate + Duration.FromSeconds(7));
        Assert.Equal((SubmissionPhase.SubmittedLate, null), (taken.State, taken.UnansweredSince));
    }

    [Fact]
    public void It_is_never_told_as_not_submitted_by_the_clock_nor_by_the_end_of_its_contract()
    {
        var lost = Begun.Tried(Lost, Decided, Decided + Duration.FromSeconds(15));
        Assert.Null(lost.At(Gate + Duration.FromSeconds(1)));
        var over = lost.At(Evening)!;
        Assert.Equal((SubmissionPhase.Unconfirmed, null, Decided), (over.State, over.NextAt, over.UnansweredSince));
        Assert.Null(over.At(Evening + Duration.FromSeconds(1)));
        Assert.Equal((SubmissionPhase.Unconfirmed, null), (lost.Ended().State, lost.Ended().NextAt));
        Assert.Equal(SubmissionPhase.Unconfirmed, PlanSubmission.Unread(Evening, "{", mayBeTaken: true).State);
        Assert.Equal([SubmissionPhase.Failed, SubmissionPhase.Failed], new[] { Begun.Ended(), Begun.Expire() }.Select(s => s.State));
    }

    [Fact]
    public void What_is_under_way_when_the_gate_comes_is_not_known_and_somebody_is_to_ask_in_time()
    {
        var sending = Begun.Sending(Decided);
        Assert.Equal((SubmissionPhase.Pending, Decided), (sending.State, sending.UnansweredSince));
        Assert.Equal(Decided, sending.Sending(Gate).UnansweredSince);

        // What hangs is told from two minutes before the gate, what just went out is waited for.
        Assert.Null(sending.At(Gate - Duration.FromSeconds(121)));
        Assert.Equal(SubmissionPhase.Unconfirmed, sending.At(Gate - Duration.FromSeconds(119))!.State);
        var late = Begun.Sending(Gate - Duration.FromSeconds(45));
        Assert.Null(late.At(Gate - Duration.FromSeconds(31)));
        var near = late.At(Gate - Duration.FromSeconds(29))!;
        Assert.Equal(SubmissionPhase.Unconfirmed, near.State);
        Assert.True(near.IsToBeAsked(Gate - Duration.FromSeconds(29)));

        var lost = Begun.Tried(Lost, Decided, Decided + Duration.FromSeconds(15));
        Assert.False(lost.IsToBeAsked(Gate - Duration.FromSeconds(121)));
        Assert.True(lost.IsToBeAsked(Gate - Duration.FromSeconds(119)));
        Assert.True(lost.Ended().IsToBeAsked(Decided));
        Assert.False(Begun.Tried(Refused, Gate, Gate).IsToBeAsked(Gate));
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, false, true)]
    [InlineData(HttpStatusCode.BadRequest, false, false)]
    [InlineData(HttpStatusCode.TooManyRequests, false, false)]
    [InlineData(HttpStatusCode.ServiceUnavailable, true, false)]
    [InlineData(HttpStatusCode.Found, false, false)]
    [InlineData(HttpStatusCode.Conflict, true, false)]
    [InlineData(HttpStatusCode.RequestTimeout, true, false)]
    [InlineData(HttpStatusCode.InternalServerError, true, false)]
    [InlineData(HttpStatusCode.GatewayTimeout, true, false)]
    public void An_answer_in_doubt_is_no_refusal(HttpStatusCode status, bool mayBeTaken, bool isTaken)
    {
        var outcome = SubmissionOutcome.From(status);
        Assert.Equal((mayBeTaken, isTaken), (outcome.MayBeTaken, outcome.IsTaken));
    }

    /// <summary>The receiver takes each plan and its answer is lost; then it says so, or that it holds it already, or nothing more.</summary>
    [Theory]
    [InlineData(ReceiverAnswer.Cut, ReceiverAnswer.Taken, "submitted")]
    [InlineData(ReceiverAnswer.None, ReceiverAnswer.Taken, "submitted")]
    [InlineData(ReceiverAnswer.Cut, ReceiverAnswer.Conflict, "unconfirmed")]
    [InlineData(ReceiverAnswer.Cut, ReceiverAnswer.Busy, "unconfirmed")]
    [InlineData(ReceiverAnswer.Busy, ReceiverAnswer.Cut, "unconfirmed")]
    [InlineData(ReceiverAnswer.Busy, ReceiverAnswer.Taken, "submitted")]
    [InlineData(ReceiverAnswer.Unavailable, ReceiverAnswer.Unavailable, "unconfirmed")]
    public async Task What_the_receiver_took_without_an_answer_is_sent_again_as_the_same_and_never_told_as_not_submitted(ReceiverAnswer first, ReceiverAnswer later, string state)
    {
        await using var receiver = await PlanReceiver.StartAsync(times => times == 1 ? first : later);
        await using var rig = await FrequencyRig.ArmedAsync(
            contract: SubmissionTests.Contract(50_000), arguments: [$"--Submission:Url={receiver.Url}", $"--Submission:TimeoutSeconds={(first == ReceiverAnswer.None ? 2 : 60)}"]);
        var path = PathAhead();
        var lost = first == ReceiverAnswer.Busy ? 2 : 1;
        await FrequencyRig.UntilAsync(
            () => rig.GetAsync(path),
            p =>
            {
                var all = Submissions(p) ?? [];
                Assert.All(all, s => Assert.False(s!["attempts"]!.GetValue<int>() >= lost && (State(s) is "overdue" or "failed"), s.ToJsonString()));
                return all.Count > 0 && all.All(s => s!["attempts"]!.GetValue<int>() >= 2 && State(s).StartsWith(state, StringComparison.Ordinal) && (s["unansweredSince"] is not null || state != "unconfirmed"));
            });
        foreach (var plan in receiver.Heard.GroupBy(h => h.Key))
        {
            Assert.Single(plan.Select(p => p.Body.ToJsonString()).Distinct());
        }
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_has_no_plan()
    {
        await using var rig = await FrequencyRig.ArmedAsync(contract: SubmissionTests.Contract(50_000), arguments: [$"--Submission:Url=http://127.0.0.1:{TestPorts.Next()}/plans"]);
        var told = await FrequencyRig.UntilAsync(() => rig.GetAsync(PathAhead()), p => Submissions(p) is { Count: > 0 } all && all.All(s => s!["attempts"]!.GetValue<int>() >= 1));
        Assert.All(Submissions(told)!, s => Assert.DoesNotContain(State(s!), new[] { "unconfirmed" }));
    }

    /// <summary>Killed while the receiver has the plan and has not answered: the next process knows that it may be there, and says the same again.</summary>
    [Theory]
    [InlineData(ReceiverAnswer.Taken, "submitted")]
    [InlineData(ReceiverAnswer.Busy, "unconfirmed")]
    public async Task Killed_before_the_answer_the_next_process_sends_the_same_and_knows_that_it_may_be_there(ReceiverAnswer later, string state)
    {
        var folder = TestFolders.Create();
        var tokens = new TestTokens(folder);
        await using var hub = await FakeHub.StartAsync();
        var killed = false;
        await using var receiver = await PlanReceiver.StartAsync(_ => Volatile.Read(ref killed) ? later : ReceiverAnswer.None);
        string[] arguments = [$"--Storage:Path={folder}", $"--Submission:Url={receiver.Url}", "--Submission:TimeoutSeconds=120"];
        try
        {
            using (var first = await ServiceProcess.StartAsync(tokens, hub, TestPorts.Next(), arguments))
            {
                await first.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
                await first.PutAsync("/v1/assets/bess-1", JsonNode.Parse("""
                    { "siteId": "site-1", "kind": "bess", "chargeMaxW": 100000, "dischargeMaxW": 100000, "energyWh": 200000, "socPercent": 50, "latencyMs": 50, "rampWPerS": 10000000 }
                    """)!);
                await first.PutAsync("/v1/contracts/c1", SubmissionTests.Contract(50_000));
                await FrequencyRig.UntilAsync(() => receiver.Heard.Any(h => IsAhead(h.Body)));
                first.Kill();
            }

            var before = receiver.Heard.Where(h => IsAhead(h.Body)).ToDictionary(h => h.Key, h => h.Body.ToJsonString(), StringComparer.Ordinal);
            Volatile.Write(ref killed, true);
            using var second = await ServiceProcess.StartAsync(tokens, hub, TestPorts.Next(), arguments);
            var sent = before.Keys.Select(k => k[(k.IndexOf('/', StringComparison.Ordinal) + 1)..]).ToHashSet(StringComparer.Ordinal);
            var told = await FrequencyRig.UntilAsync(
                () => second.GetAsync(PathAhead()), p => Submissions(p)?.Where(s => sent.Contains(s!["from"]!.GetValue<string>())).All(s => s!["attempts"]!.GetValue<int>() >= 1) == true);
            Assert.All(Submissions(told)!.Where(s => sent.Contains(s!["from"]!.GetValue<string>())), s => Assert.StartsWith(state, State(s!), StringComparison.Ordinal));
            Assert.All(receiver.Heard.Where(h => before.ContainsKey(h.Key)), h => Assert.Equal(before[h.Key], h.Body.ToJsonString()));
            Assert.Contains(receiver.Heard.GroupBy(h => h.Key), g => before.ContainsKey(g.Key) && g.Count() > 1);
        }
        finally
        {
            TestFolders.Remove(folder);
        }
    }

    [Fact]
    public async Task What_may_be_there_is_an_alarm_before_the_gate()
    {
        await using var receiver = await PlanReceiver.StartAsync(_ => ReceiverAnswer.Cut);
        await using var rig = await FrequencyRig.ArmedAsync(
            contract: SubmissionTests.Contract(50_000), arguments: [$"--Submission:Url={receiver.Url}", "--Logging:LogLevel:GridServices.FrequencyResponse.Service.Submission=Error"]);
        using var log = new CapturingLogger();
        rig.Service.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);

        // Within two minutes of the gate somebody has to ask; well before the gate itself, however busy the machine.
        var begin = Instant.FromUnixTimeSeconds(SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds() + 115) + PlanSubmission.Gate;
        await rig.Service.App.Services.GetRequiredService<Store>().WriteAsync(
            tx => PlanStore.DecideAsync(tx, new EntryId("default", "c1"), Period with { From = begin, Until = begin + Duration.FromSeconds(1), DecidedAt = begin - AvailabilityPlan.Gate }), default);
        await FrequencyRig.UntilAsync(() => log.Lines.Any(l => l.Contains(begin.ToString(), StringComparison.Ordinal)));
        Assert.All(log.Lines.Where(l => l.Contains(begin.ToString(), StringComparison.Ordinal)), l => Assert.Contains("went out and was not answered", l, StringComparison.Ordinal));

        // The hub hears of it as the contract's detail, while its measurement is well; which plan comes first there depends on the hour.
        await rig.MeasureUntilAsync(_ => 50, () => rig.Hub.Reports.Any(r => r.Streams.Any(s =>
            s.Stream.Key == "c1" && s.Status == UpstreamStatus.Ok && s.Detail?.Contains("went out and was not answered; ask the receiver", StringComparison.Ordinal) == true)));
    }

    [Fact]
    public void An_alarm_stands_until_the_submission_is_settled_or_its_period_is_over()
    {
        var (alarms, contract) = (new PlanAlarms(), new EntryId("default", "c1"));
        var lost = Begun.Tried(Lost, Decided, Decided + Duration.FromSeconds(15));
        Note(lost, Decided);
        Assert.Null(alarms.Find(contract, Decided));
        Note(lost, Gate);
        Assert.Contains("ask the receiver", alarms.Find(contract, Gate), StringComparison.Ordinal);
        Assert.Null(alarms.Find(new EntryId("other", "c1"), Gate));
        Note(lost.Tried(SubmissionOutcome.Taken, Gate, Gate), Gate);
        Assert.Null(alarms.Find(contract, Gate));
        Note(Begun.Expire(), Evening);
        Assert.Contains("submit it by hand", alarms.Find(contract, Evening), StringComparison.Ordinal);
        Assert.Null(alarms.Find(contract, Period.Until));

        void Note(PlanSubmission stands, Instant at) => alarms.Note(contract, Period.From, Period.Until, stands.FindAlarm(at));
    }

    private static JsonArray? Submissions(JsonNode plans) => plans["submissions"]?.AsArray();

    private static string State(JsonNode submission) => submission["state"]!.GetValue<string>();

    /// <summary>Well before it begins, and so before it could be given up.</summary>
    private static bool IsAhead(JsonNode body) =>
        string.CompareOrdinal(body["plan"]!["from"]!.GetValue<string>(), TimeText.Format(SystemClock.Instance.GetCurrentInstant() + Duration.FromMinutes(12))) > 0;

    private static string PathAhead()
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        return $"/v1/contracts/c1/plans?from={TimeText.Format(now + Duration.FromMinutes(10))}&until={TimeText.Format(now + Duration.FromHours(2))}";
    }
}
