using System.Text;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Signatures;
using GridServices.UtilityClients.Engine;
using GridServices.UtilityClients.Journal;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Driver;

/// <summary>A VTN that has nothing new says so in the same bytes at every poll: they are read once.</summary>
public sealed class RepeatedAnswerTests
{
    private static readonly OadrPoll Poll = new("ven-1");
    private static readonly byte[] Nothing = OadrXml.Write(new OadrResponse(EiResponse.Ok(string.Empty), "ven-1"));
    private readonly VtnEndpoint _line = new(
        new EngineId("default", "ven-1"),
        new VenConfig { VtnUrl = "http://vtn.example/OpenADR2/Simple/2.0b", VenName = "ven-1", SiteId = "site-1", Programs = [] },
        new SignerNonces());

    [Fact]
    public void The_same_bytes_mean_the_same_and_are_read_once()
    {
        var (first, hash) = _line.Decode(Poll, Nothing, null);
        Assert.Equal(new OadrResponse(EiResponse.Ok(string.Empty), "ven-1"), first.Message);
        Assert.Equal(JournalRow.ComputeHash(Nothing), hash);
        Assert.Equal((first, hash), Again(Nothing));
        Assert.Same(first, Again(Nothing).Outcome);
    }

    [Fact]
    public void One_byte_of_difference_is_another_answer()
    {
        _line.Decode(Poll, Nothing, null);
        var refusal = OadrXml.Write(new OadrResponse(new EiResponse(463, "who?", string.Empty), "ven-1"));
        Assert.Equal(463, Assert.IsType<OadrResponse>(Again(refusal).Outcome.Message).Response.Code);
        byte[] torn = [.. Nothing.SkipLast(1)];
        Assert.NotNull(Again(torn).Outcome.Refusal);
        Assert.Equal(JournalRow.ComputeHash(torn), Again(torn).Sha256);
        Assert.Equal(200, Assert.IsType<OadrResponse>(Again(Nothing).Outcome.Message).Response.Code);
    }

    [Fact]
    public void What_is_no_plain_news_of_nothing_is_read_each_time()
    {
        var refusal = OadrXml.Write(new OadrResponse(new EiResponse(463, "who?", string.Empty), "ven-1"));
        Assert.NotSame(Again(refusal).Outcome, Again(refusal).Outcome);

        byte[] padded = [.. Nothing, .. Encoding.UTF8.GetBytes(new string('\n', 4_096))];
        Assert.NotSame(Again(padded).Outcome, Again(padded).Outcome);

        var request = new OadrRequestEvent("r-1", "ven-1");
        Assert.NotSame(_line.Decode(request, Nothing, null).Outcome, _line.Decode(request, Nothing, null).Outcome);
    }

    // An answer of yesterday, signed or not, must not pass as one that was verified now.
    [Fact]
    public void What_must_be_verified_is_read_each_time()
    {
        var strict = Check(required: true);
        Again(Nothing);
        Assert.NotNull(_line.Decode(Poll, [.. Nothing], strict).Outcome.Refusal);

        var lenient = Check(required: false);
        var verified = _line.Decode(Poll, [.. Nothing], lenient).Outcome;
        Assert.Null(verified.Refusal);
        Assert.NotSame(verified, Again(Nothing).Outcome);
        Assert.NotSame(verified, _line.Decode(Poll, [.. Nothing], lenient).Outcome);
    }

    private static SignatureCheck Check(bool required) =>
        new(new SignatureVerifier(Duration.FromMinutes(5), false, (_, _, _) => null), required, Instant.FromUtc(2027, 1, 15, 18, 0));

    private (ReadOutcome Outcome, string Sha256) Again(byte[] body) => _line.Decode(Poll, [.. body], null);
}
