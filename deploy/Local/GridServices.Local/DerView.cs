using System.Text.Json;

namespace GridServices.Local;

/// <summary>IEEE 2030.5 clients and their controls.</summary>
internal sealed class DerView(ServiceApi api) : ServiceView("ieee2030-5")
{
    protected override async Task LookAsync(CancellationToken cancel)
    {
        foreach (var client in await api.ListAsync("ieee2030-5", "/v1/clients", cancel))
        {
            var key = Text(client, "clientKey");
            Say($"client {key}", Condition(client.GetProperty("condition")));
            foreach (var control in await api.ListAsync("ieee2030-5", $"/v1/clients/{key}/controls", cancel))
            {
                Say($"control {Text(control, "mRid")}", Control(control));
            }
        }
    }

    private static string Condition(JsonElement condition) => $"the line is {Text(condition, "status")}; SFDI {Text(condition, "sfdi")}";

    private static string Control(JsonElement control)
    {
        var settings = control.GetProperty("settings").EnumerateArray().Select(s => $"{Text(s, "mode")} {Text(s, "amount")}");
        var told = control.GetProperty("told").EnumerateArray().Select(t => t.ToString());
        return $"{Text(control, "status")}, from {Text(control, "start")} until {Text(control, "end")}: {string.Join(", ", settings)}; responses {string.Join(' ', told)}";
    }
}
