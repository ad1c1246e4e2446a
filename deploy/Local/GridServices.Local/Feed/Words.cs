using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Local.Feed;

/// <summary>How numbers, times and names of the services' JSON are written in a line.</summary>
internal static class Words
{
    private const int LongestKey = 14;
    private const int KeptOfKey = 4;
    private const int KeptOfMRid = 12;
    private static readonly Duration NearEnough = Duration.FromHours(20);

    /// <summary>The member's text; empty where it is absent.</summary>
    public static string Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.ToString() : string.Empty;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    /// <summary>To the watt: a limit is never shown rounded.</summary>
    public static string Kw(decimal watts) => (watts / 1000m).ToString("0.0##", CultureInfo.InvariantCulture) + " kW";

    /// <summary>To a tenth of a kilowatt, where it only gives an idea.</summary>
    public static string About(decimal watts) => (watts / 1000m).ToString("0.0", CultureInfo.InvariantCulture) + " kW";

    /// <summary>The clock time; with the date where that is another day's.</summary>
    public static string Time(string rfc3339, Instant now) => InstantPattern.ExtendedIso.Parse(rfc3339) is { Success: true, Value: var at }
        ? at.ToString(at - now < NearEnough && now - at < NearEnough ? "HH:mm:ss" : "uuuu-MM-dd HH:mm", CultureInfo.InvariantCulture)
        : rfc3339;

    /// <summary>"4 min 12 s".</summary>
    public static string Lasting(TimeSpan span) => span.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes} min")
        : span.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{span.Minutes} min {span.Seconds} s") : string.Create(CultureInfo.InvariantCulture, $"{span.Seconds} s");

    /// <summary>From and until; open where there is no end.</summary>
    public static string Span(JsonElement element, Instant now) =>
        element.Text("end") is { Length: > 0 } end ? $"{Time(element.Text("start"), now)} to {Time(end, now)}" : $"from {Time(element.Text("start"), now)} until it is cancelled";

    /// <summary>The end of a long identifier: that is where they differ.</summary>
    public static string Shorten(string key) => Shorten(key, KeptOfKey);

    /// <summary>The end of an mRID with what comes before the enterprise number, which all of one server share.</summary>
    public static string ShortenMRid(string mRid) => Shorten(mRid, KeptOfMRid);

    private static string Shorten(string key, int kept) => key.Length <= LongestKey ? key : string.Concat("…", key.AsSpan(key.Length - kept));

    /// <summary>The first site, and how many more.</summary>
    public static string? Sites(JsonElement element)
    {
        var sites = element.Items("sites").Select(site => site.ToString()).ToList();
        return sites.Count == 0 ? null : sites.Count == 1 ? sites[0] : $"{sites[0]} +{sites.Count - 1}";
    }

    /// <summary>Without its digits: what changes all the time in a reason does not make it another one.</summary>
    public static string WithoutDigits(string text) => string.Concat(text.Where(c => !char.IsAsciiDigit(c)));
}
