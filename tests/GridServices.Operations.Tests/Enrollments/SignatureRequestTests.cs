using GridServices.Operations.Enrollments;
using NodaTime;

namespace GridServices.Operations.Tests.Enrollments;

public sealed class SignatureRequestTests
{
    private static readonly Enrollment ConEd = Sample.Enrollment with { Template = Sample.Template("CONED-CSRP").Ref };
    private static readonly EnrollmentFacts Facts = Sample.Facts with { Template = Sample.Template("CONED-CSRP"), Contacts = [Sample.Signer] };
    private static readonly SignatureRequest Asked = new() { Id = Sample.Id(20), Tenant = "default", EnrollmentId = Sample.Id(1), ContactId = Sample.Signer.Id, Asked = Sample.Stamp };

    [Fact]
    public void A_link_works_for_fourteen_days_from_its_sending_and_another_sending_makes_another()
    {
        Assert.Equal(SignatureState.Waiting, Asked.StateAt(Sample.Now));
        var (token, sent) = Asked.Send(Enumerable.Repeat((byte)1, 32).ToArray(), Sample.Now);
        Assert.Equal(SignatureRequest.HashToken(token), sent.TokenHash);
        Assert.DoesNotContain(token, sent.ToString(), StringComparison.Ordinal);
        Assert.Equal(SignatureState.Sent, sent.StateAt(Sample.Now + SignatureRequest.Life - Duration.Epsilon));
        Assert.Equal(SignatureState.Expired, sent.StateAt(Sample.Now + SignatureRequest.Life));
        Assert.Equal(SignatureState.Expired, sent.StateAt(Sample.Now - Duration.Epsilon));
        var (other, again) = sent.Send(Enumerable.Repeat((byte)2, 32).ToArray(), Sample.Now + Duration.FromDays(13));
        Assert.NotEqual(token, other);
        Assert.Equal(SignatureState.Sent, again.StateAt(Sample.Now + SignatureRequest.Life));
        Assert.Throws<ArgumentException>(() => Asked.Send(new byte[31], Sample.Now));
    }

    [Theory]
    [InlineData(null, false, "signature.missing")]
    [InlineData(null, true, "signature.asked")]
    [InlineData(SignatureEnd.Declined, true, "signature.declined")]
    [InlineData(SignatureEnd.Revoked, true, "signature.missing")]
    [InlineData(SignatureEnd.Replaced, true, "signature.missing")]
    public void The_required_action_says_how_far_the_signature_is(SignatureEnd? end, bool asked, string code)
    {
        var request = asked ? Asked with { SentAt = Sample.Now, End = end, EndedAt = end is null ? null : Sample.Now, Reason = "not mine" } : null;
        Assert.Equal(code, Code(ConEd, request, Sample.Now));
    }

    [Fact]
    public void A_link_that_is_over_is_ours_to_send_again_and_a_revoked_consent_can_be_asked_for_anew()
    {
        var sent = Asked with { SentAt = Sample.Now };
        Assert.Equal("signature.linkExpired", Code(ConEd, sent, Sample.Now + SignatureRequest.Life));
        var consent = new Consent { ContactId = Sample.Signer.Id, SignedAt = Sample.Now, Scope = "all" };
        Assert.Null(Code(ConEd with { Consent = consent }, sent, Sample.Now));
        Assert.Equal("signature.revoked", Code(ConEd with { Consent = consent with { RevokedAt = Sample.Now } }, sent with { End = SignatureEnd.Signed }, Sample.Now));
        Assert.Equal("signature.asked", Code(ConEd with { Consent = consent with { RevokedAt = Sample.Now } }, sent, Sample.Now));
    }

    [Fact]
    public void Nothing_is_asked_for_where_nothing_is_to_be_signed()
    {
        Assert.Null(SignatureRequest.FindObstacle(ConEd, Facts.Template, Sample.Now));
        Assert.NotNull(SignatureRequest.FindObstacle(ConEd, Sample.Template("OPENADR-PLAIN"), Sample.Now));
        Assert.NotNull(SignatureRequest.FindObstacle(ConEd with { State = EnrollmentState.Ended }, Facts.Template, Sample.Now));
        Assert.NotNull(SignatureRequest.FindObstacle(ConEd with { Consent = new Consent { ContactId = "c", SignedAt = Sample.Now, Scope = "all" } }, Facts.Template, Sample.Now));
    }

    private static string? Code(Enrollment enrollment, SignatureRequest? request, Instant now) =>
        RequiredActions.Compute(enrollment, Facts with { Signature = request }, now).SingleOrDefault(a => a.Code.StartsWith("signature.", StringComparison.Ordinal))?.Code;
}
