using System.Xml.Linq;
using GridServices.Simulators.DerServer.Model;
using GridServices.Simulators.DerServer.Resources;

namespace GridServices.Simulators.DerServer;

/// <summary>What can be read, by path.</summary>
public sealed partial class SimulatedUtility
{
    /// <summary>The resource at a path; refused where there is none or the client may not see it.</summary>
    private XElement Read(SimRequest request, string[] path) => path switch
    {
        ["dcap"] => DeviceResources.DeviceCapability(rates, Visible(request).Count, GetMups(request).Count, null),
        ["tm"] => DeviceResources.Time(Now, TimeQuality),
        ["edev"] => SepXml.List("EndDeviceList", "/edev", Page(request), [.. Visible(request).Select(EndDevice)], rates.EndDevices, subscribable: true),
        ["edev", var number, .. var rest] => ReadDevice(request, GetDevice(request, number), rest),
        ["mup"] => SepXml.List("MirrorUsagePointList", "/mup", Page(request), [.. GetMups(request).Select(m => DeviceResources.Mup(m, rates.Mup))], rates.Mup, subscribable: false),
        ["mup", var number] => DeviceResources.Mup(GetMup(request, number), rates.Mup),
        _ => throw Missing(),
    };

    private XElement ReadDevice(SimRequest request, SimDevice d, string[] path) => path switch
    {
        [] => EndDevice(d),
        ["rg"] => d.Pin is null ? throw Missing() : DeviceResources.Registration(d),
        ["cp"] => d is { HasConnectionPoint: true, ConnectionPointId: not null } && xml.Extension is not null ? DeviceResources.ConnectionPoint(d, xml) : throw Missing(),
        ["der"] => SepXml.List(
            "DERList", $"/edev/{d.Number}/der", Page(request), [.. Enumerable.Range(1, d.DerCount).Select(n => DeviceResources.Der(d, n))], rates.Der, subscribable: false),
        ["der", var der] => DeviceResources.Der(d, GetDerNumber(d, der)),
        ["der", var der, var kind] => Put(d, GetDerNumber(d, der), kind),
        ["fsa"] => SepXml.List(
            "FunctionSetAssignmentsList", $"/edev/{d.Number}/fsa", Page(request), [.. GetFsas(d).Select(f => Assignments(d, f))], rates.Fsa, subscribable: true),
        ["fsa", var fsa] => GetFsas(d).Contains(Number(fsa)) ? Assignments(d, Number(fsa)) : throw Missing(),
        ["fsa", var fsa, "derp"] => ProgramList(request, d, $"/edev/{d.Number}/fsa/{fsa}/derp", GetFsas(d).Contains(Number(fsa)) ? Number(fsa) : throw Missing()),
        ["fsa", var fsa, "tp"] => GetFsas(d).Contains(Number(fsa)) ? TariffList(request, d, $"/edev/{d.Number}/fsa/{fsa}/tp", GetTariffs(Number(fsa))) : throw Missing(),
        ["fsa", var fsa, "drp"] => GetFsas(d).Contains(Number(fsa)) ? LoadProgramList(request, d, Number(fsa)) : throw Missing(),
        ["drp", var program, .. var rest] => ReadLoadProgram(request, d, program, rest),
        ["lsl"] => SepXml.List("LoadShedAvailabilityList", $"/edev/{d.Number}/lsl", Page(request), [.. GetSheddable(d).Select(LoadResources.Sheddable)], null, subscribable: false),
        ["tp"] => TariffList(request, d, $"/edev/{d.Number}/tp", tariffs),
        ["tp", var tariff, .. var rest] => ReadTariff(request, d, tariff, rest),
        ["derp"] => ProgramList(request, d, $"/edev/{d.Number}/derp", null),
        ["derp", var program, .. var rest] => ReadProgram(request, d, GetProgram(d, program), rest),
        ["lel"] => SepXml.List("LogEventList", $"/edev/{d.Number}/lel", Page(request), [.. d.LogEvents.OrderByDescending(l => l.Created).Select(l => new XElement(l.Xml))], null, subscribable: false),
        ["frq"] => SepXml.List("FlowReservationRequestList", $"/edev/{d.Number}/frq", Page(request), [.. GetReservations(d).Select(ReservationResources.Request)], rates.Der, subscribable: false),
        ["frq", var number] => ReservationResources.Request(GetReservations(d).FirstOrDefault(r => r.Number == Number(number)) ?? throw Missing()),
        ["frp"] => SepXml.List(
            "FlowReservationResponseList", $"/edev/{d.Number}/frp", Page(request), [.. GetReservations(d).SelectMany(r => r.Grants.Select(g => ReservationResources.Response(r, g, Now)))], null, subscribable: true),
        ["sub"] => SepXml.List("SubscriptionList", $"/edev/{d.Number}/sub", Page(request), [.. GetSubscriptions(d).Select(DeviceResources.Subscription)], null, subscribable: false),
        ["sub", var sub] => DeviceResources.Subscription(GetSubscriptions(d).FirstOrDefault(s => s.Number == Number(sub)) ?? throw Missing()),
        _ => throw Missing(),
    };

