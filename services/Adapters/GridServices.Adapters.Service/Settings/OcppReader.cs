using System.Globalization;
using System.Net;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Ocpp;
using NodaTime;

namespace GridServices.Adapters.Service.Settings;

/// <summary>From settings to charging stations and the system in front of them.</summary>
internal static class OcppReader
{
    // OCPP: at most so long an identity.
    private const int LongestId = 48;

    // What all of them are told is thought out at each answer, and takes time by the square of their number.
    private const int MostStations = 250;

    public static OcppPlan Read(AdapterSettings settings, Faults faults)
    {
        faults.Require(settings.Ocpp is not null, "Ocpp", "is missing: the charge-station system and its stations");
        var (ocpp, part) = (settings.Ocpp ?? new OcppSettings(), faults.For("Ocpp"));
        Check(ocpp, part);
        var csms = Csms(ocpp, part.For("Csms"));
        return new OcppPlan
        {
            Csms = csms,
            Answers = Answers(ocpp.Answers, csms.WantsAnswers, ocpp.Csms?.AllowPlain ?? false, part.For("Answers")),
            Stations = Stations(ocpp, part),
            Removed = Removed(ocpp, csms, part),
            StationsFile = ocpp.StationsFile,
            Profile = new ChargingProfile { Version = csms.Version, Id = ocpp.ProfileId, StackLevel = ocpp.StackLevel },
            SharePercent = ocpp.SharePercent,
            Schedule = new ScheduleRules
            {
                ValidFor = Duration.FromSeconds(Math.Max(1, ocpp.ValidForSeconds)),
                Margin = Duration.FromSeconds(ocpp.ClockMarginSeconds),
                MostEntries = Math.Max(1, ocpp.MostPeriods),
            },
            Every = TimeSpan.FromSeconds(ocpp.EverySeconds),
            Patience = TimeSpan.FromSeconds(ocpp.PatienceSeconds),
        };
    }

