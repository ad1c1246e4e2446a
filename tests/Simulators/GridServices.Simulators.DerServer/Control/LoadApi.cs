using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Simulators.DerServer.Control;

/// <summary>What a tester can ask of demand response: <c>/sim/load-programs</c>, <c>/sim/load-controls</c>, <c>/sim/sheddable</c>.</summary>
internal static class LoadApi
{
    public static void MapLoads(this RouteGroupBuilder sim, SimulatedUtility utility)
    {
        sim.MapGet("/load-programs", () => ControlApi.Answer(utility.LoadPrograms.Select(Show)));
        sim.MapPost("/load-programs", async (HttpRequest request) =>
        {
            var body = await ControlApi.Body<LoadProgramBody>(request);
            return ControlApi.Answer(Show(utility.AddLoadProgram(body.Primacy, body.Fsa)));
        });
        sim.MapDelete("/load-programs/{number:int}", (int number) =>
        {
            utility.RemoveLoadProgram(Program(utility, number));
            return Results.NoContent();
        });
        sim.MapGet("/load-controls", () => ControlApi.Answer(utility.LoadPrograms.SelectMany(p => p.Controls.Select(c => Show(p, c, utility.Now)))));
        sim.MapPost("/load-controls", async (HttpRequest request) =>
        {
            var body = await ControlApi.Body<LoadControlBody>(request);
            var program = Program(utility, body.Program);
            var control = utility.AddLoadControl(program, utility.Now + Duration.FromSeconds(body.InSeconds), Duration.FromSeconds(body.Seconds), body.Wish ?? new SimLoadWish());
            return ControlApi.Answer(Show(program, control, utility.Now));
        });
        sim.MapPost("/load-controls/{number:int}/cancel", (int number) =>
        {
            utility.Cancel(utility.LoadPrograms.SelectMany(p => p.Controls).FirstOrDefault(c => c.Number == number) ?? throw new SimException($"There is no load control {number}."));
            return Results.NoContent();
        });
        sim.MapGet("/sheddable", () => ControlApi.Answer(utility.Sheddable.Select(s => new { s.Device, s.Number, xml = s.Xml.ToString() })));
    }

    private static SimLoadProgram Program(SimulatedUtility utility, int number) =>
        utility.LoadPrograms.FirstOrDefault(p => p.Number == number) ?? throw new SimException($"There is no demand response program {number}.");

    private static object Show(SimLoadProgram p) => new { p.Number, p.MRid, p.Primacy, p.Fsa };

    private static object Show(SimLoadProgram p, SimLoadControl c, Instant now) => new { c.Number, program = p.Number, c.MRid, c.Created, c.Start, c.End, c.Wish, status = c.StatusAt(now), c.CancelledAt, c.SupersededAt };

    private sealed record LoadProgramBody(byte Primacy, int Fsa = 1);

    private sealed record LoadControlBody(SimLoadWish? Wish, int Program = 1, int InSeconds = 0, int Seconds = 300);
}
