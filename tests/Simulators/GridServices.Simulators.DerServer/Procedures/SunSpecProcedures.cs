using System.Text.Json.Nodes;

namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>Procedures of our own, named after the SunSpec CSIP tests whose purpose they share; their texts are not public.</summary>
public static class SunSpecProcedures
{
    private const string Responses = "/edev/1/rsps/site_control/rsp";

    private static readonly ProcedurePart[] Usual =
    [
        Do("set-comms-rate", ("dcap_poll_seconds", "60"), ("edev_list_poll_seconds", "60"), ("fsa_list_poll_seconds", "60"), ("der_list_poll_seconds", "60"), ("derp_list_poll_seconds", "60"), ("mup_post_seconds", "60")),
        Do("create-der-program", ("primacy", "10")),
        Do("set-default-der-control", ("opModImpLimW", "$(maxImportW)"), ("opModExpLimW", "$(maxExportW * 0.5)")),
    ];

    private static readonly ProcedurePart[] Registered = [Do("end-device-contents"), Do("der-settings-contents")];

    public static IReadOnlyList<Procedure> All { get; } =
    [
        New("COMM-002", "Discovery from the device capability on", isImmediate: true,
            Step("GET-DCAP", Get("/dcap"), "GET-TM"),
            Step("GET-TM", Get("/tm"), "GET-EDEV"),
            Step("GET-EDEV", Get("/edev"), "GET-DERP"),
            Step("GET-DERP", Get("/edev/1/fsa/1/derp"), "GET-DDERC"),
            Step("GET-DDERC", Get("/edev/1/derp/1/dderc"))),
        New("CORE-003", "Every resource is polled at its own rate",
            Step("WAIT", Wait(600))) with
            {
                Criteria = [Done, new ProcedurePart("all-polls-at-correct-time", Polled())],
            },
        New("CORE-005", "Events follow the server's clock, which is 50 s ahead",
            Step("GET-TM", Get("/tm"), "STARTED", Do("create-der-control", ("start", "$(now + '3 minutes')"), ("duration_seconds", "60"), ("opModExpLimW", "0"), ("tag", "C1"))),
            Step("STARTED", Response(2, "C1"), "COMPLETED"),
            Step("COMPLETED", Response(3, "C1"))) with { InitActions = [.. Usual, Do("set-clock", ("offset_seconds", "50"))] },
        New("CORE-009", "The device finds itself and its links",
            Step("GET-EDEV", Get("/edev"), "GET-DER"),
            Step("GET-DER", Get("/edev/1/der"))),
        New("CORE-011", "A program of a second assignment that appears later counts by its primacy",
            Step("WAIT", Wait(70), "GET-DERP", Do("create-der-program", ("primacy", "1"), ("fsa_id", "2"))),
            Step("GET-DERP", Get("/edev/1/fsa/2/derp"), "STARTED",
                Do("create-der-control", ("start", "$(now + '2 minutes')"), ("duration_seconds", "120"), ("primacy", "1"), ("fsa_id", "2"), ("opModExpLimW", "0"), ("tag", "C1"))),
            Step("STARTED", Response(2, "C1"))),
        New("CORE-013", "A control is received, started and completed",
            Step("WAIT", Wait(10), "COMPLETED",
                Do("create-der-control", ("start", "$(now + '90 seconds')"), ("duration_seconds", "60"), ("opModExpLimW", "$(maxExportW * 0.2)"), ("tag", "C1"))),
            Step("COMPLETED", Response(3, "C1"))) with { Criteria = [Done, Everyone(1), Everyone(2)] },
        New("CORE-014", "Capability, settings and status are told", isImmediate: true,
            Step("PUT-CAPABILITY", Put("/edev/1/der/1/dercap"), "PUT-SETTINGS"),
            Step("PUT-SETTINGS", Put("/edev/1/der/1/derg"))) with { Criteria = [Done, Do("der-capability-contents", ("rtgMaxW", "true")), Do("der-status-contents")] },
        New("CORE-021", "Randomised controls start and end once each",
            Step("WAIT", Wait(10), "WAIT-2",
                Do("create-der-control", ("start", "$(now + '2 minutes')"), ("duration_seconds", "120"), ("opModExpLimW", "0"), ("randomizeStart_seconds", "60"), ("tag", "C1")),
                Do("create-der-control", ("start", "$(now + '10 minutes')"), ("duration_seconds", "120"), ("opModExpLimW", "0"), ("randomizeStart_seconds", "-60"), ("tag", "C2"))),
            Step("WAIT-2", Wait(900))) with { Criteria = [Done, Everyone(1), Everyone(2), Everyone(3)] },
        New("CORE-022", "A cancelled control and a superseded one are answered",
            Step("WAIT", Wait(10), "STARTED", Do("create-der-control", ("start", "$(now + '60 seconds')"), ("duration_seconds", "600"), ("opModExpLimW", "0"), ("tag", "C1"))),
            Step("STARTED", Response(2, "C1"), "SUPERSEDED", Do("create-der-control", ("start", "$(now + '2 minutes')"), ("duration_seconds", "600"), ("opModExpLimW", "1000"), ("tag", "C2"))),
            Step("SUPERSEDED", Response(7, "C1"), "STARTED-2"),
            Step("STARTED-2", Response(2, "C2"), "CANCELLED", Do("cancel-active-der-controls")),
            Step("CANCELLED", Response(6, "C2"))),
        New("BASIC-014", "A service point's control overrides the system's while both last",
            Step("WAIT", Wait(10), "STARTED",
                Do("create-der-control", ("start", "$(now + '60 seconds')"), ("duration_seconds", "900"), ("opModExpLimW", "5000"), ("tag", "SYSTEM")),
                Do("create-der-program", ("primacy", "1"))),
            Step("STARTED", Response(2, "SYSTEM"), "OVERRIDDEN",
                Do("create-der-control", ("start", "$(now + '2 minutes')"), ("duration_seconds", "120"), ("primacy", "1"), ("opModExpLimW", "0"), ("tag", "POINT"))),
            Step("OVERRIDDEN", Response(7, "SYSTEM"), "COMPLETED"),
            Step("COMPLETED", Response(3, "POINT"))),
        New("BASIC-026", "An outage in the middle of a schedule costs no control",
            Step("WAIT", Wait(10), "RECEIVED", Do("create-der-control", ("start", "$(now + '5 minutes')"), ("duration_seconds", "600"), ("opModExpLimW", "0"), ("tag", "C1"))),
            Step("RECEIVED", Response(1, "C1"), "WAIT-OUTAGE", Do("communications-status", ("enabled", "false"))),
            Step("WAIT-OUTAGE", Wait(420), "COMPLETED", Do("communications-status", ("enabled", "true"))),
            Step("COMPLETED", Response(3, "C1"))) with { Criteria = [Done, Everyone(2)] },
        New("ERR-001", "Errors on single resources stop nothing else",
            Step("WAIT", Wait(10), "STARTED",
                Do("set-fault", ("path", "/edev/1/derp/1/dderc"), ("status", "404")), Do("set-fault", ("path", "/mup"), ("status", "403")), Do("set-fault", ("path", "/tm"), ("status", "405")),
                Do("set-fault", ("path", "/edev/1/der"), ("status", "503")),
                Do("create-der-control", ("start", "$(now + '3 minutes')"), ("duration_seconds", "60"), ("opModExpLimW", "0"), ("tag", "C1"))),
            Step("STARTED", Response(2, "C1"), "COMPLETED"),
            Step("COMPLETED", Response(3, "C1"))),
    ];

