using System.Text.Json.Nodes;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn.Control;

/// <summary>The verbs of the control API and of scripts: <c>{"do": "cancel", "eventId": "e1"}</c>.</summary>
internal sealed class Commands(VtnServer vtn, Faults faults, string folder)
{
    /// <exception cref="SimException">The verb is unknown, or what it needs is missing or wrong.</exception>
    public JsonNode Execute(JsonObject command) => Text(command, "do") switch
    {
        "event" => vtn.Issue(Object(command, "event")),
        "modify" => vtn.Modify(Needed(command, "eventId"), Object(command, "event")),
        "cancel" => vtn.Cancel(Needed(command, "eventId")),
        "drop" => Done(() => vtn.Drop(Needed(command, "eventId"))),
        "replay" => vtn.Replay(
            Bytes(command), Text(command, "start"), command["rewriteIds"]?.GetValue<bool>() ?? true, Text(command, "venId"), Text(command, "suffix") ?? "", Text(command, "marketContext")),
        "raw" => Done(() => vtn.Inject(Text(command, "venId"), Bytes(command))),
        "fault" => Done(() => faults.Add(SimJson.Read<Fault>(Object(command, "fault")))),
        "habits" => Done(() => vtn.Habits.Now = SimJson.Read<List<Habit>>(command["habits"])),
        "clear-faults" => Done(faults.Clear),
        "request-reregistration" => Done(() => vtn.RequestReregistration(Text(command, "venId"))),
        "cancel-registration" => Done(() => vtn.CancelRegistration(Text(command, "venId"), Text(command, "registrationId"))),
        "forget" => Done(() => vtn.Forget(Text(command, "venId"))),
        "refuse-opts" => Done(() => vtn.RefuseOpts(Needed(command, "code"), Text(command, "words") ?? "no", command["times"]?.GetValue<int>() ?? 1)),
        "request-metadata" => Done(() => vtn.RequestMetadata(Text(command, "venId"))),
        "request-reports" => vtn.RequestReports(
            Text(command, "venId"), IsoText.ParseDuration(Text(command, "granularity") ?? "PT1M"), IsoText.ParseDuration(Text(command, "reportBack") ?? "PT1M"), Text(command, "rId"),
            Text(command, "start") is { } start ? (IsoText.ParseInstantOrNull(start) ?? throw new SimException($"\"start\": \"{start}\" is no instant."), IsoText.ParseDuration(Text(command, "duration") ?? "PT0S")) : null),
        "cancel-reports" => Done(() => vtn.CancelReports(
            Text(command, "venId"), command["reportRequestIds"]?.AsArray().Select(n => n!.GetValue<string>()).ToList(),
            command["reportToFollow"]?.GetValue<bool>() ?? false, command["piggyBack"]?.GetValue<bool>() ?? false)),
        var verb => throw new SimException($"\"do\": \"{verb}\" is no command."),
    };

    private static JsonObject Done(Action action)
    {
        action();
        return new() { ["done"] = true };
    }

    // Raw bytes come as base64 from the API and as a file beside the script from a script.
    private byte[] Bytes(JsonObject command) => Text(command, "base64") is { } base64
        ? Convert.FromBase64String(base64)
        : File.ReadAllBytes(Path.Combine(folder, Needed(command, "file")));

    private static JsonObject Object(JsonObject command, string name) => command[name] as JsonObject ?? throw new SimException($"\"{name}\" is missing.");

    private static string Needed(JsonObject command, string name) => Text(command, name) ?? throw new SimException($"\"{name}\" is missing.");

    private static string? Text(JsonObject command, string name) => command[name]?.GetValue<string>();
}
