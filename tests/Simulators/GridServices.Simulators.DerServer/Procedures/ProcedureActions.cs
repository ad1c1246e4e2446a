using GridServices.Simulators.DerServer.Control;
using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>What a procedure does to the utility.</summary>
internal sealed class ProcedureActions(SimulatedUtility utility)
{
    private static readonly string[] Modes =
    [
        "opModImpLimW", "opModExpLimW", "opModGenLimW", "opModLoadLimW", "opModStorageTargetW", "opModConnect", "opModEnergize", "opModFixedW",
    ];

    private readonly Dictionary<string, SimControl> controls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimRateComponent> components = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimProgram> programs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> routes = new(StringComparer.Ordinal);

    /// <summary>The control a procedure calls by a tag.</summary>
    public SimControl Control(string tag) => controls.TryGetValue(tag, out var control) ? control : throw new SimException($"No control was made with tag {tag}.");

    /// <summary>The path an endpoint stands for: <c>$randuri_1</c> is drawn once.</summary>
    public string Path(string endpoint) => endpoint.StartsWith('$')
        ? routes.TryGetValue(endpoint, out var known) ? known : routes[endpoint] = $"/{Guid.NewGuid():N}"
        : endpoint;

    /// <summary>True where the action was one on the utility; steps and the end are the run's own.</summary>
    public bool Run(ProcedurePart action)
    {
        switch (action.Type)
        {
            case "set-comms-rate":
                SetRates(action);
                break;
            case "create-der-program":
                AddProgram(action);
                break;
            case "set-default-der-control":
                SetDefault(action);
                break;
            case "create-der-control":
                AddControl(action);
                break;
            case "cancel-active-der-controls":
                CancelAll();
                break;
            case "create-tariff-profile":
                AddTariff(action);
                break;
            case "create-rate-component":
                AddComponent(action);
                break;
            case "create-time-tariff-interval":
                AddPrice(action);
                break;
            case "cancel-time-tariff-intervals":
                utility.Tariffs.SelectMany(t => t.Components).SelectMany(c => c.Intervals).Where(p => p.End > utility.Now).ToList().ForEach(utility.Cancel);
                break;
            case "communications-status":
                utility.Faults.Outage = action.Flag("enabled") ? null : 500;
                break;
            case "register-end-device":
                Register(action);
                break;
            case "edev-registration-links":
                utility.InBandPin = action.Flag("enabled") ? utility.InBandPin : null;
                utility.Devices.ToList().ForEach(d => utility.Change(d, x => x.Pin = action.Flag("enabled") ? x.Pin : null));
                break;
            case "create-wellknown-route":
                utility.WellKnown = (utility.WellKnown ?? WellKnown.Plain).With(action.Text("version")!, [.. action.Texts("dcap_paths").Select(Path)]);
                break;
            case "add-proxy-route":
                utility.Faults.Proxies[Path(action.Text("route")!)] = action.Text("proxy_to")!;
                break;
            case "set-clock":
                utility.ClockOffset = Duration.FromSeconds(action.Number("offset_seconds") ?? 0);
                break;
            case "set-fault":
                utility.Faults.Reply(action.Text("path")!, new CannedReply { Status = action.Number("status") ?? 500 });
                break;
            default:
                return false;
        }

        return true;
    }

    private void SetRates(ProcedurePart a)
    {
        utility.Rates = utility.Rates with
        {
            Dcap = a.Number("dcap_poll_seconds") ?? utility.Rates.Dcap,
            EndDevices = a.Number("edev_list_poll_seconds") ?? utility.Rates.EndDevices,
            Fsa = a.Number("fsa_list_poll_seconds") ?? utility.Rates.Fsa,
            Der = a.Number("der_list_poll_seconds") ?? utility.Rates.Der,
            Programs = a.Number("derp_list_poll_seconds") ?? utility.Rates.Programs,
            Tariffs = a.Number("tp_list_poll_seconds") ?? utility.Rates.Tariffs,
            Prices = a.Number("tti_list_poll_seconds") ?? utility.Rates.Prices,
            Mup = a.Number("mup_post_seconds") ?? utility.Rates.Mup,
        };
        if (a.Number("edev_post_seconds") is { } post)
        {
            utility.Devices.ToList().ForEach(d => utility.Change(d, x => x.PostRate = post));
        }
    }

    private void AddProgram(ProcedurePart a)
    {
        var (primacy, fsa) = Place(a);
        var forDevices = a.Texts("end_device_indexes") is { Count: > 0 } indexes
            ? indexes.Select(i => utility.Devices.Where(d => d.Number > 0).ElementAt(int.Parse(i, System.Globalization.CultureInfo.InvariantCulture)).Number)
            : null;
        var program = utility.AddProgram(primacy, fsa, forDevices: forDevices);
        if (a.Text("tag") is { } tag)
        {
            programs[tag] = program;
        }
    }

