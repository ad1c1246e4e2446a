using System.Globalization;
using System.Text;

namespace GridServices.Contracts.Tests.Readers;

public sealed class EnvelopeReadingTests
{
    [Theory]
    [MemberData(nameof(EnvelopeRefusals.All), MemberType = typeof(EnvelopeRefusals))]
    public void Refused_with_class_and_pointer(string member, string? raw, ErrorClass kind, string? pointer)
    {
        var outcome = EnvelopeReader.ReadPublication(Sample.Utf8(Sample.With(Sample.Event, member, raw)));

        Assert.Null(outcome.Refusal);
        var problem = Assert.Single(outcome.Items).Problem;
        Assert.NotNull(problem);
        Assert.Equal(kind, Problems.FindClass(problem));
        Assert.Equal(pointer ?? member, problem.Pointer);
        Assert.False(string.IsNullOrWhiteSpace(problem.Detail));
        Assert.InRange(problem.Status, 400, 499);
    }

    [Theory]
    [InlineData("/data/segments/0/limits/importLimitW", "-0", 0L)]
    [InlineData("/data/segments/0/limits/importLimitW", "9007199254740992", 9007199254740992L)]
    [InlineData("/data/segments/0/limits/importLimitW", "50000.0", 50000L)]
    [InlineData("/data/segments/0/limits/importLimitW", "5e4", 50000L)]
    [InlineData("/data/segments/0/limits/importLimitW", "0e999999999999", 0L)]
    [InlineData("/data/segments/0/limits/importLimitW", "null", null)]
    [InlineData("/data/segments/0/limits/importLimitW", null, null)]
    public void Whole_watts_are_read_exactly(string member, string? raw, long? expected) =>
        Assert.Equal(expected, Read(Sample.With(Sample.Event, member, raw)).Segments[0].Limits.ImportLimitW);

    [Theory]
    [InlineData("/data/xVendor", "{\"a\":[1,2,{\"b\":null}]}")]
    [InlineData("/data/sequence", "\"99\"")]
    [InlineData("/data/epoch", "\"x\"")]
    [InlineData("/data/tenant", "\"other\"")]
    [InlineData("/sequence", "\"99\"")]
    [InlineData("/data/segments/0/note", "1e400")]
    public void Members_that_are_not_ours_are_ignored(string member, string raw) =>
        Assert.True(CanonicalJson.SameContent(Sample.Envelope(), Read(Sample.With(Sample.Event, member, raw))));

    [Fact]
    public void Every_member_is_read()
    {
        var envelope = Sample.Envelope();

        Assert.Equal(2, envelope.Segments[0].Cause!.Modification);
        Assert.Equal(-30, envelope.Segments[0].Cause!.RandomizedByS);
        Assert.True(envelope.Segments[0].Bridged);
        Assert.Equal(16.5m, envelope.Segments[1].Limits.PerPhase!.L1!.ImportLimitA);
        Assert.Null(envelope.Segments[1].Limits.PerPhase!.L2);
        Assert.False(envelope.Segments[1].Limits.Energize);
        Assert.Equal(-5000, envelope.Targets[0].TargetW);
        Assert.Equal(new DroopPoint(49.8m, -10000), envelope.Targets[1].Droop![0]);
        Assert.Equal(90000, envelope.Default!.Limits.ImportLimitW);
        Assert.Equal(NodaTime.Duration.FromMinutes(2), envelope.Failsafe!.StaleAfter);
        Assert.Equal(OnStale.Failsafe, envelope.Failsafe.OnStale);
        Assert.Equal("http://utility.example/dr", envelope.Provenance.Program);
    }

