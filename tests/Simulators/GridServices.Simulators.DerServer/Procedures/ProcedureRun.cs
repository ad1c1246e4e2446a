using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>How a procedure ended.</summary>
/// <param name="Passed">All steps done and all criteria met.</param>
/// <param name="Complaints">What was missing, in words; empty when passed.</param>
public sealed record ProcedureVerdict(bool Passed, IReadOnlyList<string> Complaints);

/// <summary>
/// A procedure on its way: told of each request before and after it is served, and of time passing. No clock and no thread of its own, so that
/// the same run serves a live server and a test in virtual time.
/// </summary>
public sealed class ProcedureRun : IRequestObserver
{
    /// <summary>How long a person takes to press "proceed".</summary>
    private static readonly Duration Patience = Duration.FromSeconds(90);

    /// <summary>How long a person takes to press "start" once the preconditions hold, and to look at the result once all steps are done.</summary>
    private static readonly Duration Glance = Duration.FromSeconds(20);

    private readonly Lock gate = new();
    private readonly Procedure procedure;
    private readonly SimulatedUtility utility;
    private readonly ProcedureActions actions;
    private readonly ProcedureChecks checks;
    private readonly Duration delay;
    private readonly Dictionary<string, Instant> enabled = new(StringComparer.Ordinal);
    private readonly HashSet<string> open;
    private Instant? ready;
    private Instant? started;
    private Instant? done;

    /// <param name="procedure">What to play.</param>
    /// <param name="utility">Where.</param>
    /// <param name="startAfter">How long the preconditions hold before the test starts; null = 20 s, as a person needs.</param>
    public ProcedureRun(Procedure procedure, SimulatedUtility utility, Duration? startAfter = null)
    {
        ArgumentNullException.ThrowIfNull(procedure);
        ArgumentNullException.ThrowIfNull(utility);
        (this.procedure, this.utility) = (procedure, utility);
        actions = new ProcedureActions(utility);
        checks = new ProcedureChecks(utility, actions);
        delay = startAfter ?? Glance;
        open = procedure.Steps.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        utility.Observer = this;
        Perform(procedure.InitActions);
        if (procedure.IsImmediate)
        {
            Start();
        }
    }

    /// <summary>Null while it runs.</summary>
    public ProcedureVerdict? Verdict { get; private set; }

    /// <summary>Since when steps count; null before the preconditions hold.</summary>
    public Instant? Started => started;

    /// <summary>Steps not yet done, those waited for first.</summary>
    public IReadOnlyList<string> Open
    {
        get
        {
            lock (gate)
            {
                return [.. open.OrderBy(s => !enabled.ContainsKey(s))];
            }
        }
    }

    public void Before(SimRequest request) => Locked(() => Fire(s => !s.Event.Flag("serve_request_first") && Matches(s, request)));

    public void After(SimRequest request, SimReply reply) => Locked(() =>
    {
        Begin();
        Fire(s => s.Event.Flag("serve_request_first") && Matches(s, request));
    });

    /// <summary>Lets time pass: waits end, preconditions are looked at again. Call about once a second.</summary>
    public void Tick() => Locked(() =>
    {
        Begin();
        Fire(s => s.Event.Type switch
        {
            "wait" => utility.Now >= enabled[s.Name] + Duration.FromSeconds(s.Event.Number("duration_seconds") ?? 0),
            "proceed" => utility.Now >= enabled[s.Name] + Patience,
            _ => false,
        });
        Judge();
    });

    private void Begin()
    {
        if (started is not null)
        {
            return;
        }

        ready = procedure.Preconditions.All(c => checks.Complaint(c, Instant.MinValue) is null) ? ready ?? utility.Now : null;
        if (ready is { } since && utility.Now >= since + delay)
        {
            Start();
        }
    }

    private void Start()
    {
        started = utility.Now;
        utility.Log.Write($"{procedure.Name} begins: {procedure.Description}");
        if (procedure.Steps.Count > 0)
        {
            Enable(procedure.Steps[0].Name);
        }

        Perform(procedure.Actions);
    }

    private void Fire(Func<ProcedureStep, bool> isDue)
    {
        foreach (var step in procedure.Steps.Where(s => enabled.ContainsKey(s.Name)).ToList())
        {
            if (Verdict is null && enabled.ContainsKey(step.Name) && isDue(step) && step.Checks.All(c => checks.Complaint(c, started!.Value) is null))
            {
                Perform(step.Actions);
            }
        }
    }

    private bool Matches(ProcedureStep step, SimRequest request)
    {
        if (!string.Equals(step.Event.Type, $"{request.Method}-request-received", StringComparison.Ordinal))
        {
            return false;
        }

        var wanted = actions.Path(step.Event.Text("endpoint")!);

        // The oldest of the procedures (P-03) mean the program list by a path it had before function set assignments.
        return wanted.EndsWith("/*", StringComparison.Ordinal) ? request.Path.StartsWith(wanted[..^1], StringComparison.Ordinal)
            : string.Equals(wanted, request.Path, StringComparison.Ordinal)
            || (wanted.Split('/') is ["", "edev", var device, "derp"] && request.Path.Split('/') is ["", "edev", var asked, "fsa", _, "derp"] && asked == device);
    }

    private void Perform(IReadOnlyList<ProcedurePart> parts)
    {
        foreach (var part in parts)
        {
            switch (part.Type)
            {
                case "enable-steps":
                    part.Texts("steps").ToList().ForEach(Enable);
                    break;
                case "remove-steps":
                    foreach (var step in part.Texts("steps"))
                    {
                        utility.Log.Write($"{procedure.Name}: {step} done");
                        enabled.Remove(step);
                        open.Remove(step);
                    }

                    break;
                case "finish-test":
                    Finish(part.Text("fail_message") is { } failed ? [failed] : null);
                    break;
                default:
                    if (!actions.Run(part))
                    {
                        throw new SimException($"The simulator has no action {part.Type}.");
                    }

                    break;
            }
        }
    }

    private void Enable(string step)
    {
        enabled[step] = utility.Now;
        foreach (var instruction in procedure.Steps.FirstOrDefault(s => s.Name == step)?.Instructions ?? [])
        {
            utility.Log.Write($"{procedure.Name}: {instruction}");
        }
    }

    private void Judge()
    {
        var ignored = procedure.Criteria.FirstOrDefault(c => c.Type is "all-steps-complete")?.Texts("ignored_steps") ?? [];
        done = started is not null && open.All(s => ignored.Contains(s, StringComparer.Ordinal)) ? done ?? utility.Now : null;
        if (done is not { } since || utility.Now < since + Glance)
        {
            return;
        }

        // A person ends the test once what it asks for is there, or once nothing more can come.
        var last = utility.Programs.SelectMany(p => p.Controls).Select(c => c.End).Append(since).Max() + Patience;
        if (utility.Now >= last || !Complaints().Any())
        {
            Finish(null);
        }
    }

    private IEnumerable<string> Complaints() =>
        procedure.Criteria.Where(c => c.Type is not "all-steps-complete").Select(c => checks.Complaint(c, started!.Value)).OfType<string>();

    private void Finish(IReadOnlyList<string>? failures)
    {
        if (Verdict is not null)
        {
            return;
        }

        var complaints = failures ?? [.. Complaints()];
        Verdict = new ProcedureVerdict(complaints.Count == 0, complaints);
        utility.Log.Write($"{procedure.Name} {(Verdict.Passed ? "passed" : $"failed: {string.Join("; ", complaints)}")}");
    }

    private void Locked(Action body)
    {
        lock (gate)
        {
            if (Verdict is null)
            {
                body();
            }
        }
    }
}