    private SimProgram GetOrAddProgram(ProcedurePart a) =>
        a.Text("der_program_tag") is { } tag && programs.TryGetValue(tag, out var tagged) ? tagged
        : a.Text("primacy") is null && a.Text("fsa_id") is null && utility.Programs is [var only, ..] ? only
        : utility.Programs.FirstOrDefault(p => (p.Primacy, p.Fsa) == Place(a)) ?? utility.AddProgram(Place(a).Primacy, Place(a).Fsa);

    private static (byte Primacy, int Fsa) Place(ProcedurePart a) => ((byte)(a.Number("primacy") ?? 0), a.Number("fsa_id") ?? 1);

    private void SetDefault(ProcedurePart a)
    {
        var program = a.Number("derp_id") is { } number
            ? utility.Programs.FirstOrDefault(p => p.Number == number) ?? throw new SimException($"There is no program {number}.")
            : utility.Programs.Count > 0 ? utility.Programs[0] : utility.AddProgram(0);
        if (a.Flag("cancelled"))
        {
            utility.SetDefault(program, null);
            return;
        }

        // What an action does not name stays as it was.
        var values = new Dictionary<string, decimal>(program.Default?.Modes.Values ?? SimModes.None.Values, StringComparer.Ordinal);
        foreach (var (mode, value) in Read(a).Values)
        {
            values[mode] = value;
        }

        utility.SetDefault(program, new SimModes(values), a.Number("setGradW") ?? program.Default?.SetGradW);
    }

    private void AddControl(ProcedurePart a)
    {
        var modes = Read(a);
        if (a.Number("ramp_time_seconds") is { } ramp)
        {
            modes = new SimModes(new Dictionary<string, decimal>(modes.Values, StringComparer.Ordinal) { ["rampTms"] = ramp });
        }

        var control = utility.AddControl(
            GetOrAddProgram(a), Expression.Instant(a.Text("start") ?? "$(now)", utility.Now), Duration.FromSeconds(a.Number("duration_seconds") ?? 300),
            a.Number("pow_10_multipliers") is { } power ? modes with { Multiplier = power } : modes, a.Number("randomizeStart_seconds"));
        if (a.Text("tag") is { } tag)
        {
            controls[tag] = control;
        }
    }

    private void AddTariff(ProcedurePart a)
    {
        var (primacy, fsa) = Place(a);
        utility.AddTariff(primacy, fsa, a.Number("price_pow_10_multiplier") ?? 0);
    }

    private void AddComponent(ProcedurePart a)
    {
        var component = utility.AddComponent(
            utility.Tariffs[^1], a.Number("flow_direction"), a.Number("uom") ?? 72, a.Number("power_of_ten_multiplier") ?? 0, a.Number("commodity"));
        components[a.Text("tag") ?? component.MRid] = component;
    }

    private void AddPrice(ProcedurePart a)
    {
        var component = components.TryGetValue(a.Text("rate_component_tag") ?? string.Empty, out var tagged) ? tagged : throw new SimException($"No component was made with tag {a.Text("rate_component_tag")}.");
        var blocks = new List<(long, int)> { (0, a.Number("price_pow10_encoded_block0") ?? 0) };
        if (a.Number("price_pow10_encoded_block1") is { } second)
        {
            blocks.Add((a.Number("price_start_pow10_block1") ?? 0, second));
        }

        utility.AddPrice(component, Expression.Instant(a.Text("start") ?? "$(now)", utility.Now), Duration.FromSeconds(a.Number("duration_seconds") ?? 300), blocks);
    }

    private void CancelAll()
    {
        foreach (var program in utility.Programs)
        {
            foreach (var control in program.Controls.Where(c => c.End > utility.Now && c.CancelledAt is null).ToList())
            {
                utility.Cancel(program, control);
            }
        }
    }

    private void Register(ProcedurePart a)
    {
        var pin = a.Number("registration_pin");
        utility.InBandPin = pin;
        foreach (var device in utility.Devices)
        {
            utility.Change(device, d => d.Pin = pin is { } digits ? Incoming.LFdiRules.Pin(digits) : null);
        }
    }

    private SimModes Read(ProcedurePart a) => new(Modes.Where(m => a.Text(m) is not null).ToDictionary(
        m => m, m => Expression.Number(a.Text(m)!, utility.Options.MaxImportW, utility.Options.MaxExportW), StringComparer.Ordinal));
}
