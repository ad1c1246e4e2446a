using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Web;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests;

/// <summary>A 2030.5 server in memory: resources by path, requests on record, faults on demand.</summary>
internal sealed class FakeServer
{
    public const string Lfdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";
    public const string Sfdi = "167261211391";

    /// <summary>Path (without query) to what answers there.</summary>
    public Dictionary<string, Func<Asked, Reply>> Resources { get; } = new(StringComparer.Ordinal);

    public List<Asked> Requests { get; } = [];

    /// <summary>Answers everything while it is set.</summary>
    public Reply? Outage { get; set; }

    /// <summary>Server time minus the client's.</summary>
    public Duration Offset { get; set; }

    public IEnumerable<string> Gets => Requests.Where(r => r.Method == "GET").Select(r => r.Path);

    public IReadOnlyList<Asked> Posts(string path) => [.. Requests.Where(r => r.Method is "POST" or "PUT" && r.Path == path)];

    public IReadOnlyList<Instant> GetTimes(string path) => [.. Requests.Where(r => r.Method == "GET" && r.Path == path).Select(r => r.At)];

    public void Put(string path, string xml) => Resources[path] = asked => new Reply(asked.Method == "GET" ? 200 : 201, xml);

    public void Status(string path, int status, string? body = null) => Resources[path] = _ => new Reply(status, body ?? string.Empty);

    public void On(string path, Func<Asked, Reply> answer) => Resources[path] = answer;

    public Reply Answer(DerNext.SendRequest request, Instant now)
    {
        var query = request.Href.IndexOf('?', StringComparison.Ordinal);
        var parameters = HttpUtility.ParseQueryString(query < 0 ? string.Empty : request.Href[query..]);
        var asked = new Asked(request.Method, query < 0 ? request.Href : request.Href[..query], Number(parameters["s"]), Number(parameters["l"]),
            request.Body is null ? string.Empty : Encoding.UTF8.GetString(request.Body), request, now);
        Requests.Add(asked);
        return Outage ?? (Resources.TryGetValue(asked.Path, out var answer) ? answer(asked) : new Reply(404, string.Empty));
    }

    /// <summary>A list that pages as it should.</summary>
    public void List(string path, string element, string attributes, Func<IReadOnlyList<string>> items) => On(path, asked =>
    {
        if (asked.Method != "GET")
        {
            return new Reply(201, string.Empty);
        }

        var all = items();
        var page = all.Skip(asked.From ?? 0).Take(asked.Count ?? 1).ToList();
        return new Reply(200, Xml.Build(element, $"href=\"{path}\" all=\"{all.Count}\" results=\"{page.Count}\" {attributes}", string.Concat(page)));
    });

    /// <summary>Seconds between posts that the mirror usage points state; null: none.</summary>
    public int? PostRate { get; set; }

    /// <summary>Mirror usage points that are kept once they were posted.</summary>
    public void WithMirrors(int pollRate)
    {
        var made = new List<string>();
        List("/mup", "MirrorUsagePointList", $"pollRate=\"{pollRate}\"", () => [.. made.Select((body, i) =>
            $"<MirrorUsagePoint href=\"/mup/{i + 1}\"><mRID>{Xml.Text(body, "mRID")}</mRID><roleFlags>{Xml.Text(body, "roleFlags")}</roleFlags><serviceCategoryKind>0</serviceCategoryKind>"
            + $"<status>1</status><deviceLFDI>{Xml.Text(body, "deviceLFDI")}</deviceLFDI>{(PostRate is { } rate ? $"<postRate>{rate}</postRate>" : string.Empty)}</MirrorUsagePoint>")]);
        var list = Resources["/mup"];
        On("/mup", asked =>
        {
            if (asked.Method != "POST")
            {
                return list(asked);
            }

            made.Add(asked.Body);
            Status($"/mup/{made.Count}", 204);
            return new Reply(201, string.Empty, Location: $"/mup/{made.Count}");
        });
    }

    private static int? Number(string? text) => text is null ? null : int.Parse(text, CultureInfo.InvariantCulture);

    internal sealed record Asked(string Method, string Path, int? From, int? Count, string Body, DerNext.SendRequest Request, Instant At);

    internal sealed record Reply(int Status, string Body, string? Location = null, Duration? RetryAfter = null, string? ContentType = "application/sep+xml", string? ETag = null)
    {
        /// <summary>In the charset that the type names.</summary>
        public byte[] Bytes => (ContentType?.Contains("8859-1", StringComparison.OrdinalIgnoreCase) == true ? Encoding.Latin1 : Encoding.UTF8).GetBytes(Body);
    }
}

