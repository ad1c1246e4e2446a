using System.Text.Json.Nodes;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn.Control;

/// <summary>
/// Timed commands: <c>{"every": "PT3M", "steps": [{"at": "PT5S", "do": "event", "event": {…}}, …]}</c>. Times count from the first VEN's first poll;
/// with <c>every</c> the steps start again for ever. <c>{n}</c> in any text is the round's number.
/// </summary>
internal sealed class Script(VtnServer vtn, Commands commands, JsonObject script, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var every = script["every"]?.GetValue<string>() is { } text ? IsoText.ParseDuration(text).ToTimeSpan() : (TimeSpan?)null;
        while (!vtn.AnyVen)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, stoppingToken);
        }

        // Rounds carry the time of day in their number, so that event IDs differ from those of an earlier run.
        var origin = time.GetTimestamp();
        var first = time.GetUtcNow().ToUnixTimeSeconds();
        for (var n = 0; n == 0 || every is not null; n++)
        {
            foreach (var step in Steps(first + n))
            {
                var at = IsoText.ParseDuration(step["at"]?.GetValue<string>() ?? "PT0S").ToTimeSpan() + (every ?? TimeSpan.Zero) * n;
                await Delay(at - time.GetElapsedTime(origin), stoppingToken);
                Execute(step);
            }

            await Delay((every ?? TimeSpan.Zero) * (n + 1) - time.GetElapsedTime(origin), stoppingToken);
        }
    }

    private List<JsonObject> Steps(long n) =>
        [.. JsonNode.Parse(script["steps"]!.ToJsonString().Replace("{n}", $"{n}", StringComparison.Ordinal))!.AsArray().Select(s => (JsonObject)s!)];

    private Task Delay(TimeSpan delay, CancellationToken ct) => delay > TimeSpan.Zero ? Task.Delay(delay, time, ct) : Task.CompletedTask;

    private void Execute(JsonObject step)
    {
        try
        {
            commands.Execute(step);
        }
        catch (Exception wrong) when (wrong is SimException or IOException or InvalidOperationException)
        {
            vtn.Log.Add("script", null, $"script step \"{step["do"]}\" failed: {wrong.Message}");
        }
    }
}
