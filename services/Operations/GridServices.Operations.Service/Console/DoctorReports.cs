using System.Text.Json;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Console.Texts;

namespace GridServices.Operations.Service.Console;

/// <summary>One finding of a doctor.</summary>
internal sealed record DoctorLine(bool Good, string Text);

/// <summary>Asks the service's doctor about the line to the utility: reachable, TLS, chain, clock, and what to do.</summary>
internal sealed class DoctorReports(ServiceCalls calls, IOpenAdrApi openAdr, IIeee2030Dot5Api ieee)
{
    private const decimal MostSkew = 2;

    internal async Task<IReadOnlyList<DoctorLine>> ReadAsync(Enrollment enrollment, ProgramProtocol protocol, TextSet texts, CancellationToken ct)
    {
        var identity = enrollment.Identity;
        var reply = protocol == ProgramProtocol.OpenAdr20b
            ? identity.VenKey is { } ven ? await calls.CallAsync(ServiceName.OpenAdr, enrollment.Tenant, token => openAdr.GetDoctorAsync(token, ven, ct), ct) : null
            : identity.ClientKey is { } client ? await calls.CallAsync(ServiceName.Ieee2030Dot5, enrollment.Tenant, token => ieee.GetDoctorAsync(token, client, ct), ct) : null;
        return reply switch
        {
            null or { Kind: ReplyKind.NotThere } => [],
            { IsDone: true, Value: var report } => [.. Lines(report, texts)],
            { Problem: var problem } => [new DoctorLine(false, texts["doctor.away", problem])],
        };
    }

    /// <summary>Reachable, TLS and clock in one line, then what to do.</summary>
    private static IEnumerable<DoctorLine> Lines(JsonElement report, TextSet texts)
    {
        var probe = report.GetProperty("probe");
        var reachable = probe.GetProperty("reachable").GetBoolean();
        var tls = Text(probe, "tlsProtocol") is { } protocol ? $", {protocol} {Text(probe, "cipherSuite")}" : string.Empty;
        yield return new DoctorLine(reachable, texts[reachable ? "doctor.reachable" : "doctor.notReachable", Text(report, "vtnUrl") ?? Text(report, "serverUrl"), tls]);
        if (Text(probe, "problem") is { } problem)
        {
            yield return new DoctorLine(false, problem);
        }

        if (report.TryGetProperty("clockSkewS", out var skew) && skew.ValueKind == JsonValueKind.Number)
        {
            yield return new DoctorLine(Math.Abs(skew.GetDecimal()) < MostSkew, texts["doctor.clock", skew.GetDecimal().ToString("0.0", texts.Language.Numbers)]);
        }

        foreach (var advice in report.GetProperty("advice").EnumerateArray())
        {
            yield return new DoctorLine(false, advice.GetString()!);
        }
    }

    private static string? Text(JsonElement holder, string name) => holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
