using System.Text.Json;

namespace GridServices.Local;

/// <summary>VENs and their events.</summary>
internal sealed class OpenAdrView(ServiceApi api) : ServiceView("openadr")
{
    protected override async Task LookAsync(CancellationToken cancel)
    {
        foreach (var ven in await api.ListAsync("openadr", "/v1/vens", cancel))
        {
            var key = Text(ven, "venKey");
            Say($"VEN {key}", Registration(ven));
            foreach (var occurrence in await api.ListAsync("openadr", $"/v1/vens/{key}/events", cancel))
            {
                Say($"event {Text(occurrence, "eventId")}", Occurrence(occurrence));
            }
        }
    }

    private static string Registration(JsonElement ven)
    {
        var condition = ven.GetProperty("condition");
        var line = $"the line is {Text(condition, "status")}";
        return Text(ven, "state") == "registered"
            ? $"registered with {Text(condition, "vtnId")} as {Text(ven, "venId")}; {line}"
            : $"not registered ({Text(ven, "state")}); {line}";
    }

    private static string Occurrence(JsonElement occurrence)
    {
        var end = Text(occurrence, "end") is { Length: > 0 } known ? known : "it is cancelled";
        return $"modification {Text(occurrence, "modificationNumber")}, {Text(occurrence, "status")}, from {Text(occurrence, "start")} until {end}, {Text(occurrence, "optType")}";
    }
}
