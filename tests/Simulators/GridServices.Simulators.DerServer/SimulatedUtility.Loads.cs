using System.Globalization;
using System.Xml.Linq;
using GridServices.Simulators.DerServer.Incoming;
using GridServices.Simulators.DerServer.Model;
using GridServices.Simulators.DerServer.Resources;
using NodaTime;

namespace GridServices.Simulators.DerServer;

/// <summary>Demand response: programs and controls of loads, and what could be shed.</summary>
public sealed partial class SimulatedUtility
{
    private readonly List<SimLoadProgram> loadPrograms = [];
    private readonly List<SimSheddable> sheddable = [];

    public IReadOnlyList<SimLoadProgram> LoadPrograms => Locked(() => loadPrograms.ToList());

    /// <summary>What clients told that could be shed.</summary>
    public IReadOnlyList<SimSheddable> Sheddable => Locked(() => sheddable.ToList());

    public SimLoadProgram AddLoadProgram(byte primacy, int fsa = 1) => Locked(() =>
    {
        var program = new SimLoadProgram { Number = loadPrograms.Count == 0 ? 1 : loadPrograms.Max(p => p.Number) + 1, MRid = NextMRid('6'), Primacy = primacy, Fsa = fsa };
        loadPrograms.Add(program);
        log.Write($"Demand response program {program.Number} with primacy {primacy} in FSA {fsa}");
        return program;
    });

    /// <summary>Takes a program away from all devices.</summary>
    public void RemoveLoadProgram(SimLoadProgram program) => Locked(() => loadPrograms.Remove(program));

    public SimLoadControl AddLoadControl(SimLoadProgram program, Instant start, Duration length, SimLoadWish wish) => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(wish);
        var control = new SimLoadControl
        {
            Number = ++counter,
            MRid = NextMRid('A'),
            Created = Now,

            // The wire knows whole seconds only.
            Start = Instant.FromUnixTimeSeconds(start.ToUnixTimeSeconds()),
            Length = length,
            Wish = wish,
        };
        foreach (var older in program.Controls.Where(o => o.CancelledAt is null && o.SupersededAt is null && o.Start < control.End && control.Start < o.End))
        {
            older.SupersededAt = Instant.Max(control.Start, Now);
        }

        program.Controls.Add(control);
        issued.Add(control.MRid);
        log.Write(string.Create(CultureInfo.InvariantCulture, $"Demand response program {program.Number}: a control from {control.Start:HH:mm:ss} for {length.TotalSeconds} s"));
        return control;
    });

    public void Cancel(SimLoadControl control) => Locked(() =>
    {
        ArgumentNullException.ThrowIfNull(control);
        control.CancelledAt ??= Now;
        return 0;
    });

    private XElement LoadProgramList(SimRequest request, SimDevice d, int fsa) => SepXml.List(
        "DemandResponseProgramList", $"/edev/{d.Number}/fsa/{fsa}/drp", Page(request), [.. GetLoadPrograms(fsa).OrderBy(p => p.Primacy).Select(p => LoadResources.Program(d, p, Now))], rates.Programs, subscribable: false);

    private XElement ReadLoadProgram(SimRequest request, SimDevice d, string number, string[] path)
    {
        var program = loadPrograms.Find(p => p.Number == Number(number)) ?? throw Missing();
        return path switch
        {
            [] => LoadResources.Program(d, program, Now),
            ["edc"] => SepXml.List("EndDeviceControlList", $"/edev/{d.Number}/drp/{program.Number}/edc", Page(request),
                [.. LoadResources.Listed(program, Now).Select(c => LoadResources.Control(d, program, c, Now))], null, subscribable: false),
            ["edc", var control] => LoadResources.Control(d, program, program.Controls.Find(c => c.Number == Number(control)) ?? throw Missing(), Now),
            _ => throw Missing(),
        };
    }

    private SimReply TakeSheddable(SimRequest request, SimDevice d)
    {
        var made = new SimSheddable(d.Number, ++counter, Posted.Read(request, xml, "LoadShedAvailability").Root);
        sheddable.Add(made);
        log.Write($"Device {d.Number}: could shed {made.Xml.Value}");
        return Created(LoadResources.Href(made));
    }

    private SimReply ChangeSheddable(SimRequest request, SimDevice d, int number)
    {
        var at = sheddable.FindIndex(s => s.Device == d.Number && s.Number == number);
        if (at < 0)
        {
            throw Missing();
        }

        sheddable[at] = sheddable[at] with { Xml = Posted.Read(request, xml, "LoadShedAvailability").Root };
        return new SimReply(204);
    }

    private List<SimLoadProgram> GetLoadPrograms(int fsa) => loadPrograms.FindAll(p => p.Fsa == fsa);

    private List<SimSheddable> GetSheddable(SimDevice d) => sheddable.FindAll(s => s.Device == d.Number);
}