/// <summary>The smallest documents that say what a test needs.</summary>
internal static class Xml
{
    public const string Ns = "urn:ieee:std:2030.5:ns";
    public const string CsipAus = "https://csipaus.org/ns";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static string Build(string element, string attributes, string content) =>
        $"<{element} xmlns=\"{Ns}\" xmlns:csipaus=\"{CsipAus}\" {attributes}>{content}</{element}>";

    /// <summary>The text of the first element of that name, whatever its prefix.</summary>
    public static string Text(string xml, string element) => Texts(xml, element)[0];

    /// <summary>The texts of all elements of that name.</summary>
    public static IReadOnlyList<string> Texts(string xml, string element) =>
        [.. Regex.Matches(xml, $@"<(?:\w+:)?{element}(?:\s[^>]*)?>([^<]*)<", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, Patience)
            .Select(m => m.Value[(m.Value.IndexOf('>', StringComparison.Ordinal) + 1)..^1])];

    /// <summary>The first element of that name with all that is in it.</summary>
    public static string Element(string xml, string name) =>
        Regex.Match(xml, $@"<(?:\w+:)?{name}(?:\s[^>]*)?>.*?</(?:\w+:)?{name}>", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.Singleline, Patience).Value;

    public static string DeviceCapability(string content, int pollRate = 300) => Build("DeviceCapability", $"href=\"/dcap\" pollRate=\"{pollRate}\"", content);

    public static string Time(Instant time, int quality = 7) =>
        Build("Time", "href=\"/tm\"", $"<currentTime>{time.ToUnixTimeSeconds()}</currentTime><dstEndTime>0</dstEndTime><dstOffset>0</dstOffset>"
            + $"<dstStartTime>0</dstStartTime><quality>{quality}</quality><tzOffset>0</tzOffset>");

    public static string EndDevice(string path, string lfdi, string sfdi, string links) =>
        $"<EndDevice href=\"{path}\">{links}<lFDI>{lfdi}</lFDI><sFDI>{sfdi}</sFDI><changedTime>1700000000</changedTime><enabled>true</enabled></EndDevice>";

    public static string Links(string path, bool registration = true) =>
        $"<DERListLink href=\"{path}/der\" all=\"1\"/><FunctionSetAssignmentsListLink href=\"{path}/fsa\" all=\"1\"/>"
        + (registration ? $"<RegistrationLink href=\"{path}/rg\"/>" : string.Empty) + $"<csipaus:ConnectionPointLink href=\"{path}/cp\"/>";

    public static string Registration(int pin) => Build("Registration", "href=\"/edev/1/rg\"", $"<dateTimeRegistered>1700000000</dateTimeRegistered><pIN>{pin}</pIN>");

    public static string Fsa(string path, string mrid, string programs) =>
        $"<FunctionSetAssignments href=\"{path}\"><DERProgramListLink href=\"{programs}\" all=\"1\"/><mRID>{mrid}</mRID></FunctionSetAssignments>";

    public static string Program(string path, string mrid, int primacy) =>
        $"<DERProgram href=\"{path}\"><mRID>{mrid}</mRID><DefaultDERControlLink href=\"{path}/dderc\"/><DERControlListLink href=\"{path}/derc\" all=\"1\"/><primacy>{primacy}</primacy></DERProgram>";

    public static string Default(string mrid, long exportW, int? gradW = null) => Build("DefaultDERControl", string.Empty,
        $"<mRID>{mrid}</mRID><DERControlBase><csipaus:opModExpLimW><multiplier>0</multiplier><value>{exportW}</value></csipaus:opModExpLimW></DERControlBase>"
        + (gradW is { } g ? $"<setGradW>{g}</setGradW>" : string.Empty));

    public static string Control(string mrid, Instant start, int seconds, long exportW, string replyTo = "/rsp", string more = "", int status = 0, string mode = "csipaus:opModExpLimW") =>
        $"<DERControl href=\"/derc/{mrid}\" replyTo=\"{replyTo}\" responseRequired=\"03\"><mRID>{mrid}</mRID><creationTime>{start.ToUnixTimeSeconds() - 3600}</creationTime>"
        + $"<EventStatus><currentStatus>{status}</currentStatus><dateTime>{start.ToUnixTimeSeconds()}</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
        + $"<interval><duration>{seconds}</duration><start>{start.ToUnixTimeSeconds()}</start></interval>{more}"
        + $"<DERControlBase><{mode}><multiplier>0</multiplier><value>{exportW}</value></{mode}></DERControlBase></DERControl>";

    public static string Der(string path) =>
        $"<DER href=\"{path}\"><DERAvailabilityLink href=\"{path}/dera\"/><DERCapabilityLink href=\"{path}/dercap\"/><DERSettingsLink href=\"{path}/derg\"/><DERStatusLink href=\"{path}/ders\"/></DER>";

    public static string Error(int reason, string message) => Build("Error", string.Empty, $"<reasonCode>{reason}</reasonCode><message>{message}</message>");
}
