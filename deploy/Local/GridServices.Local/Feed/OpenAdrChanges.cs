using System.Text.Json;
using NodaTime;

namespace GridServices.Local.Feed;

/// <summary>From <c>GET /v1/vens</c> and <c>…/events</c>.</summary>
internal static class OpenAdrChanges
{
    private const string Source = "openadr";

    public static IEnumerable<Change> Read(JsonElement ven, IEnumerable<JsonElement> events, Instant now)
    {
        var owner = $"VEN {ven.Text("venKey")}";
        var site = Words.Sites(ven);
        return events.Select(occurrence => Event(occurrence, site, owner, now)).Prepend(Ven(ven, site, owner));
    }

    private static Change Ven(JsonElement ven, string? site, string owner)
    {
        var condition = ven.GetProperty("condition");
        var (status, problem) = (condition.Text("status"), condition.Text("problem"));
        var text = ven.Text("state") == "registered"
            ? $"{owner}: registered with {condition.Text("vtnId")} as {ven.Text("venId")}; the line is {status}"
            : $"{owner}: not registered ({ven.Text("state")}); the line is {status}";
        var parked = condition.Items("parked").Count();
        text += parked > 0 ? $"; {parked} message(s) that the VTN does not take" : string.Empty;
        return new Change(Source, site, owner, problem.Length > 0 ? $"{text}: {problem}" : text)
        {
            Owner = owner,
            Sameness = text + Words.WithoutDigits(problem),
            Weight = status == "ok" && parked == 0 ? ChangeWeight.Normal : ChangeWeight.Alarm,
        };
    }

    private static Change Event(JsonElement occurrence, string? site, string owner, Instant now)
    {
        var (key, status) = ($"event {occurrence.Text("eventId")}", occurrence.Text("status"));
        var modification = occurrence.Text("modificationNumber") is { Length: > 0 } number and not "0" ? $", modification {number}" : string.Empty;
        var refusal = occurrence.TryGetProperty("refusal", out var refused) ? $"; answered {refused.Text("code")}: {refused.Text("reason")}" : string.Empty;
        var span = occurrence.Text("start").Length > 0 ? $", {Words.Span(occurrence, now)}" : string.Empty;
        return new Change(Source, site, key, $"{key}: {status}{span}, {occurrence.Text("optType")}{modification}{refusal}")
        {
            Owner = owner,
            Weight = refusal.Length > 0 ? ChangeWeight.Alarm : ChangeWeight.Normal,
            IsOver = status is "completed" or "notListed" or "refused",
        };
    }
}