    private static ProcedurePart Done => Do("all-steps-complete");

    /// <exception cref="SimException">There is none of that name.</exception>
    public static Procedure Named(string name) =>
        All.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new SimException($"\"{name}\" is neither a file nor one of {string.Join(", ", All.Select(p => p.Name))}.");

    private static Procedure New(string name, string description, params ProcedureStep[] steps) => New(name, description, isImmediate: false, steps);

    private static Procedure New(string name, string description, bool isImmediate, params ProcedureStep[] steps) => new()
    {
        Name = name,
        Description = description,
        IsImmediate = isImmediate,
        InitActions = Usual,
        Preconditions = isImmediate ? [] : Registered,
        Steps = steps,
        Criteria = [Done],
    };

    /// <summary>A step that is done once its event has come; then the next one begins.</summary>
    private static ProcedureStep Step(string name, (ProcedurePart Event, ProcedurePart[] Checks) trigger, string? next = null, params ProcedurePart[] actions) => new(
        name, trigger.Event, trigger.Checks, [.. actions, .. next is null ? Array.Empty<ProcedurePart>() : [Steps("enable-steps", next)], Steps("remove-steps", name)], []);

    private static (ProcedurePart, ProcedurePart[]) Get(string path) => (Do("GET-request-received", ("endpoint", path)), []);

    private static (ProcedurePart, ProcedurePart[]) Put(string path) => (Do("PUT-request-received", ("endpoint", path), ("serve_request_first", "true")), []);

    private static (ProcedurePart, ProcedurePart[]) Wait(int seconds) => (Do("wait", ("duration_seconds", $"{seconds}")), []);

    private static (ProcedurePart, ProcedurePart[]) Response(int status, string tag) =>
        (Do("POST-request-received", ("endpoint", Responses), ("serve_request_first", "true")), [Do("response-contents", ("status", $"{status}"), ("subject_tag", tag))]);

    private static ProcedurePart Everyone(int status) => Do("response-contents", ("all", "true"), ("status", $"{status}"));

    private static ProcedurePart Do(string type, params (string Name, string Value)[] parameters) =>
        new(type, new JsonObject(parameters.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Value))));

    private static ProcedurePart Steps(string type, string step) => new(type, new JsonObject { ["steps"] = new JsonArray(step) });

    private static JsonObject Polled() => new()
    {
        ["poll_interval_seconds"] = "60",
        ["endpoints"] = new JsonArray("/dcap", "/edev", "/edev/1/fsa", "/edev/1/der", "/edev/1/fsa/1/derp", "/edev/1/derp/1/dderc", "/edev/1/derp/1/derc"),
    };
}
