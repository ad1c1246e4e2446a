using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Notifications;
using NodaTime;

namespace GridServices.Operations.Tests.Notifications;

public sealed class WebhookTests
{
    private static readonly Instant At = Instant.FromUnixTimeSeconds(1_793_230_000);
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef");
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("{\"trigger\":\"eventAnnounced\"}");
    private static readonly Duration FiveMinutes = Duration.FromMinutes(5);

    /// <summary>The value is of `printf '1793230000.{"trigger":"eventAnnounced"}' | openssl dgst -sha256 -hmac …`.</summary>
    [Fact]
    public void The_signature_is_the_HMAC_of_time_and_body() =>
        Assert.Equal("t=1793230000,v1=7dab54ae6934b630fd9ea375150ba7afd820b7feee97a9cae27d238067fbb454", WebhookSignature.Sign([Secret], At, Body));

    [Fact]
    public void A_receiver_takes_what_is_fresh_and_unchanged_and_nothing_else()
    {
        var header = WebhookSignature.Sign([Secret], At, Body);
        Assert.True(WebhookSignature.Verify(Secret, header, Body, At + FiveMinutes, FiveMinutes));
        Assert.False(WebhookSignature.Verify(Secret, header, Body, At + FiveMinutes + Duration.FromSeconds(1), FiveMinutes));
        Assert.False(WebhookSignature.Verify(Secret, header, Body, At - FiveMinutes - Duration.FromSeconds(1), FiveMinutes));
        Assert.False(WebhookSignature.Verify(Encoding.ASCII.GetBytes("another secret of 32 bytes ......"), header, Body, At, FiveMinutes));
        Assert.False(WebhookSignature.Verify(Secret, header.Replace("t=1793230000", "t=1793230001", StringComparison.Ordinal), Body, At, FiveMinutes));
        Assert.All(["", "t=", "t=x,v1=00", "v1=00", "t=1793230000", "t=1793230000,v1="], h => Assert.False(WebhookSignature.Verify(Secret, h, Body, At, FiveMinutes)));
    }

    [Fact]
    public void Any_other_body_is_refused() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), other =>
        other.AsSpan().SequenceEqual(Body) || !WebhookSignature.Verify(Secret, WebhookSignature.Sign([Secret], At, Body), other, At, FiveMinutes)).QuickCheckThrowOnFailure();

    [Fact]
    public void While_a_secret_is_replaced_both_are_good()
    {
        var next = Encoding.ASCII.GetBytes("fedcba9876543210");
        var header = WebhookSignature.Sign([Secret, next], At, Body);
        Assert.True(WebhookSignature.Verify(Secret, header, Body, At, FiveMinutes));
        Assert.True(WebhookSignature.Verify(next, header, Body, At, FiveMinutes));
        Assert.Throws<ArgumentException>(() => WebhookSignature.Sign([], At, Body));
        Assert.Throws<ArgumentException>(() => WebhookSignature.Sign([new byte[8]], At, Body));
    }

    [Fact]
    public void Deliveries_are_tried_again_from_a_minute_to_a_day_and_then_wait_for_a_person()
    {
        Assert.Equal([1, 5, 15, 60, 240, 720, 1440], Enumerable.Range(1, 7).Select(i => (int)(RetrySchedule.Next(i, At)!.Value - At).TotalMinutes));
        Assert.Null(RetrySchedule.Next(8, At));
        Assert.Null(RetrySchedule.Next(0, At));
        Assert.Equal(8, RetrySchedule.Tries);
    }

    [Fact]
    public void A_link_to_acknowledge_by_works_once_and_for_a_day()
    {
        var (token, kept) = AcknowledgementToken.Issue(new byte[32], "t1", "ann", "openadr:pge/e17", At);
        Assert.DoesNotContain(token, kept.ToString(), StringComparison.Ordinal);
        Assert.Equal(kept.TokenHash, AcknowledgementToken.HashToken(token));
        Assert.Equal(AcknowledgementVerdict.Accepted, kept.Check(token, At + Duration.FromHours(23)));
        var (verdict, used) = kept.Redeem(token, At + Duration.FromHours(1));
        Assert.Equal((AcknowledgementVerdict.Accepted, At + Duration.FromHours(1)), (verdict, used.UsedAt!.Value));
        Assert.Equal((AcknowledgementVerdict.Used, used), used.Redeem(token, At + Duration.FromHours(2)));
        Assert.Equal((AcknowledgementVerdict.Expired, kept), kept.Redeem(token, At + Duration.FromHours(24)));
        Assert.Equal((AcknowledgementVerdict.Unknown, kept), kept.Redeem(token + "x", At));
        Assert.Throws<ArgumentException>(() => AcknowledgementToken.Issue(new byte[31], "t1", "ann", "e", At));
    }
}