    private XElement ReadProgram(SimRequest request, SimDevice d, SimProgram p, string[] path) => path switch
    {
        [] => ProgramResources.Program(d, p, Now),
        ["dderc"] => p.Default is { } s ? ProgramResources.Default(d, p, s, xml) : throw Missing(),
        ["derc"] => Controls(request, d, p, "derc", ProgramResources.Listed(p, Now)),
        ["actderc"] => Controls(request, d, p, "actderc", ProgramResources.Active(p, Now)),
        ["dc"] => SepXml.List("DERCurveList", $"{ProgramResources.Href(d, p)}/dc", Page(request), [.. p.Curves.Select(c => ProgramResources.Curve(d, p, c))], null, subscribable: false),
        ["dc", var curve] => ProgramResources.Curve(d, p, p.Curves.Find(c => c.Number == Number(curve)) ?? throw Missing()),
        ["derc", var control] => ProgramResources.Control(d, p, p.Controls.Find(c => c.Number == Number(control)) ?? throw Missing(), Now, xml),
        _ => throw Missing(),
    };

    private XElement EndDevice(SimDevice d) => DeviceResources.EndDevice(d, GetFsas(d).Count, GetSubscriptions(d).Count(), xml);

    private XElement Assignments(SimDevice d, int fsa) => DeviceResources.Assignments(d, fsa, programs.Count(p => p.Fsa == fsa && IsFor(p, d)), GetTariffs(fsa).Count, GetLoadPrograms(fsa).Count);

    private XElement ProgramList(SimRequest request, SimDevice d, string href, int? fsa) =>
        SepXml.List("DERProgramList", href, Page(request),
            [.. programs.Where(p => IsFor(p, d) && (fsa is null || p.Fsa == fsa)).OrderBy(p => p.Primacy).Select(p => ProgramResources.Program(d, p, Now))], rates.Programs, subscribable: true);

    private XElement Controls(SimRequest request, SimDevice d, SimProgram p, string name, IEnumerable<SimControl> controls) =>
        SepXml.List("DERControlList", $"{ProgramResources.Href(d, p)}/{name}", Page(request), [.. controls.Select(c => ProgramResources.Control(d, p, c, Now, xml))], null, subscribable: true);

    private static XElement Put(SimDevice d, int der, string kind)
    {
        var stored = new XElement(d.Der.GetValueOrDefault($"{der}/{kind}") ?? throw Missing());
        stored.SetAttributeValue("href", $"/edev/{d.Number}/der/{der}/{kind}");
        return stored;
    }

    private static Paging Page(SimRequest request) => Paging.Parse(request.Query);

    /// <summary>Devices a client may see: itself, those it registered or owns; without TLS all.</summary>
    private List<SimDevice> Visible(SimRequest request) => devices.FindAll(d => MaySee(request, d));

    private static bool MaySee(SimRequest request, SimDevice d) =>
        request.LFdi is null || d.Is(request.LFdi) || string.Equals(d.Owner, request.LFdi, StringComparison.OrdinalIgnoreCase);

    private SimDevice GetDevice(SimRequest request, string number)
    {
        var device = devices.Find(d => d.Number == Number(number)) ?? throw Missing();
        return MaySee(request, device) ? device : throw new ProblemException(403, $"client {request.LFdi} has no access to device {number}", reasonCode: 0);
    }

    private static int GetDerNumber(SimDevice d, string number) => Number(number) is var n && n >= 1 && n <= d.DerCount ? n : throw Missing();

    private SimProgram GetProgram(SimDevice d, string number) => programs.Find(p => p.Number == Number(number) && IsFor(p, d)) ?? throw Missing();

    private List<SimMup> GetMups(SimRequest request) =>
        mups.FindAll(m => request.LFdi is null || string.Equals(m.Owner, request.LFdi, StringComparison.OrdinalIgnoreCase));

    private SimMup GetMup(SimRequest request, string number) => GetMups(request).Find(m => m.Number == Number(number)) ?? throw Missing();

    private IReadOnlyList<int> GetFsas(SimDevice d) => [.. programs.Where(p => IsFor(p, d)).Select(p => p.Fsa).Concat(tariffs.Select(t => t.Fsa)).Concat(loadPrograms.Select(p => p.Fsa)).Distinct().Order()];

    private IEnumerable<SimSubscription> GetSubscriptions(SimDevice d) => subscriptions.Where(s => s.Device == d.Number && IsAlive(s));

    private bool IsAlive(SimSubscription s) => SubscriptionLife is not { } life || Now - s.At < life;

    private static bool IsFor(SimProgram p, SimDevice d) => p.Devices?.Contains(d.Number) ?? true;

    private static int Number(string text) => int.TryParse(text, System.Globalization.NumberStyles.None, null, out var number) ? number : throw Missing();

    private static ProblemException Missing() => new(404, "Not Found", reasonCode: 0);
}