    [Fact]
    public void What_is_written_is_read_back_equal()
    {
        foreach (var json in new[] { Sample.Event, Sample.Withdrawal, Sample.Prices })
        {
            var publication = EnvelopeReader.ReadPublication(Sample.Utf8(json)).Items[0].Value!;
            var written = publication switch
            {
                EnvelopePublished p => (object)CloudEvents.Wrap(p.Envelope, p.Source, p.Tenant, p.EventId, p.Time),
                EnvelopeWithdrawn p => CloudEvents.Wrap(p.Withdrawal, p.Source, p.Tenant, p.EventId, p.Time),
                PricesPublished p => CloudEvents.Wrap(p.Prices, p.Source, p.Tenant, p.EventId, p.Time),
                _ => throw new InvalidOperationException("a new kind of publication needs a case here"),
            };
            var again = EnvelopeReader.ReadPublication(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(written, written.GetType(), ContractJson.Options)).Items[0].Value!;

            Assert.True(CanonicalJson.SameContent(publication.Data, again.Data));
            Assert.Equal((publication.EventId, publication.Source, publication.Tenant, publication.SiteId, publication.Time, publication.Revision),
                (again.EventId, again.Source, again.Tenant, again.SiteId, again.Time, again.Revision));
        }
    }

    [Fact]
    public void Items_of_a_batch_stand_for_themselves()
    {
        var bad = Sample.With(Sample.Event, "/data/segments/0/limits/importLimitW", "-1");
        var twice = Sample.Event.Replace("\"revision\": 3,", "\"revision\": 3, \"revision\": 3,", StringComparison.Ordinal);
        var outcome = EnvelopeReader.ReadPublication(Sample.Utf8($"[{Sample.Event},{bad},{twice},null,{Sample.Withdrawal},{Sample.Prices}]"));

        Assert.True(outcome.IsBatch);
        Assert.Null(outcome.Refusal);
        Assert.Equal([true, false, false, false, true, true], outcome.Items.Select(i => i.Value is not null));
        Assert.Equal("/1/data/segments/0/limits/importLimitW", outcome.Items[1].Problem!.Pointer);
        Assert.Equal("0193b0a4-6f5e-7c21-9d3e-0c5f1a2b3c4d", outcome.Items[1].Id);
        Assert.Equal(ErrorClass.Malformed, Problems.FindClass(outcome.Items[2].Problem!));
        Assert.Equal("/2/data/revision", outcome.Items[2].Problem!.Pointer);
        Assert.Equal(ErrorClass.Malformed, Problems.FindClass(outcome.Items[3].Problem!));
        Assert.IsType<EnvelopeWithdrawn>(outcome.Items[4].Value);
        Assert.IsType<PricesPublished>(outcome.Items[5].Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1} // comment")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":Infinity}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1}{\"b\":2}")]
    [InlineData("{\"a\":")]
    [InlineData("\uFEFF{}")]
    public void A_body_that_is_not_one_JSON_document_is_malformed_as_a_whole(string body)
    {
        var outcome = EnvelopeReader.ReadPublication(Sample.Utf8(body));

        Assert.Equal(ErrorClass.Malformed, Problems.FindClass(outcome.Refusal!));
        Assert.Empty(outcome.Items);
    }

    [Fact]
    public void A_body_that_is_not_UTF8_is_malformed() =>
        Assert.Equal(ErrorClass.Malformed, Problems.FindClass(EnvelopeReader.ReadPublication(Encoding.Latin1.GetBytes("{\"a\":\"ü\"}")).Refusal!));

    [Fact]
    public void Sixty_four_levels_are_read_and_one_more_is_not()
    {
        static string Nested(int arrays) => Sample.With(Sample.Event, "/data/x", new string('[', arrays) + new string(']', arrays));

        Assert.NotNull(EnvelopeReader.ReadPublication(Sample.Utf8(Nested(62))).Items[0].Value);
        Assert.Equal(ErrorClass.Malformed, Problems.FindClass(EnvelopeReader.ReadPublication(Sample.Utf8(Nested(63))).Refusal!));
        Assert.Equal(ErrorClass.Malformed, Problems.FindClass(EnvelopeReader.ReadPublication(Sample.Utf8(Nested(1_000_000))).Refusal!));
    }

    [Theory]
    [InlineData("segments", 1024, true)]
    [InlineData("segments", 1025, false)]
    [InlineData("targets", 1024, true)]
    [InlineData("targets", 1025, false)]
    public void At_most_1024_segments_and_targets(string member, int count, bool accepted)
    {
        var items = Enumerable.Range(0, count).Select(i =>
        {
            var from = Sample.Start.Plus(NodaTime.Duration.FromSeconds(i)).ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var until = Sample.Start.Plus(NodaTime.Duration.FromSeconds(i + 1)).ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            return $"{{\"from\":\"{from}\",\"until\":\"{until}\",\"limits\":{{}},\"targetW\":1}}";
        });
        var problem = EnvelopeReader.ReadPublication(Sample.Utf8(Sample.With(Sample.Event, $"/data/{member}", $"[{string.Join(',', items)}]"))).Items[0].Problem;

        Assert.Equal(accepted ? null : ErrorClass.LimitCount, problem is null ? null : Problems.FindClass(problem));
        Assert.Equal(accepted ? null : $"/data/{member}", problem?.Pointer);
    }

    [Fact]
    public void Whole_bodies_are_bounded()
    {
        var limits = new BodyLimits(MaxBytes: 10_000, MaxItems: 2);

        Assert.Equal(ErrorClass.LimitSize, Problems.FindClass(EnvelopeReader.ReadPublication(new byte[10_001], limits).Refusal!));
        Assert.Equal(ErrorClass.LimitCount, Problems.FindClass(EnvelopeReader.ReadPublication(Sample.Utf8("[{},{},{}]"), limits).Refusal!));
        Assert.Equal(2, EnvelopeReader.ReadPublication(Sample.Utf8("[{},{}]"), limits).Items.Count);
    }

    [Theory]
    [InlineData("{\"a\":{\"b\":1,\"b\":1}}", "/data/x/a/b")]
    [InlineData("[{\"b\":1,\"\\u0062\":1}]", "/data/x/0/b")]
    [InlineData("{\"a/b\":1,\"a/b\":1}", "/data/x/a~1b")]
    public void A_member_that_stands_twice_is_malformed_at_any_depth(string value, string pointer)
    {
        var problem = EnvelopeReader.ReadPublication(Sample.Utf8(Sample.With(Sample.Event, "/data/x", value))).Items[0].Problem!;

        Assert.Equal((ErrorClass.Malformed, pointer), (Problems.FindClass(problem), problem.Pointer));
    }

    [Fact]
    public void An_object_with_a_thousand_members_is_not_read()
    {
        var members = string.Join(',', Enumerable.Range(0, 1025).Select(i => $"\"m{i}\":1"));
        var problem = EnvelopeReader.ReadPublication(Sample.Utf8(Sample.With(Sample.Event, "/data/x", $"{{{members}}}"))).Items[0].Problem!;

        Assert.Equal((ErrorClass.LimitCount, "/data/x"), (Problems.FindClass(problem), problem.Pointer));
    }

    [Fact]
    public void Nothing_stated_and_a_schedule_wholly_in_the_past_are_legal()
    {
        var nothing = Read(Sample.With(Sample.With(Sample.Event, "/data/segments", "[]"), "/data/default", null));

        Assert.Empty(nothing.Segments);
        Assert.Null(nothing.Default);
        Assert.NotNull(Read(Sample.With(Sample.Event, "/data/segments", "[{\"from\":\"2020-01-01T00:00:00Z\",\"until\":\"2020-01-01T01:00:00Z\",\"limits\":{}}]")));
    }

    [Fact]
    public void Advisory_envelopes_may_have_a_price()
    {
        var json = Sample.With(Sample.With(Sample.Event, "/data/obligation", "\"advisory\""), "/data/breachPrice", "{\"amount\":14.20,\"currency\":\"EUR\",\"per\":\"kw\"}");

        Assert.Equal(new BreachPrice(14.2m, "EUR", BreachUnit.Kw), Read(json).BreachPrice);
    }

    private static Envelope Read(string json)
    {
        var item = EnvelopeReader.ReadPublication(Sample.Utf8(json)).Items[0];
        Assert.True(item.Problem is null, $"{item.Problem?.Pointer}: {item.Problem?.Detail}");
        return ((EnvelopePublished)item.Value!).Envelope;
    }
}
