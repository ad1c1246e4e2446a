using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Audit;
using GridServices.Operations.Json;
using NodaTime;

namespace GridServices.Operations.Tests.Audit;

public sealed class AuditChainTests
{
    private static readonly Instant At = Instant.FromUtc(2027, 5, 1, 12, 0);

    [Fact]
    public void A_chain_that_nobody_touched_is_sound()
    {
        var chain = Chain(5);
        var verdict = AuditChain.Verify(AuditChain.Start("t1"), chain, AuditChain.GetHead(chain[^1]));
        Assert.True(verdict.IsSound);
        Assert.Equal(5, verdict.Sound.Sequence);
    }

    [Fact]
    public void An_entry_whose_content_was_changed_is_named()
    {
        var chain = Chain(5);
        chain[2] = chain[2] with { Write = chain[2].Write with { Actor = "somebody else" } };
        var verdict = AuditChain.Verify(AuditChain.Start("t1"), chain);
        Assert.Equal((AuditFault.ContentChanged, 3L), (verdict.Fault!.Value, verdict.BrokenSequence!.Value));
        Assert.Equal(2, verdict.Sound.Sequence);
    }

    [Fact]
    public void An_entry_that_was_hashed_anew_breaks_at_the_one_after_it()
    {
        var chain = Chain(5);
        chain[2] = AuditChain.Append(AuditChain.GetHead(chain[1]), chain[2].Write with { Action = "site.deleted" });
        var verdict = AuditChain.Verify(AuditChain.Start("t1"), chain);
        Assert.Equal((AuditFault.PreviousHashDiffers, 4L), (verdict.Fault!.Value, verdict.BrokenSequence!.Value));
    }

    [Fact]
    public void An_entry_that_is_missing_is_named_by_its_number()
    {
        var chain = Chain(5);
        chain.RemoveAt(3);
        var verdict = AuditChain.Verify(AuditChain.Start("t1"), chain);
        Assert.Equal((AuditFault.SequenceBroken, 4L, 5L), (verdict.Fault!.Value, verdict.BrokenSequence!.Value, verdict.FoundSequence!.Value));
    }

    [Fact]
    public void A_chain_that_was_cut_at_its_end_is_seen_by_the_head_that_was_kept()
    {
        var chain = Chain(5);
        var head = AuditChain.GetHead(chain[^1]);
        chain.RemoveAt(4);
        var verdict = AuditChain.Verify(AuditChain.Start("t1"), chain, head);
        Assert.Equal((AuditFault.EndMissing, 5L), (verdict.Fault!.Value, verdict.BrokenSequence!.Value));
    }

    [Fact]
    public void A_chain_written_wholly_anew_is_seen_by_the_head_that_was_kept()
    {
        var head = AuditChain.GetHead(Chain(5)[^1]);
        var forged = Chain(5, action: "site.seen");
        Assert.True(AuditChain.Verify(AuditChain.Start("t1"), forged).IsSound);
        Assert.False(AuditChain.Verify(AuditChain.Start("t1"), forged, head).IsSound);
    }

    [Fact]
    public void Entries_of_another_tenant_do_not_fit()
    {
        var verdict = AuditChain.Verify(AuditChain.Start("t2"), Chain(1));
        Assert.Equal(AuditFault.OtherTenant, verdict.Fault);
        Assert.NotEqual(AuditChain.Start("t1").Hash, AuditChain.Start("t2").Hash);
        Assert.Throws<ArgumentException>(() => AuditChain.Append(AuditChain.Start("t2"), Write(1)));
    }

    [Fact]
    public void After_retention_a_chain_is_verified_from_the_head_that_was_kept()
    {
        var chain = Chain(6);
        Assert.True(AuditChain.Verify(AuditChain.GetHead(chain[2]), chain.Skip(3), AuditChain.GetHead(chain[5])).IsSound);
    }

    [Fact]
    public void Whichever_member_of_whichever_entry_is_changed_the_entry_is_named() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(PositiveInt, PositiveInt)>(), drawn =>
        {
            var chain = Chain(8);
            var index = drawn.Item1.Get % chain.Count;
            var write = chain[index].Write;
            AuditDraft[] forged =
            [
                write with { At = write.At.PlusNanoseconds(1) }, write with { Actor = write.Actor + " " }, write with { ActorKind = AuditActorKind.Job }, write with { Action = "x" },
                write with { EntityKind = "x" }, write with { EntityId = "x" }, write with { Changes = [] }, write with { Reason = null }, write with { RequestId = "x" }, write with { SourceIp = "::1" }, write with { ApprovedBy = "x" },
            ];
            chain[index] = chain[index] with { Write = forged[drawn.Item2.Get % forged.Length] };
            return AuditChain.Verify(AuditChain.Start("t1"), chain).BrokenSequence == index + 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_bytes_of_an_entry_are_the_same_wherever_they_are_made()
    {
        var entry = AuditChain.Append(AuditChain.Start("t1"), Write(1));
        Assert.Equal(
            "{\"previousHash\":\"" + AuditChain.Start("t1").Hash + "\",\"sequence\":1,\"write\":{\"action\":\"site.changed\",\"actor\":\"ann\",\"actorKind\":\"user\",\"at\":\"2027-05-01T12:01:00Z\","
            + "\"changes\":[{\"after\":\"2\",\"before\":\"1\",\"pointer\":\"/version\"}],\"entityId\":\"s1\",\"entityKind\":\"site\",\"reason\":\"asked by phone\",\"tenant\":\"t1\"}}",
            System.Text.Encoding.UTF8.GetString(AuditChain.CanonicalBytes(entry)));
    }

    [Fact]
    public void An_entry_comes_back_from_JSON_as_it_was()
    {
        var entry = AuditChain.Append(AuditChain.Start("t1"), Write(1) with { Changes = [new AuditChange("/a", After: "1"), new AuditChange("/b", "2")] });
        var read = System.Text.Json.JsonSerializer.Deserialize<AuditEntry>(System.Text.Json.JsonSerializer.Serialize(entry, OperationsJson.Options), OperationsJson.Options)!;
        Assert.Equal(entry, read);
        Assert.True(AuditChain.Verify(AuditChain.Start("t1"), [read]).IsSound);
    }

    private static List<AuditEntry> Chain(int count, string action = "site.changed")
    {
        var (chain, head) = (new List<AuditEntry>(), AuditChain.Start("t1"));
        for (var i = 1; i <= count; i++)
        {
            chain.Add(AuditChain.Append(head, Write(i) with { Action = action }));
            head = AuditChain.GetHead(chain[^1]);
        }

        return chain;
    }

    private static AuditDraft Write(int number) => new()
    {
        Tenant = "t1",
        At = At + Duration.FromMinutes(number),
        Actor = "ann",
        ActorKind = AuditActorKind.User,
        Action = "site.changed",
        EntityKind = "site",
        EntityId = "s1",
        Changes = [new AuditChange("/version", "1", "2")],
        Reason = "asked by phone",
    };
}
