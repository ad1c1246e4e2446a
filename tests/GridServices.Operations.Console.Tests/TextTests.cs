using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Compliance;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.Money;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Operations.Console.Tests;

public sealed partial class TextTests
{
    private static readonly string Folder = RepositoryFiles.Path("services", "Operations", "GridServices.Operations.Service");

    [Fact]
    public void Every_text_is_in_every_language_with_the_same_places()
    {
        var english = Texts("en");
        Assert.NotEmpty(english);
        foreach (var language in Language.All.Select(l => Texts(l.Code)))
        {
            Assert.Equal(english.Keys.Order(StringComparer.Ordinal), language.Keys.Order(StringComparer.Ordinal));
            Assert.All(english, text => Assert.Equal(Places(text.Value), Places(language[text.Key])));
            Assert.All(language.Values, text => Assert.False(string.IsNullOrWhiteSpace(text)));
        }
    }

    [Fact]
    public void Pages_use_no_text_that_is_not_there()
    {
        var known = Texts("en").Keys.ToHashSet(StringComparer.Ordinal);
        var used = new[] { "Console", "SignIn", "Live" }.SelectMany(part => Directory.EnumerateFiles(Path.Combine(Folder, part), "*.cs*", SearchOption.AllDirectories))
            .SelectMany(file => Key().Matches(File.ReadAllText(file)).Select(match => match.Groups["key"].Value)).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(used);
        Assert.DoesNotContain(used, key => !known.Contains(key));
    }

    [Fact]
    public void Every_word_for_a_state_is_there()
    {
        var known = Texts("en").Keys.ToHashSet(StringComparer.Ordinal);
        (string Family, Type Words)[] handlers =
        [
            ("state", typeof(EnrollmentState)), ("role", typeof(UserRole)), ("phase", typeof(EventPhase)), ("siteEvent", typeof(SiteEventState)), ("opt", typeof(OptState)), ("optReason", typeof(OptReason)),
            ("eventChange", typeof(EventChange)), ("optPolicy", typeof(OptPolicy)), ("owner", typeof(ActionOwner)), ("eligible", typeof(EligibilityColour)), ("protocol", typeof(ProgramProtocol)),
            ("certificateState", typeof(CertificateState)), ("meterKind", typeof(MeterKind)), ("wiring", typeof(PhaseWiring)), ("code", typeof(InstallationCode)), ("lampState", typeof(LampState)),
            ("actor", typeof(AuditActorKind)), ("tier", typeof(GridServices.Contracts.Tier)), ("clock", typeof(ClockChoice)),
            ("billState", typeof(BillState)), ("preliminary", typeof(PreliminaryReason)), ("verdict", typeof(ComplianceVerdict)), ("respected", typeof(LimitAnswer)), ("reportStatus", typeof(ReportStatus)), ("quality", typeof(DataQuality)),
        ];
        Assert.DoesNotContain(handlers.SelectMany(handler => Enum.GetNames(handler.Words).Select(word => $"{handler.Family}.{char.ToLowerInvariant(word[0])}{word[1..]}")), key => !known.Contains(key));
    }

    [Theory]
    [InlineData("en", 60_000, "60\u00a0kW")]
    [InlineData("de", 62_500, "62,5\u00a0kW")]
    [InlineData("fr", 3_100_000, "3,1\u00a0MW")]
    [InlineData("en", 60_001, "60.001\u00a0kW")]
    [InlineData("en", 0, "0\u00a0kW")]
    public void A_limit_is_told_to_the_watt_with_its_unit(string language, long watts, string text) => Assert.Equal(text, new Numbers(Language.Find(language)!).Limit(watts));

    [Fact]
    public void What_is_not_known_is_a_dash_and_never_zero()
    {
        var numbers = new Numbers(Language.English);
        Assert.Equal(["–", "–", "–", "–"], [numbers.Limit(null), numbers.Power(null), numbers.Energy(null), numbers.Money(null, "USD")]);
    }

    [Fact]
    public void The_hour_that_a_clock_change_repeats_is_told_apart()
    {
        var times = new Times(new TextSet(Language.English), ClockChoice.Site, DateTimeZone.Utc);
        var berlin = Times.Find("Europe/Berlin");
        var first = Instant.FromUtc(2026, 10, 25, 0, 30);
        Assert.Equal("02:30 CEST", times.Time(first, berlin));
        Assert.Equal("02:30 CET", times.Time(first + Duration.FromHours(1), berlin));
        Assert.Equal("Sun 25 Oct 2026 02:30 CEST – 02:30 CET", times.Span(first, first + Duration.FromHours(1), berlin));
        Assert.Equal("Fri 28 Nov 2025 16:00–21:00 PST (UTC−8)", times.Span(Instant.FromUtc(2025, 11, 29, 0, 0), Instant.FromUtc(2025, 11, 29, 5, 0), Times.Find("America/Los_Angeles")));
    }

    [Fact]
    public void The_browsers_wishes_choose_the_language()
    {
        Assert.Equal("fr", Language.Choose(null, "es, fr-CA;q=0.8, en;q=0.5").Code);
        Assert.Equal("de", Language.Choose("de", "fr").Code);
        Assert.Equal("en", Language.Choose(null, "!!").Code);
    }

    private static Dictionary<string, string> Texts(string language)
    {
        using var texts = new ResourceManager($"Texts.{language}", typeof(TextSet).Assembly).GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: false)!;
        return texts.Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal);
    }

    private static IEnumerable<string> Places(string text) => Place().Matches(text).Select(match => match.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\{\d\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Place();

    // t["key"…], T["key"…] and the keys that forms pass on ("site.name" as an argument after a field's name).
    [GeneratedRegex("""\b[tT]\["(?<key>[^"]+)"[\],]|(Field|Choice)\("[^"]+", "(?<key>[^"]+)"|Errors\[[^\]]+\] = Ui\.T\["(?<key>[^"]+)"|, "(?<key>[a-zA-Z]+\.[a-zA-Z]+Hint)\b""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();
}
