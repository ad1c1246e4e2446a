using System.Net;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Oscp;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Oscp;
using NodaTime;

namespace GridServices.Adapters.Service.Settings;

/// <summary>From settings to a flexibility provider.</summary>
internal static class OscpReader
{
    public static OscpPlan Read(AdapterSettings settings, Faults faults)
    {
        faults.Require(settings.Oscp is not null, "Oscp", "is missing: the flexibility provider");
        var (oscp, part) = (settings.Oscp ?? new OscpSettings(), faults.For("Oscp"));
        Check(oscp, part);
        var isListen = IPEndPoint.TryParse(oscp.Listen ?? string.Empty, out var listen) && listen.Port > 0;
        part.Require(isListen, "Listen", "is no address with a port: where the flexibility provider's messages come to, e.g. 127.0.0.1:5191");
        var isAddress = Uri.TryCreate(oscp.Address, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";
        part.Require(isAddress, "Address", "is no address: Listen as the flexibility provider reaches it, e.g. https://grid.example/oscp/cp/2.0");
        part.Require(
            !isAddress || ThisMachine.IsGuarded(address!, oscp.AllowPlain),
            "Address",
            "has another machine's messages come without TLS: whoever is on the way reads the tokens. Write https://, with a proxy before Listen, or set AllowPlain to true where the network is yours alone");
        return new OscpPlan
        {
            RegisterUrl = RegisterUrl(oscp, part),
            AllowPlain = oscp.AllowPlain,
            TokenFile = oscp.TokenFile ?? string.Empty,
            RegistrationFile = oscp.RegistrationFile ?? string.Empty,
            Listen = listen ?? new IPEndPoint(IPAddress.Loopback, 5191),
            Address = isAddress ? address! : new Uri("http://127.0.0.1:5191"),
            Forecast = new CapacityForecast
            {
                GroupId = oscp.GroupId ?? string.Empty,
                MostW = oscp.MostW ?? 1,
                SharePercent = oscp.SharePercent,
                Schedule = new ScheduleRules
                {
                    ValidFor = Duration.FromSeconds(Math.Max(2, oscp.ValidForSeconds)),
                    Margin = Duration.FromSeconds(oscp.ClockMarginSeconds),
                    MostEntries = Math.Max(1, oscp.MostBlocks),
                },
            },
            Types = Types(oscp.LeaveOutTypes, part),
            Heartbeat = TimeSpan.FromSeconds(oscp.HeartbeatSeconds),
            Every = TimeSpan.FromSeconds(oscp.EverySeconds),
        };
    }

    private static void Check(OscpSettings oscp, Faults part)
    {
        part.Require(oscp.TokenFile is { } token && File.Exists(token), "TokenFile", oscp.TokenFile is null ? "is missing: its first line is the token of the first registration" : $"names {oscp.TokenFile}, which is not there");
        part.Require(
            oscp.RegistrationFile is { Length: > 0 } kept && Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(kept))),
            "RegistrationFile",
            "is missing, or in a folder that is not there: it keeps the exchanged tokens over restarts");
        part.Require(oscp.GroupId is { Length: >= 1 and <= 200 }, "GroupId", "is missing: the group at the flexibility provider");
        part.Require(oscp.MostW is >= 1, "MostW", "is missing or below 1: what \"no limit\" is told as, the connection's own greatest power, for OSCP has no word for it");
        part.Require(oscp.SharePercent is >= 1 and <= Share.Whole, "SharePercent", "must be between 1 and 100: the group's part of the site's limits");
        part.Require(oscp.ValidForSeconds is >= 120 and <= 172_800, "ValidForSeconds", "must be between 120 and 172800");
        part.Require(oscp.ClockMarginSeconds is >= 0 and <= 60, "ClockMarginSeconds", "must be between 0 and 60");
        part.Require(oscp.MostBlocks is >= 2 and <= 1_000, "MostBlocks", "must be between 2 and 1000");
        part.Require(oscp.HeartbeatSeconds is >= 1 and <= 50, "HeartbeatSeconds", "must be between 1 and 50");
        part.Require(oscp.EverySeconds is >= 10 and <= 86_400 && oscp.EverySeconds <= oscp.ValidForSeconds / 4, "EverySeconds", "is at least 10, and at most a quarter of ValidForSeconds");
    }

    // A fallback of what is never told would hold for nothing, and nothing at all is no adapter.
    private static IReadOnlyList<ForecastType> Types(IReadOnlyList<string> leftOut, Faults part)
    {
        var names = CapacityForecast.Types.Select(CapacityForecast.GetName).ToList();
        foreach (var unknown in leftOut.Except(names, StringComparer.Ordinal))
        {
            part.Add("LeaveOutTypes", $"names {unknown}; here are known: {string.Join(", ", names)}");
        }

        IReadOnlyList<ForecastType> left = [.. CapacityForecast.Types.Where(t => !leftOut.Contains(CapacityForecast.GetName(t), StringComparer.Ordinal))];
        part.Require(left.Contains(ForecastType.Consumption) || left.Contains(ForecastType.Generation), "LeaveOutTypes", "leaves neither CONSUMPTION nor GENERATION: nothing would be told");
        part.Require(left.Contains(ForecastType.Consumption) || !left.Contains(ForecastType.FallbackConsumption), "LeaveOutTypes", "leaves FALLBACK_CONSUMPTION without CONSUMPTION: leave out both");
        part.Require(left.Contains(ForecastType.Generation) || !left.Contains(ForecastType.FallbackGeneration), "LeaveOutTypes", "leaves FALLBACK_GENERATION without GENERATION: leave out both");
        return left;
    }

    private static Uri? RegisterUrl(OscpSettings oscp, Faults part)
    {
        if (oscp.RegisterUrl is null)
        {
            return null;
        }

        var isUrl = Uri.TryCreate(oscp.RegisterUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
        part.Require(isUrl, "RegisterUrl", "is no address: where the flexibility provider takes registrations, e.g. https://fp.example/oscp/fp/register");
        part.Require(
            !isUrl || ThisMachine.IsGuarded(url!, oscp.AllowPlain),
            "RegisterUrl",
            "goes to another machine without TLS: whoever is on the way could loosen a limit. Write https://, or set AllowPlain to true where the network is yours alone");
        return isUrl ? url : null;
    }
}
