using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Tests.Requests;

/// <summary>What can be meant in two ways, or in none, is not guessed.</summary>
public sealed class StatedStartTests
{
    private const string Tariff = """{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Europe/Berlin","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":1}]}]}]}""";

    [Theory]
    [InlineData("2026-10-25T02:30:00", "comes twice: give 2026-10-25T02:30:00+02 or 2026-10-25T02:30:00+01")]
    [InlineData("2026-03-29T02:30:00", "does not exist")]
    public void A_start_that_the_clock_shows_twice_or_never_is_refused(string start, string words)
    {
        var refusal = Assert.Single(Read($$"""{"start":"{{start}}","minutes":30,"kW":[1,1]}""").Refusals);
        Assert.Equal(("/intervals/start", ErrorClass.SemanticTime), (refusal.Path, refusal.Class));
        Assert.Contains(words, refusal.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-10-25T02:30:00+01:00")]
    [InlineData("2026-10-25T03:30:00")]
    [InlineData("2026-10-25")]
    public void A_start_that_means_one_instant_is_taken(string start) =>
        Assert.True(Read($$"""{"start":"{{start}}","minutes":30,"kW":[1,1]}""").Ok);

    [Theory]
    [InlineData("\"skipRows\":-1", "/intervals/skipRows")]
    [InlineData("\"skipRows\":10001", "/intervals/skipRows")]
    [InlineData("\"minutes\":0", "/intervals/minutes")]
    [InlineData("\"minutes\":1441", "/intervals/minutes")]
    public void A_number_outside_its_range_is_refused_and_not_bent(string member, string pointer) =>
        Assert.Contains(Read($$"""{"csv":"time,kW\n2026-01-01T00:00:00Z,1\n2026-01-01T00:15:00Z,1\n",{{member}}}""").Refusals, r => r.Path == pointer && r.Class == ErrorClass.SemanticNumber);

    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    public void A_year_outside_the_calendar_is_refused(int year) =>
        Assert.Contains(Read("""{"start":"2026-01-01","minutes":30,"kW":[1,1]}""", $",\"year\":{year}").Refusals, r => r.Path == "/year");

    private static ReadResult<BillRequest> Read(string intervals, string more = "") =>
        BillRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"tariff":{{Tariff}},"intervals":{{intervals}}{{more}} }"""));
}
