using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

public sealed class EvidenceTests
{
    [Fact]
    public async Task Every_turn_is_on_the_chain_and_comes_out_the_same_when_it_is_run_again()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        var sent = 0;
        await rig.MeasureUntilAsync(_ => sent < 20 ? 50 : 49.6, () => ++sent >= 60);
        var config = rig.Service.App.Services.GetRequiredService<PoolTable>().Find(new EntryId("default", "bess-1"))!.Spec.Config;
        var evidence = Path.Combine(rig.Folder, "evidence");
        await rig.StopServiceAsync();

        var segments = Directory.GetFiles(evidence, "*.gsev", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => new ReadOnlyMemory<byte>(File.ReadAllBytes(f))).ToList();
        var verdicts = EvidenceVerifier.Chain(segments);
        Assert.NotEmpty(verdicts);
        Assert.All(verdicts, v => Assert.True(v.Sound && v.Closed, v.Fault?.Detail));
        Assert.True(verdicts.Sum(v => v.Turns) > 40);
        foreach (var segment in segments)
        {
            var replay = EvidenceReplay.Run(config, segment.Span);
            Assert.True(replay.Identical, replay.Difference);
        }

        // One bit of one decision.
        var forged = segments[^1].ToArray();
        forged[forged.Length / 2] ^= 1;
        Assert.False(EvidenceVerifier.Segment(forged).Sound);
    }

    [Fact]
    public async Task The_log_goes_on_after_a_restart_and_is_handed_out()
    {
        var begun = SystemClock.Instance.GetCurrentInstant();
        await using var rig = await FrequencyRig.ArmedAsync();
        await rig.MeasureAsync(_ => 50, 0.5);
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await rig.FindMeterAsync();
        await rig.MeasureAsync(_ => 50, 0.5);
        var listed = (await FrequencyRig.UntilAsync(() => rig.GetAsync("/v1/contracts/c1/evidence"), s => s.AsArray().Count >= 2)).AsArray();
        DemandTimesInOrder(listed, begun);
        using var client = rig.Service.Client(rig.Service.Tokens.Operator);
        var first = await client.GetByteArrayAsync($"/v1/contracts/c1/evidence/{listed[0]!["segment"]}", TestContext.Current.CancellationToken);
        var second = await client.GetByteArrayAsync($"/v1/contracts/c1/evidence/{listed[1]!["segment"]}", TestContext.Current.CancellationToken);
        var csv = await client.GetStringAsync($"/v1/contracts/c1/evidence/{listed[0]!["segment"]}?format=gb", TestContext.Current.CancellationToken);
        Assert.StartsWith("t,f_hz,p_mw,baseline_mw,availability\n20", csv, StringComparison.Ordinal);
        var verdicts = EvidenceVerifier.Chain([first, second]);
        Assert.Equal(2, verdicts.Count);
        Assert.True(verdicts[1].Sound);
        Assert.Equal(verdicts[0].Hash, verdicts[1].Head!.PreviousHash);
    }

    [Fact]
    public async Task The_segment_that_runs_is_handed_out_whole_turns_while_it_is_written()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        var enough = false;
        var measuring = rig.MeasureUntilAsync(_ => 50, () => Volatile.Read(ref enough));
        var running = (await FrequencyRig.UntilAsync(() => rig.GetAsync("/v1/contracts/c1/evidence"), s => s.AsArray().Count > 0))[0]!["segment"]!.GetValue<string>();
        using var client = rig.Service.Client(rig.Service.Tokens.Operator);
        var lengths = new HashSet<int>();
        await FrequencyRig.UntilAsync(
            async () => await client.GetByteArrayAsync($"/v1/contracts/c1/evidence/{running}", TestContext.Current.CancellationToken),
            log =>
            {
                var verdict = EvidenceVerifier.Segment(log);
                Assert.True(verdict.Sound && !verdict.Closed, verdict.Fault?.Detail);
                return lengths.Add(log.Length) && lengths.Count >= 3;
            });
        Volatile.Write(ref enough, true);
        await measuring;
    }

    [Fact]
    public async Task Records_outlive_their_contract_and_its_activation_ends_with_it()
    {
        await using var rig = await FrequencyRig.ArmedAsync("GB-STATIC-FFR");
        await rig.MeasureAsync(_ => 50.0, 0.5);
        await FrequencyRig.UntilAsync(
            async () =>
            {
                await rig.MeasureAsync(_ => 49.6, 0.2);
                return await rig.GetAsync("/v1/contracts/c1/activations");
            },
            a => a.AsArray().Count > 0);
        var running = await FrequencyRig.UntilAsync(() => rig.GetAsync("/v1/contracts/c1/evidence"), s => s.AsArray().Count > 0);
        using var client = rig.Service.Client(rig.Service.Tokens.Operator);
        var log = await client.GetByteArrayAsync($"/v1/contracts/c1/evidence/{running[0]!["segment"]}", TestContext.Current.CancellationToken);
        Assert.True(EvidenceVerifier.Segment(log).Sound);

        await rig.SendAsync(HttpMethod.Delete, "/v1/contracts/c1");
        var activation = (await FrequencyRig.UntilAsync(() => rig.GetAsync("/v1/contracts/c1/activations"), a => a[0]!["endedAt"] is not null))[0]!;
        Assert.Contains("contractEnded", activation["reasons"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.NotNull((await rig.GetAsync("/v1/contracts/c1/performance"))["periods"]);
        Assert.NotEmpty((await rig.GetAsync("/v1/contracts/c1/evidence")).AsArray());
        var csv = await client.GetStringAsync($"/v1/contracts/c1/evidence/{running[0]!["segment"]}?format=gb", TestContext.Current.CancellationToken);
        Assert.StartsWith("t,f_hz", csv, StringComparison.Ordinal);
        Assert.Equal(404, (int)(await rig.SendAsync(HttpMethod.Get, "/v1/contracts/c1/state")).Status);
    }

    [Fact]
    public void A_ring_that_is_full_drops_the_newest_and_counts()
    {
        var ring = new HotRing<int>(4);
        Assert.All(Enumerable.Range(0, 4), i => Assert.True(ring.TryWrite(i)));
        Assert.False(ring.TryWrite(4));
        Assert.Equal(1, ring.Dropped);
        Assert.True(ring.TryRead(out var first));
        Assert.Equal(0, first);
        Assert.True(ring.TryWrite(5));
        Assert.Equal([1, 2, 3, 5], Drain(ring));
    }

    /// <summary>Each ends where the next begins, none before the test and none in the future.</summary>
    private static void DemandTimesInOrder(JsonArray segments, Instant begun)
    {
        var spans = segments.Select(s => (From: Time(s!["from"]!), Until: Time(s["until"]!))).ToList();
        Assert.All(spans, s => Assert.True(s.From <= s.Until && s.From >= begun && s.Until <= SystemClock.Instance.GetCurrentInstant(), $"{s}"));
        Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.Equal(pair.First.Until, pair.Second.From));

        static Instant Time(JsonNode stated) => NodaTime.Text.InstantPattern.ExtendedIso.Parse(stated.GetValue<string>()).Value;
    }

    private static IEnumerable<int> Drain(HotRing<int> ring)
    {
        while (ring.TryRead(out var value))
        {
            yield return value;
        }
    }
}
