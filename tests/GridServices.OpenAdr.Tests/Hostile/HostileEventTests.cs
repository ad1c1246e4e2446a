using System.Text.Json;
using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Testing;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Hostile;

/// <summary>The hostile collection's cases of meaning: each ends as its index says. VEN <c>ven-under-test</c>, VTN <c>vtn-test</c>, 2027-01-15T18:00Z.</summary>
public sealed class HostileEventTests
{
    [Fact]
    public void Every_semantic_case_ends_as_its_index_says()
    {
        var cases = Cases().Where(c => string.CompareOrdinal(c.Id, "OA-040") >= 0 && string.CompareOrdinal(c.Id, "OA-070") < 0).ToList();
        Assert.True(cases.Count >= 20, "The collection should hold the cases OA-040 to OA-066.");
        Assert.Multiple([.. cases.Select(c => (Action)(() => EventCase(c)))]);
    }

    [Fact]
    public void Every_registration_reply_ends_as_its_index_says()
    {
        var cases = Cases().Where(c => string.CompareOrdinal(c.Id, "OA-070") >= 0).ToList();
        Assert.True(cases.Count >= 5, "The collection should hold the cases OA-070 to OA-074.");
        Assert.Multiple([.. cases.Select(c => (Action)(() => RegistrationCase(c)))]);
    }

    private static void EventCase(HostileCase c)
    {
        var ven = VenScript.Registered();
        if (c.Precondition is not null)
        {
            ven.Gets(Vtn.Distributes(Vtn.Event("evt-seq", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))).Modified(3)), "evt-seq/3 200 OptIn");
        }

        var before = ven.State;
        var read = OadrXml.Read(c.Bytes());
        if (read.Message is null)
        {
            Assert.True(c.Accepts(read.Refusal!.Class), $"{c.Id}: refused as {read.Refusal}");
            ven.Takes(new VenInput.ReplyRefused(ven.Request(), read.Refusal)).Publishes();
            Assert.Equal(before.Events, ven.State.Events);
            return;
        }

        ven.State = before with { Link = new LinkState() };
        ven.Polls(read.Message);
        var answer = ven.Next() is VenNext.SendRequest { Message: OadrCreatedEvent created } ? created : null;
        var codes = answer is null ? [] : answer.EventResponses.Count == 0 ? [answer.Response.Code] : answer.EventResponses.Select(r => r.Code).ToArray();
        switch (c.Expected)
        {
            case "reject" or "reject-event" or "ignore":
                Assert.True(codes.Contains(c.Code!.Value), $"{c.Id}: answered {string.Join(',', codes)}, expected {c.Code}");
                Assert.True(answer!.EventResponses.All(r => r.OptType == OptType.OptOut), $"{c.Id}: must be optOut");
                Assert.True(ven.Publications.Count == 0, $"{c.Id}: a refused event was published");
                Assert.True(before.Events.Equals(ven.State.Events), $"{c.Id}: a refused event was stored");
                Assert.True(c.Id == "OA-058" || ven.Notes.Exists(n => n.Class is { } error && c.Accepts(error)), $"{c.Id}: noted as {ven.Notes[^1]}");
                break;
            case "accept" or "accept-with-warning":
                Assert.True(codes.SequenceEqual([200]), $"{c.Id}: answered {string.Join(',', codes)}, expected 200");
                Assert.True(c.Expected == "accept" || ven.Notes.Exists(n => n.Level == NoteLevel.Warning), $"{c.Id}: a warning is expected");
                Assert.True(ven.Publications.Count == 1, $"{c.Id}: must be published");
                break;
            case "accept-most-restrictive":
                Assert.Equal([200, 200], codes);
                Assert.True(ven.Publications.Count == 1, $"{c.Id}: must be published");
                Strictest(c, read.Message, ven);
                break;
            case "ack-no-op":
                Assert.Equal([200], codes);
                Assert.True(ven.Publications.Count == 0 && ven.State.Events.Count == 0, $"{c.Id}: nothing is to be done");
                break;
            case "policy":
                Assert.True(codes.SequenceEqual([200]), $"{c.Id}: the same answer again");
                Assert.True(ven.Publications.Count == 0 && ven.Notes.Exists(n => n.Class is { } error && c.Accepts(error)), $"{c.Id}: never applied, with a warning");
                break;
            default:
                Assert.Fail($"{c.Id}: '{c.Expected}' is not provided for");
                break;
        }
    }

    private static void Strictest(HostileCase c, OadrMessage message, VenScript ven)
    {
        var levels = ((OadrDistributeEvent)message).Events.Select(e => (int)e.Value!.Signals[0].Intervals[0].Value).Max();
        var limit = Configs.Program.Signals.Simple!.Levels[levels.ToString()].ImportLimitW;
        var envelope = Assert.IsType<EnginePublication.PublishEnvelope>(ven.Publications[0]).Envelope;
        Assert.True(envelope.Segments.Min(s => s.Limits.ImportLimitW) == limit, $"{c.Id}: the more restrictive limit must hold");
    }

    private static void RegistrationCase(HostileCase c)
    {
        var config = Configs.Ven with { VenId = "ven-under-test", Quirks = new VenQuirks { SkipQueryRegistration = true } };
        var ven = new VenScript(config);
        var read = OadrXml.Read(c.Bytes());
        if (read.Message is null)
        {
            Assert.True(c.Expected == "reject" && c.Accepts(read.Refusal!.Class), $"{c.Id}: refused as {read.Refusal}");
            ven.Takes(new VenInput.ReplyRefused(ven.Request(), read.Refusal!));
            Assert.Null(ven.State.Registration);
            return;
        }

        ven.Hears(read.Message);
        switch (c.Id)
        {
            case "OA-071" or "OA-074":
                Assert.Null(ven.State.Registration);
                Assert.Contains(ven.Notes, n => n.Class is { } error && c.Accepts(error));
                break;
            case "OA-072":
                Assert.Equal("ven-other", ven.State.Registration?.VenId);
                var pinned = new VenScript(config with { PinVenId = true }).Hears(read.Message);
                Assert.Null(pinned.State.Registration);
                Assert.Contains(pinned.Notes, n => n.Class == ErrorClass.AuthzVenid);
                break;
            case "OA-073":
                Assert.InRange(ven.State.Registration!.PollFrequency!.Value.TotalSeconds, 1, 3600);
                break;
            default:
                Assert.NotNull(ven.State.Registration);
                break;
        }
    }

    private static IEnumerable<HostileCase> Cases()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("hostile/index.json")));
        foreach (var item in index.RootElement.EnumerateArray().Where(i => i.GetProperty("category").GetString() == "openadr"))
        {
            var also = item.TryGetProperty("also_ok", out var list) ? list.EnumerateArray().Select(a => a.GetString()!).ToArray() : [];
            yield return new HostileCase(
                item.GetProperty("id").GetString()!,
                TestData.Path("hostile/" + item.GetProperty("file").GetString()),
                item.GetProperty("expected").GetString()!,
                [item.GetProperty("error_class").GetString()!, .. also],
                item.TryGetProperty("oadr_code", out var code) && code.ValueKind == JsonValueKind.Number ? code.GetInt32() : null,
                item.TryGetProperty("precondition", out var precondition) ? precondition.GetString() : null);
        }
    }

    private sealed record HostileCase(string Id, string File, string Expected, IReadOnlyList<string> Classes, int? Code, string? Precondition)
    {
        public byte[] Bytes() => System.IO.File.ReadAllBytes(File);

        public bool Accepts(ErrorClass error) => Classes.Contains(Problems.GetName(error), StringComparer.Ordinal);
    }
}