    private static void Check(OcppSettings ocpp, Faults part)
    {
        part.Require(ocpp.HighestVolts is >= 90 and <= 1_000, "HighestVolts", "is missing or outside 90 to 1000: the highest voltage of a phase, 253 where it has 230 V, 132 where it has 120 V");
        part.Require(ocpp.StationsFile is not { } file || Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))), "StationsFile", "is in a folder that is not there");
        part.Require(ocpp.SharePercent is >= 1 and <= Share.Whole, "SharePercent", "must be between 1 and 100: the stations' part of the site's limit");
        part.Require(ocpp.ValidForSeconds is >= 120 and <= 86_400, "ValidForSeconds", "must be between 120 and 86400");
        part.Require(ocpp.ClockMarginSeconds is >= 0 and <= 60, "ClockMarginSeconds", "must be between 0 and 60");
        part.Require(ocpp.EverySeconds is >= 5 and <= 3_600 && ocpp.EverySeconds <= ocpp.ValidForSeconds / 4, "EverySeconds", "must be between 5 and 3600, and at most a quarter of ValidForSeconds");
        part.Require(ocpp.PatienceSeconds is >= 1 and <= 300, "PatienceSeconds", "must be between 1 and 300: so long a station may take to answer");
        part.Require(ocpp.ProfileId >= 1, "ProfileId", "is at least 1");
        part.Require(ocpp.StackLevel >= 0, "StackLevel", "is at least 0");
        part.Require(ocpp.MostPeriods is >= 3 and <= 1_024, "MostPeriods", "must be between 3 and 1024: what the stations take (ChargingScheduleMaxPeriods)");
    }

    private static CsmsPlan Csms(OcppSettings ocpp, Faults faults)
    {
        var csms = ocpp.Csms ?? new CsmsSettings();
        var version = ocpp.Version switch { "1.6" => OcppVersion.V16, "2.0.1" => OcppVersion.V201, "2.1" => OcppVersion.V21, _ => (OcppVersion?)null };
        faults.Require(version is not null, "Version", "of Ocpp is missing or not known: one of 1.6, 2.0.1, 2.1");
        var isAddress = Uri.TryCreate(csms.Address, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";
        faults.Require(isAddress, "Address", "is no address: write the charge-station system's, e.g. http://127.0.0.1:8080");
        faults.Require(
            !isAddress || ThisMachine.IsGuarded(address!, csms.AllowPlain),
            "Address",
            "goes to another machine without TLS: whoever is on the way could loosen a limit. Write https://, or set AllowPlain to true where the network is yours alone");
        faults.Require(csms.TokenFile is null || File.Exists(csms.TokenFile), "TokenFile", $"names {csms.TokenFile}, which is not there");
        faults.Require(csms.Path.StartsWith('/') && csms.Path.Contains("{station}", StringComparison.Ordinal), "Path", "begins with / and has {station} where the station's identity goes");
        return new CsmsPlan
        {
            Address = isAddress ? address! : new Uri("http://127.0.0.1:8080"),
            Path = Fill(csms.Path),
            ClearPath = (csms.ClearPath ?? (csms.Path == CsmsSettings.PathOfCitrineOs ? CsmsSettings.ClearPathOfCitrineOs : null)) is { } clear ? Fill(clear) : null,
            Tenant = csms.Path.Contains("{tenant}", StringComparison.Ordinal) ? csms.Tenant : null,
            TokenFile = csms.TokenFile,
            Version = version ?? OcppVersion.V16,
        };

        string Fill(string path) => path.Replace("{version}", ocpp.Version, StringComparison.Ordinal).Replace("{tenant}", csms.Tenant.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Removed(OcppSettings ocpp, CsmsPlan csms, Faults faults)
    {
        faults.Require(ocpp.Removed.All(id => id is { Length: >= 1 and <= LongestId }), "Removed", $"has an identity that is empty or longer than {LongestId} characters");
        faults.Require(ocpp.Removed.Count <= MostStations, "Removed", $"are more than {MostStations}: take out those that are cleared");
        foreach (var both in ocpp.Removed.Intersect(ocpp.Stations.Select(s => s.Id), StringComparer.Ordinal))
        {
            faults.Add("Removed", $"names {both}, which Stations names too: what it is told would be cleared");
        }

        var (wanted, path) = (ocpp.Removed.Count > 0 || ocpp.Csms?.ClearPath is not null, csms.ClearPath);
        faults.Require(!wanted || path is not null, "Csms:ClearPath", "is missing: where ClearChargingProfile is posted, for the stations of Removed");
        faults.Require(
            path is null || (path.StartsWith('/') && path.Contains(CsmsPlan.StationMark, StringComparison.Ordinal)),
            "Csms:ClearPath",
            "begins with / and has {station} where the station's identity goes");
        faults.Require(
            path is null || path.Contains(CsmsPlan.AnswersMark, StringComparison.Ordinal) == csms.WantsAnswers, "Csms:ClearPath", "has {answers} where Csms:Path has it, and only there");
        return [.. ocpp.Removed.Distinct(StringComparer.Ordinal)];
    }

    private static AnswersPlan? Answers(AnswersSettings? settings, bool isWanted, bool allowPlain, Faults faults)
    {
        if (!isWanted)
        {
            faults.Require(settings is null, "Listen", "is of no use: Csms:Path has no {answers}");
            return null;
        }

        var isListen = IPEndPoint.TryParse(settings?.Listen ?? string.Empty, out var listen) && listen.Port > 0;
        faults.Require(isListen, "Listen", "is no address with a port: where the charge-station system sends the stations' answers, e.g. 127.0.0.1:5190");
        var address = settings?.Address ?? $"http://{settings?.Listen}";
        var isAddress = Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";
        faults.Require(!isListen || isAddress, "Address", "is no address: Listen as the charge-station system reaches it, e.g. http://127.0.0.1:5190");
        faults.Require(
            !isListen || settings?.Address is not null || !(listen!.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any)),
            "Address",
            "is missing: Listen is every address of this machine, and the charge-station system needs one of them");
        faults.Require(
            !isListen || !isAddress || IsAny(uri!) || ThisMachine.IsGuarded(uri!, allowPlain),
            "Address",
            "has another machine's answers come without TLS: whoever is on the way could say that a station accepted. Write https://, with a proxy before Listen, or set Csms:AllowPlain to true where the network is yours alone");
        return new AnswersPlan(listen ?? new IPEndPoint(IPAddress.Loopback, 5190), isAddress ? uri! : new Uri("http://127.0.0.1:5190"));
    }

    private static bool IsAny(Uri address) => IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));

    private static IReadOnlyList<ChargingStation> Stations(OcppSettings ocpp, Faults faults)
    {
        faults.Require(ocpp.Stations.Count > 0, "Stations", "is empty: name every station that draws behind the limit");
        faults.Require(ocpp.Stations.Count <= MostStations, "Stations", $"are more than {MostStations}: divide them among several adapters, each with its SharePercent of the site's limit");
        foreach (var twice in ocpp.Stations.GroupBy(s => s.Id, StringComparer.Ordinal).Where(g => g.Key is not null && g.Count() > 1))
        {
            faults.Add("Stations", $"name {twice.Key} twice");
        }

        return [.. ocpp.Stations.Select((s, i) => Station(s, ocpp.HighestVolts ?? 1_000, faults.For($"Stations:{i}")))];
    }

    private static ChargingStation Station(StationSettings station, decimal volts, Faults faults)
    {
        faults.Require(station.Id is { Length: >= 1 and <= LongestId }, "Id", $"is missing or longer than {LongestId} characters: the station's identity at the charge-station system");
        faults.Require(station.Phases is >= 1 and <= 3, "Phases", "must be between 1 and 3");
        faults.Require(station.MinA is >= 1 and <= 100, "MinA", "must be between 1 and 100: below it the station can't charge (6 by IEC 61851-1)");
        faults.Require(station.MaxA >= station.MinA && station.MaxA <= 2_000, "MaxA", "is missing, below MinA or above 2000: the most that the station can draw of a phase, A; counted while nobody knows what it was told");
        faults.Require(station.Weight is >= 1 and <= 1_000, "Weight", "must be between 1 and 1000");
        faults.Require(Enum.IsDefined(station.Unit), "Unit", "is not known: A or W");
        return new ChargingStation
        {
            Id = station.Id ?? string.Empty,
            Phases = Math.Clamp(station.Phases, 1, 3),
            MaxA = station.MaxA ?? station.MinA,
            MinA = station.MinA,
            HighestVolts = volts,
            Weight = station.Weight,
            Unit = station.Unit,
        };
    }
}
